import Glibc
import Reactor
import Stores

/// The writes that wait for the writer's thread: at most `capacity`, and while the first has waited for longer than
/// `patience` no more.
///
/// `@unchecked Sendable`: every variable is read and changed under `mutex` only. A POSIX mutex, because the thread
/// sleeps on the condition that belongs to it.
final class SQLiteWriteQueue: @unchecked Sendable {
    private let capacity: Int
    private let patience: UInt64
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let arrival: UnsafeMutablePointer<pthread_cond_t>

    private var waiting: [SQLiteWriter.Job] = []
    /// How many must wait for the sleeping thread to be woken; nil while it is awake.
    private var wakesAt: Int?
    /// The size of the last batch.
    private var lastCount = 0
    /// The thread has a batch.
    private var isAtWork = false
    private var isClosed = false
    private var isDrained = false
    private var closers: [UnsafeContinuation<Void, Never>] = []

    /// A disk that does nothing for a second will not be quick for the next one who comes.
    init(capacity: Int, patience: Duration = .seconds(1)) {
        self.capacity = capacity
        self.patience = Deadline.nanoseconds(of: patience)
        mutex = .allocate(capacity: 1)
        arrival = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(arrival, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(mutex)
        arrival.deallocate()
        mutex.deallocate()
    }

    /// Writes that wait, and whether the thread works on others.
    var counts: (waiting: Int, isAtWork: Bool) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return (waiting.count, isAtWork)
    }

    /// Queues a write, or refuses it at once: a queue without end would only make every caller late.
    func append(_ job: SQLiteWriter.Job) throws(StorageError) {
        pthread_mutex_lock(mutex)
        // What the next transaction takes in any case is not late.
        let latest = waiting.first?.since.advanced(byNanoseconds: patience) ?? .never
        let isLate = waiting.count >= SQLiteWriterThread.batchLimit && job.since > latest
        let refusal: StorageError? = isClosed ? .closed : isLate || waiting.count >= capacity ? .busy : nil
        if refusal == nil { waiting.append(job) }
        let wakes = wakesAt.map { waiting.count >= $0 } ?? false
        if wakes { wakesAt = nil }
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
        isAtWork = false
        gather()
        while waiting.isEmpty {
            guard !isClosed else { return nil }
            wakesAt = 1
            pthread_cond_wait(arrival, mutex)
        }
        var batch: [SQLiteWriter.Job] = []
        swap(&batch, &waiting)
        if batch.count > limit {
            waiting = Array(batch[limit...])
            batch.removeSubrange(limit...)
        }
        lastCount = batch.count
        isAtWork = true
        return batch
    }

    /// Gives the callers of a batch the time to come back, up to a tenth of a millisecond or until half of them have:
    /// else the first would get a commit of its own and all the others would wait for it.
    ///
    /// Who comes alone never waits, because half of one is nobody.
    private func gather() {
        let enough = lastCount / 2
        guard waiting.count < enough, !isClosed else { return }
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        deadline.tv_nsec += 100_000
        if deadline.tv_nsec >= 1_000_000_000 {
            deadline.tv_sec += 1
            deadline.tv_nsec -= 1_000_000_000
        }
        wakesAt = enough
        while waiting.count < enough, !isClosed, pthread_cond_timedwait(arrival, mutex, &deadline) == 0 {}
        wakesAt = nil
    }

    /// Accepts no more.
    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        wakesAt = nil
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
