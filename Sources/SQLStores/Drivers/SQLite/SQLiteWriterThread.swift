import Reactor
import Stores

/// The thread that writes: takes what waits, commits it together, answers, and only then tidies the log.
struct SQLiteWriterThread: Sendable {
    /// The most writes of one transaction: more gains nothing and would hold the first ones back.
    static let batchLimit = 256
    /// The pages of the log (16 MiB) after which it is copied into the database file.
    static let checkpointPages: Int32 = 4000

    let connection: SQLiteConnection
    let queue: SQLiteWriteQueue

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
            connection.checkpoint(fromPages: SQLiteWriterThread.checkpointPages)
        }
        connection.close()
        queue.finish()
    }
}
