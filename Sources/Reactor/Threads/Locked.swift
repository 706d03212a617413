internal import Glibc

/// A value behind a lock of the C library.
///
/// In place of `Mutex` of the standard library, whose slow path the thread sanitizer cannot see: it would report every
/// contended lock as a race, and a suite full of false reports hides the true one. As fast.
///
/// `@unchecked Sendable`: the value is reached only through `withLock`, and `sending` keeps others from holding parts
/// of it; the two pointers never change.
package struct Locked<Value>: ~Copyable, @unchecked Sendable {
    private let value: UnsafeMutablePointer<Value>
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    package init(_ initial: consuming sending Value) {
        value = .allocate(capacity: 1)
        value.initialize(to: initial)
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    package borrowing func withLock<Result>(_ body: (inout sending Value) -> sending Result) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value.pointee)
    }
}
