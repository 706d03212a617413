import Glibc
import Stores

/// The writes that wait for the writer's thread, at most `capacity`.
///
/// `@unchecked Sendable`: every variable is read and changed under `mutex` only. A POSIX mutex, because the thread
/// sleeps on the condition that belongs to it.
final class SQLiteWriteQueue: @unchecked Sendable {
    private let capacity: Int
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let arrival: UnsafeMutablePointer<pthread_cond_t>

    private var waiting: [SQLiteWriter.Job] = []
    private var isThreadAsleep = false
    private var isClosed = false
    private var isDrained = false
    private var closers: [UnsafeContinuation<Void, Never>] = []

    init(capacity: Int) {
        self.capacity = capacity
        mutex = .allocate(capacity: 1)
        arrival = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(arrival, nil)
        waiting.reserveCapacity(capacity)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(mutex)
        arrival.deallocate()
        mutex.deallocate()
    }

    /// Queues a write, or refuses it at once: a queue without end would only make every caller late.
    func append(_ job: SQLiteWriter.Job) throws(StorageError) {
        pthread_mutex_lock(mutex)
        let refusal: StorageError? = isClosed ? .closed : waiting.count >= capacity ? .busy : nil
        if refusal == nil { waiting.append(job) }
        let wakes = isThreadAsleep
        isThreadAsleep = false
        pthread_mutex_unlock(mutex)
        if wakes { pthread_cond_signal(arrival) }
        if let refusal { throw refusal }
    }

    /// What waits, at most `limit` writes; nil when the queue is closed and empty.
    ///
    /// For the writer's thread alone, which sleeps while there is nothing.
    func next(limit: Int) -> [SQLiteWriter.Job]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while waiting.isEmpty {
            guard !isClosed else { return nil }
            isThreadAsleep = true
            pthread_cond_wait(arrival, mutex)
        }
        let batch = Array(waiting.prefix(limit))
        waiting.removeFirst(batch.count)
        return batch
    }

    /// Accepts no more.
    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        isThreadAsleep = false
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(arrival)
    }

    /// The writer's thread has left.
    func finish() {
        pthread_mutex_lock(mutex)
        isDrained = true
        let closers = closers
        self.closers = []
        pthread_mutex_unlock(mutex)
        for closer in closers { closer.resume() }
    }

    /// Returns when the writer's thread has left.
    func drained() async {
        await withUnsafeContinuation { continuation in
            pthread_mutex_lock(mutex)
            let isOver = isDrained
            if !isOver { closers.append(continuation) }
            pthread_mutex_unlock(mutex)
            if isOver { continuation.resume() }
        }
    }
}
