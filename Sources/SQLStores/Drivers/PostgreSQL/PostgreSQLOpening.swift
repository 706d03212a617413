import Stores

/// Brings the schema of a PostgreSQL database up to date; blocks.
enum PostgreSQLOpening {
    /// The advisory locks of a schema begin with this: "MRTL".
    static let lockSpace: Int64 = 0x4D52_544C

    /// Applies what the schema lacks, and answers it; refuses a database whose records are elsewhere.
    static func bringUpToDate(
        _ settings: PostgreSQLSettings, schema policy: SQLStorage.SchemaPolicy, steps: Schema = .current
    ) throws(StorageError) -> [SchemaStep] {
        let session = try PostgreSQLSession(settings)
        defer { session.close() }
        try session.requireHome()
        return try steps.bringUpToDate(session, policy)
    }

    /// How the schema of a database stands; changes nothing.
    static func status(
        _ settings: PostgreSQLSettings, steps: Schema = .current
    ) throws(StorageError) -> SchemaStatus {
        let session = try PostgreSQLSession(settings)
        defer { session.close() }
        return try steps.status(of: session)
    }
}
