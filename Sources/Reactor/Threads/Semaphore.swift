internal import Glibc

/// A semaphore of the C library: what threads that work for others sleep on.
///
/// `@unchecked Sendable`: `sem_t` is made to be shared by threads; the pointer never changes.
package final class Semaphore: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    package init() {
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Lets one waiter go on.
    package func signal() {
        sem_post(semaphore)
    }

    /// Waits for a signal.
    package func wait() {
        while sem_wait(semaphore) != 0 && errno == EINTR {}
    }

    /// Waits for a signal, but no longer than so many seconds.
    package func wait(seconds: Int) {
        var limit = timespec()
        clock_gettime(CLOCK_REALTIME, &limit)
        limit.tv_sec += seconds
        while sem_timedwait(semaphore, &limit) != 0 && errno == EINTR {}
    }
}
