import Stores

/// Opens the one connection that writes and brings its schema up to date.
enum SQLiteOpening {
    /// Opens for writing, creating the file if need be, and applies what the schema lacks; refuses a database whose
    /// records are elsewhere.
    static func open(
        at path: String, role: SQLStorage.Role, schema policy: SQLStorage.SchemaPolicy, steps: Schema = .current
    ) throws(StorageError) -> (connection: SQLiteConnection, applied: [SchemaStep]) {
        if policy == .require { try SQLiteFile.find(at: path) }
        let connection = try connect(at: path, role: role)
        do throws(StorageError) {
            try connection.requireHome()
            return (connection, try steps.bringUpToDate(connection, policy))
        } catch {
            connection.close()
            throw error
        }
    }

    /// Opens for writing, creating the file if need be, whatever its schema.
    static func connect(at path: String, role: SQLStorage.Role) throws(StorageError) -> SQLiteConnection {
        try SQLiteFile.prepare(at: path)
        let purpose: SQLiteConnection.Purpose =
            switch role {
            case .server: .writeAndCheckpoint
            case .tool: .write
            }
        let connection = try SQLiteConnection(path: path, purpose: purpose)
        do throws(StorageError) {
            // The library looks at the file with the first statement only.
            try requireOurs(connection)
            guard !connection.isReadOnly else { throw .readOnly(path: path) }
            try switchToLog(connection)
            return connection
        } catch {
            connection.close()
            throw error
        }
    }

    /// How the schema of an existing file stands; changes nothing.
    static func status(at path: String, steps: Schema = .current) throws(StorageError) -> SchemaStatus {
        let connection = try SQLiteConnection(path: path, purpose: .read)
        defer { connection.close() }
        try requireOurs(connection)
        return try steps.status(of: connection)
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
}
