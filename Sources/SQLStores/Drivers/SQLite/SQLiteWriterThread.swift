import Reactor
import Stores

/// The thread that writes: takes what waits, commits it together, answers, and only then tidies the log.
struct SQLiteWriterThread: Sendable {
    /// The most writes of one transaction: more gains nothing and would hold the first ones back.
    static let batchLimit = 256

    let connection: SQLiteConnection
    let queue: SQLiteWriteQueue
    let checkpointer: SQLiteCheckpointer

    /// Starts the thread; it lives until the queue is closed and empty.
    func start() throws(StorageError) {
        do {
            try startThread(name: "sqlite-writer") { work() }
        } catch {
            throw .failed("no thread for the database: \(error)")
        }
    }

    private func work() {
        while let jobs = queue.next(limit: SQLiteWriterThread.batchLimit) {
            let results = SQLiteBatch(writes: jobs.map(\.write)).commit(on: connection)
            for (job, result) in zip(jobs, results) { job.continuation.resume(returning: result) }
            checkpointer.look(at: connection)
        }
        connection.close()
        queue.finish()
    }
}
