import Glibc
import Stores

/// Opens the one connection that writes and brings its schema up to date.
enum SQLiteOpening {
    /// Opens for writing, creating the file if need be, and applies what the schema lacks.
    static func open(
        at path: String, role: SQLStorage.Role, schema policy: SQLStorage.SchemaPolicy
    ) throws(StorageError) -> (connection: SQLiteConnection, applied: [SchemaStep]) {
        try SQLiteFile.prepare(at: path)
        let purpose: SQLiteConnection.Purpose =
            switch role {
            case .server: .writeAndCheckpoint
            case .tool: .write
            }
        let connection = try SQLiteConnection(path: path, purpose: purpose)
        do throws(StorageError) {
            try requireOurs(connection)
            try switchToLog(connection)
            return (connection, try bringUpToDate(connection, policy: policy))
        } catch {
            connection.close()
            throw error
        }
    }

    /// How the schema of an existing file stands; changes nothing.
    static func status(at path: String) throws(StorageError) -> SchemaStatus {
        let connection = try SQLiteConnection(path: path, purpose: .read)
        defer { connection.close() }
        try requireOurs(connection)
        return try status(connection)
    }

    /// An empty file is ours to fill; one with tables must say that it is ours.
    private static func requireOurs(_ connection: SQLiteConnection) throws(StorageError) {
        let tables = try connection.run("SELECT 1 FROM sqlite_master LIMIT 1")
        let mark = try connection.run("PRAGMA application_id").first
        guard tables.isEmpty || mark == Row([.integer(SQLiteSchema.applicationID)]) else {
            throw .foreign(path: connection.path)
        }
    }

    private static func switchToLog(_ connection: SQLiteConnection) throws(StorageError) {
        guard try connection.run("PRAGMA journal_mode = WAL") == [Row([.text("wal")])] else {
            throw .inaccessible(path: connection.path, reason: "its file system cannot share memory between processes")
        }
    }

    private static func bringUpToDate(
        _ connection: SQLiteConnection, policy: SQLStorage.SchemaPolicy
    ) throws(StorageError) -> [SchemaStep] {
        let before = try status(connection)
        guard !before.pending.isEmpty else { return [] }
        switch policy {
        case .require:
            throw .schemaOutdated(
                found: before.applied.last?.number ?? 0, needed: before.pending.last?.number ?? 0
            )
        case .migrate: break
        }
        // From here on no other process can write: the lock under which the steps run, all or none.
        try connection.run("BEGIN IMMEDIATE")
        do throws(StorageError) {
            let pending = try status(connection).pending
            for script in SQLiteSchema.scripts where pending.contains(script.step) { try apply(script, connection) }
            try connection.run("COMMIT")
            return pending
        } catch {
            if !connection.isIdle { _ = try? connection.run("ROLLBACK") }
            throw error
        }
    }

    private static func apply(_ script: SQLiteSchema.Script, _ connection: SQLiteConnection) throws(StorageError) {
        try connection.execute(script: SQLiteSchema.foundation)
        try connection.execute(script: script.text)
        try connection.run(
            "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
            [.integer(script.step.number), .text(script.step.name), .integer(script.step.checksum), .integer(now())]
        )
    }

    private static func status(_ connection: SQLiteConnection) throws(StorageError) -> SchemaStatus {
        let known = SQLiteSchema.scripts.map(\.step)
        let exists = try connection.run(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'")
        guard !exists.isEmpty else { return try SchemaStatus(found: [], known: known) }
        var found: [SchemaStep] = []
        for row in try connection.run("SELECT number, name, checksum FROM schema_migrations ORDER BY number") {
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

    /// Microseconds since the epoch, for the record of the steps: nothing decides by it.
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
