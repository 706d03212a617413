import Glibc
import Stores

/// One end of a move: a connection that waits for each answer, whichever driver it belongs to.
protocol MoveConnection: SchemaConnection {
    /// Runs one statement that is no literal: the names in it come from the catalogue.
    @discardableResult
    func query(_ text: String, _ values: [SQLValue]) throws(StorageError) -> [Row]

    /// Whether there is a table of that name.
    func hasTable(_ name: String) throws(StorageError) -> Bool

    /// The tables of the schema, each with its columns.
    func catalogue() throws(StorageError) -> [MovedTable]

    /// Keeps every other move away from this target until the connection closes; throws `StorageError.busy`.
    func claim() throws(StorageError)

    /// What a name of the schema begins with where a search path may not be relied on.
    func home() throws(StorageError) -> String

    /// Within an open transaction: how long it waits for a table that others hold, at its first, second, … attempt.
    func wait(attempt: Int) throws(StorageError)

    /// Within an open transaction: nobody else writes these tables until it ends; throws `StorageError.busy`.
    func lock(_ tables: [MovedTable]) throws(StorageError)

    /// After a batch was written.
    func rest()

    func close()
}

extension MoveConnection {
    @discardableResult
    func query(_ text: String) throws(StorageError) -> [Row] { try query(text, []) }

    var dialect: SQLDialect { Self.dialect }

    /// Runs a transaction that others wait for, and tries again for a while where they keep us waiting.
    func alone(
        attempts: Int = DatabaseMove.Limits().attempts, _ body: (_ attempt: Int) throws(StorageError) -> Void
    ) throws(StorageError) {
        for attempt in 1..<max(1, attempts) {
            do throws(StorageError) {
                return try once { () throws(StorageError) in try body(attempt) }
            } catch {
                guard error == .busy else { throw error }
                // Whoever waited behind us has their turn.
                usleep(100_000)
            }
        }
        try once { () throws(StorageError) in try body(max(1, attempts)) }
    }

    private func once(_ body: () throws(StorageError) -> Void) throws(StorageError) {
        try beginAlone()
        do throws(StorageError) {
            try body()
            try commit()
        } catch {
            rollBack()
            throw error
        }
    }

    /// The number in the first column of the first row, or 0.
    func count(_ text: String) throws(StorageError) -> Int64 {
        guard case .integer(let number)? = try query(text).first?.first(where: { _ in true }) else { return 0 }
        return number
    }
}
