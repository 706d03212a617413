import Glibc

/// A value behind a POSIX mutex.
///
/// In place of the standard library's `Mutex`, because the thread sanitizer cannot see how that one waits, and the
/// connections behind it are worth its eyes.
///
/// `@unchecked Sendable`: the value is reached with the mutex held only.
final class PosixMutex<Value: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    init(_ value: Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
