import Stores

extension SQLiteConnection: SchemaConnection {
    static let dialect = SQLDialect.sqlite

    func ask(_ statement: StaticString, _ parameters: [SQLValue]) throws(StorageError) -> [Row] {
        try run(statement, parameters)
    }

    func hasListOfSteps() throws(StorageError) -> Bool {
        try !run("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'").isEmpty
    }

    /// No other process can write from here on; one that does is waited for, five seconds at most.
    func beginAlone() throws(StorageError) { try run("BEGIN IMMEDIATE") }

    func commit() throws(StorageError) { try run("COMMIT") }

    func rollBack() {
        if !isIdle { _ = try? run("ROLLBACK") }
    }
}
