import Stores

extension SQLiteConnection: SchemaConnection {
    static let dialect = SQLDialect.sqlite

    func ask(_ statement: StaticString, _ parameters: [SQLValue]) throws(StorageError) -> [Row] {
        try run(statement, parameters)
    }

    func hasListOfSteps() throws(StorageError) -> Bool {
        try !run("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'").isEmpty
    }

    /// The attempts, five seconds each, to become the one that writes: another opener may be in a long step.
    private static let attempts = 12

    /// No other process can write from here on; what it commits before is waited for.
    func beginAlone() throws(StorageError) {
        for _ in 1..<SQLiteConnection.attempts {
            do throws(StorageError) {
                try run("BEGIN IMMEDIATE")
                return
            } catch {
                guard error == .busy else { throw error }
            }
        }
        try run("BEGIN IMMEDIATE")
    }

    func commit() throws(StorageError) { try run("COMMIT") }

    func rollBack() {
        if !isIdle { _ = try? run("ROLLBACK") }
    }
}
