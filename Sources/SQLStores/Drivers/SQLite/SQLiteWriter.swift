import Reactor
import Stores

/// Group commit: one thread owns the one connection that writes, takes everything that waits into one transaction,
/// and resumes the callers after its one commit.
///
/// A durable commit costs the same for one write as for sixty-four, so under load the answers come later by less than
/// one commit and many times as often. An idle thread starts with the first write it gets.
final class SQLiteWriter: Sendable {
    /// A write and who waits for it.
    struct Job: Sendable {
        let write: SQLiteWrite
        /// When it was asked for.
        let since: Deadline
        /// Resumed exactly once: by `enqueue` if it refuses, else by the thread.
        let continuation: UnsafeContinuation<Result<[[Row]], StorageError>, Never>
    }

    private let queue: SQLiteWriteQueue
    private let checkpointer: SQLiteCheckpointer

    /// Starts the thread, which owns the connection from here on and closes it at its end.
    init(connection: SQLiteConnection, capacity: Int) throws(StorageError) {
        queue = SQLiteWriteQueue(capacity: capacity)
        checkpointer = try SQLiteCheckpointer(path: connection.path)
        try SQLiteWriterThread(connection: connection, queue: queue, checkpointer: checkpointer).start()
    }

    deinit { queue.close() }

    /// Writes that wait, and whether others are being committed.
    var counts: (waiting: Int, isAtWork: Bool) { queue.counts }

    func write(_ write: SQLiteWrite) async throws(StorageError) -> [[Row]] {
        let result = await withUnsafeContinuation { continuation in
            let job = Job(write: write, since: .now, continuation: continuation)
            do throws(StorageError) {
                try queue.append(job)
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Leaves the log to another process from here on.
    func leaveLog() async { await checkpointer.stop() }

    /// Finishes what was accepted and closes the connection.
    func close() async {
        await checkpointer.stop()
        queue.close()
        await queue.drained()
    }
}
