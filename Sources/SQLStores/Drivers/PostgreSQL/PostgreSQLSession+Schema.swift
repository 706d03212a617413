import Stores

extension PostgreSQLSession: SchemaConnection {
    static let dialect = SQLDialect.postgreSQL

    func ask(_ statement: StaticString, _ parameters: [SQLValue]) throws(StorageError) -> [Row] {
        try run(PostgreSQLDialect.text(of: statement), parameters)
    }

    /// In the schema that comes first: a later one of the search path belongs to another issuer.
    ///
    /// Asked of the catalogue's table. The functions that look a name up may answer from before a wait for an advisory
    /// lock, and not know what its last holder made.
    func hasListOfSteps() throws(StorageError) -> Bool {
        try !run(
            """
            SELECT 1 FROM pg_class t JOIN pg_namespace s ON s.oid = t.relnamespace
            WHERE s.nspname = current_schema() AND t.relname = 'schema_migrations'
            """
        ).isEmpty
    }

    /// Nodes that start at once wait for each other.
    ///
    /// A table that somebody uses for long is waited for a second at a time only: whoever comes later waits behind us.
    func beginAlone() throws(StorageError) {
        try run("BEGIN")
        do throws(StorageError) {
            try run("SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '60s', true)")
            try run(
                "SELECT pg_advisory_xact_lock($1::int4, hashtext(current_schema()))",
                [.integer(PostgreSQLOpening.lockSpace)]
            )
            try run("SELECT set_config('lock_timeout', '1s', true)")
        } catch {
            rollBack()
            throw error
        }
    }

    func commit() throws(StorageError) { try run("COMMIT") }

    func rollBack() { _ = try? run("ROLLBACK") }
}
