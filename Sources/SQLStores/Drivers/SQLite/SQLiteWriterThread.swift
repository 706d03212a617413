import Glibc
import Stores

/// The thread that writes: takes what waits, commits it together, answers, and only then tidies the log.
///
/// Reached by one thread at a time: whoever makes it, then the thread it starts.
final class SQLiteWriterThread {
    /// The most writes of one transaction: more gains nothing and would hold the first ones back.
    static let batchLimit = 256
    /// The pages of the log (16 MiB) after which it is copied into the database file.
    static let checkpointPages: Int32 = 4000

    private let connection: SQLiteConnection
    private let queue: SQLiteWriteQueue

    init(connection: SQLiteConnection, queue: SQLiteWriteQueue) {
        self.connection = connection
        self.queue = queue
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
            let results = perform(jobs)
            for (job, result) in zip(jobs, results) { job.continuation.resume(returning: result) }
            connection.checkpoint(fromPages: SQLiteWriterThread.checkpointPages)
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

    /// One transaction.
    ///
    /// If it cannot be committed every write in it has failed: no caller is told otherwise.
    private func perform(_ jobs: [SQLiteWriter.Job]) -> [Result<[[Row]], StorageError>] {
        do throws(StorageError) {
            try connection.run("BEGIN IMMEDIATE")
            var results: [Result<[[Row]], StorageError>] = []
            results.reserveCapacity(jobs.count)
            for job in jobs { results.append(try perform(job, isAlone: jobs.count == 1)) }
            try connection.run("COMMIT")
            return results
        } catch {
            if !connection.isIdle { _ = try? connection.run("ROLLBACK") }
            return jobs.map { _ in .failure(error) }
        }
    }

    /// One write among others.
    ///
    /// Its failure is its own, unless it cost the whole transaction: that is thrown.
    private func perform(
        _ job: SQLiteWriter.Job, isAlone: Bool
    ) throws(StorageError) -> Result<[[Row]], StorageError> {
        guard !isAlone else { return .success(try rows(of: job)) }
        // A single statement that fails undoes itself.
        let needsSavepoint = job.commands.count > 1
        if needsSavepoint { try connection.run("SAVEPOINT write") }
        let result = Result { () throws(StorageError) in try rows(of: job) }
        if case .failure(let error) = result {
            guard !connection.isIdle else { throw error }
            if needsSavepoint { try connection.run("ROLLBACK TO write") }
        }
        if needsSavepoint { try connection.run("RELEASE write") }
        return result
    }

    private func rows(of job: SQLiteWriter.Job) throws(StorageError) -> [[Row]] {
        var answers: [[Row]] = []
        answers.reserveCapacity(job.commands.count)
        for command in job.commands {
            answers.append(try connection.run(command.statement, command.parameters))
            if job.isConditional, answers[0].isEmpty { break }
        }
        return answers
    }
}
