import Stores

/// Brings the schema of a PostgreSQL database up to date; blocks.
enum PostgreSQLOpening {
    /// The advisory locks of a schema begin with this: "MRTL".
    static let lockSpace: Int64 = 0x4D52_544C

    /// Applies what the schema lacks, and answers it.
    static func bringUpToDate(
        _ settings: PostgreSQLSettings, schema policy: SQLStorage.SchemaPolicy
    ) throws(StorageError) -> [SchemaStep] {
        let session = try PostgreSQLSession(settings)
        defer { session.close() }
        let before = try status(session)
        guard !before.pending.isEmpty else { return [] }
        switch policy {
        case .require:
            throw .schemaOutdated(found: before.applied.last?.number ?? 0, needed: before.pending.last?.number ?? 0)
        case .migrate: break
        }
        // Nodes that start at once wait for each other. The lock comes before the transaction, which then sees all that
        // its last holder did; the end of the session gives it back.
        try session.run("SELECT set_config('statement_timeout', '0', false)")
        try session.run("SELECT pg_advisory_lock($1::int4, hashtext(current_schema()))", [.integer(lockSpace)])
        // A table that somebody uses for long is not waited for: whoever came later would wait behind us.
        try session.run("SELECT set_config('lock_timeout', '10s', false)")
        try session.run("BEGIN")
        let pending = try status(session).pending
        for script in PostgreSQLSchema.scripts where pending.contains(script.step) { try apply(script, session) }
        try session.run("COMMIT")
        return pending
    }

    /// How the schema of a database stands; changes nothing.
    static func status(_ settings: PostgreSQLSettings) throws(StorageError) -> SchemaStatus {
        let session = try PostgreSQLSession(settings)
        defer { session.close() }
        return try status(session)
    }

    private static func apply(_ script: PostgreSQLSchema.Script, _ session: PostgreSQLSession) throws(StorageError) {
        try session.execute(script: PostgreSQLSchema.foundation)
        try session.execute(script: script.text)
        try session.run(
            """
            INSERT INTO schema_migrations (number, name, checksum, applied_at)
            VALUES ($1, $2, $3, CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint))
            """,
            [.integer(script.step.number), .text(script.step.name), .integer(script.step.checksum)]
        )
    }

    private static func status(_ session: PostgreSQLSession) throws(StorageError) -> SchemaStatus {
        let known = PostgreSQLSchema.scripts.map(\.step)
        guard try !session.run("SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL").isEmpty else {
            return try SchemaStatus(found: [], known: known)
        }
        var found: [SchemaStep] = []
        for row in try session.run("SELECT number, name, checksum FROM schema_migrations ORDER BY number") {
            var reader = RowReader(row, of: "schema_migrations")
            found.append(
                SchemaStep(
                    number: try reader.integer("number"), name: try reader.text("name"),
                    checksum: try reader.integer("checksum")
                )
            )
        }
        return try SchemaStatus(found: found, known: known)
    }
}
