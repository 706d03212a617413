import Stores

/// One caller's write: commands that succeed or fail together.
struct SQLiteWrite: Sendable {
    let commands: [Command]
    /// Which command must return a row for the rest to run, and for those up to it to stay.
    let condition: Int?
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
        // A single statement that fails undoes itself, and a transaction of one write ends with it.
        let mayUndoSome = write.condition.map { $0 > 0 } ?? false
        let needsSavepoint = write.commands.count > 1 && (writes.count > 1 || mayUndoSome)
        if needsSavepoint { try connection.run("SAVEPOINT one") }
        let result = Result { () throws(StorageError) in try rows(of: write, on: connection) }
        switch result {
        case .failure(let error):
            guard writes.count > 1, !connection.isIdle else { throw error }
            if needsSavepoint { try connection.run("ROLLBACK TO one") }
        case .success(let answers):
            let isRefused = answers.count - 1 == write.condition && answers.last?.isEmpty == true
            if needsSavepoint, isRefused { try connection.run("ROLLBACK TO one") }
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
            if rows.isEmpty, answers.count - 1 == write.condition { break }
        }
        return answers
    }
}
