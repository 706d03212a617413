import Stores

/// A database as the tables see it: what they may ask, whichever driver answers.
///
/// There is no open transaction that a caller could sit in: a write is a whole list of commands, so that one driver can
/// send it down a pipeline and another can commit it together with its neighbours.
protocol SQLDatabase: Sendable {
    /// Runs one statement that changes nothing, and sees every write that was acknowledged before.
    func read(_ statement: StaticString, _ parameters: [SQLValue]) async throws(StorageError) -> [Row]

    /// Runs the commands in order, all or none, and answers the rows of each once they are durable.
    func write(_ commands: [Command]) async throws(StorageError) -> [[Row]]

    /// Runs the first commands and, only if the last of them returned a row, the rest in the same step; else nothing stays.
    /// Answers the rows of the last of the first.
    ///
    /// Of two callers whose first commands change the same row, the later one sees what the earlier one left.
    func write(_ first: [Command], then rest: [Command]) async throws(StorageError) -> [Row]
}

/// A statement of the source with the values for `$1`, `$2`, …: no text is ever made from input.
struct Command: Sendable {
    let statement: StaticString
    let parameters: [SQLValue]

    init(_ statement: StaticString, _ parameters: [SQLValue]) {
        self.statement = statement
        self.parameters = parameters
    }
}
