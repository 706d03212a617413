import Glibc
import Stores

/// The thread that writes: takes what waits, commits it together, answers, and only then tidies the log.
///
/// Reached by one thread at a time: whoever makes it, then the thread it starts.
final class SQLiteWriterThread {
    /// The most writes of one transaction: more gains nothing and would hold the first ones back.
    static let batchLimit = 256

    private let connection: SQLiteConnection
    private let queue: SQLiteWriteQueue
    private let checkpointer: SQLiteCheckpointer

    init(connection: SQLiteConnection, queue: SQLiteWriteQueue, checkpointer: SQLiteCheckpointer) {
        self.connection = connection
        self.queue = queue
        self.checkpointer = checkpointer
    }

    /// Starts the thread; it lives until the queue is closed and empty.
    consuming func start() throws(StorageError) {
        var thread = pthread_t()
        let owner = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<SQLiteWriterThread>.fromOpaque(context).takeRetainedValue().work()
                return nil
            }, owner.toOpaque())
        guard code == 0 else {
            owner.release()
            throw .failed("no thread for the database: " + String(cString: strerror(code)))
        }
        pthread_detach(thread)
    }

    private func work() {
        // Signals are for the threads that wait for them.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        takeName("sqlite-writer")
        while let jobs = queue.next(limit: SQLiteWriterThread.batchLimit) {
            let results = SQLiteBatch(writes: jobs.map(\.write)).commit(on: connection)
            for (job, result) in zip(jobs, results) { job.continuation.resume(returning: result) }
            checkpointer.look(at: connection)
        }
        connection.close()
        queue.finish()
    }

    /// What `top -H` shows; up to 15 bytes.
    private func takeName(_ name: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = Glibc.write(file, name, name.utf8.count)
        close(file)
    }
}
