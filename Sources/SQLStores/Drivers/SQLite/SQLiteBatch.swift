import Stores

/// One caller's write: commands that succeed or fail together.
struct SQLiteWrite: Sendable {
    let commands: [Command]
    /// Whether the commands after the first need the first to return a row.
    let isConditional: Bool
}

/// Writes of many callers in one transaction, each on its own: what fails takes none of its neighbours with it.
struct SQLiteBatch {
    let writes: [SQLiteWrite]

    /// Commits, and answers each write in order.
    ///
    /// If the whole cannot be committed every write in it has failed: no caller is told otherwise.
    func commit(on connection: SQLiteConnection) -> [Result<[[Row]], StorageError>] {
        do throws(StorageError) {
            try connection.run("BEGIN IMMEDIATE")
            var results: [Result<[[Row]], StorageError>] = []
            results.reserveCapacity(writes.count)
            for write in writes { results.append(try result(of: write, on: connection)) }
            try connection.run("COMMIT")
            return results
        } catch {
            if !connection.isIdle { _ = try? connection.run("ROLLBACK") }
            return writes.map { _ in .failure(error) }
        }
    }

    /// The failure of one write is its own, unless it cost the whole transaction: that is thrown.
    private func result(
        of write: SQLiteWrite, on connection: SQLiteConnection
    ) throws(StorageError) -> Result<[[Row]], StorageError> {
        guard writes.count > 1 else { return .success(try rows(of: write, on: connection)) }
        // A single statement that fails undoes itself.
        let needsSavepoint = write.commands.count > 1
        if needsSavepoint { try connection.run("SAVEPOINT one") }
        let result = Result { () throws(StorageError) in try rows(of: write, on: connection) }
        if case .failure(let error) = result {
            guard !connection.isIdle else { throw error }
            if needsSavepoint { try connection.run("ROLLBACK TO one") }
        }
        if needsSavepoint { try connection.run("RELEASE one") }
        return result
    }

    private func rows(of write: SQLiteWrite, on connection: SQLiteConnection) throws(StorageError) -> [[Row]] {
        var answers: [[Row]] = []
        answers.reserveCapacity(write.commands.count)
        for command in write.commands {
            let rows = try connection.run(command.statement, command.parameters)
            answers.append(rows)
            if write.isConditional, answers.count == 1, rows.isEmpty { break }
        }
        return answers
    }
}
