import Stores

/// One connection that only looks.
///
/// Belongs to the thread that made it; never on an event loop.
final class PostgreSQLReading: DatabaseReading {
    let session: PostgreSQLSession

    init(_ settings: PostgreSQLSettings) throws(StorageError) {
        session = try PostgreSQLSession(settings)
    }

    deinit { session.close() }

    func rows(_ text: String, _ values: [SQLValue]) throws(StorageError) -> [Row] { try session.run(text, values) }

    /// In the schema that comes first: a later one of the search path belongs to another issuer.
    func hasTable(_ name: String) throws(StorageError) -> Bool {
        try !rows(
            """
            SELECT 1 FROM pg_class t JOIN pg_namespace s ON s.oid = t.relnamespace
            WHERE s.nspname = current_schema() AND t.relname = $1
            """,
            [.text(name)]
        ).isEmpty
    }

    /// The first column of the first row, where that is text.
    func text(_ text: String, _ values: [SQLValue] = []) throws(StorageError) -> String? {
        try texts(text, values).first
    }
}
