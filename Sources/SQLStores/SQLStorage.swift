public import Stores

/// Every store of one issuer in an SQL database.
public struct SQLStorage: Sendable {
    /// Which process opens the database.
    public enum Role: Sendable {
        /// The server: its writing connection is the one that also copies the log into the database file.
        case server
        /// Anything that works beside it, such as the command line: writes, and leaves the log to the server.
        case tool
    }

    /// What happens to a schema that lacks steps.
    public enum SchemaPolicy: Sendable {
        /// Applies them, under a lock that other openers wait for.
        case migrate
        /// Refuses with `StorageError.schemaOutdated`.
        case require
    }

    /// The stores.
    public let stores: Storage
    /// The steps of the schema that this opening applied, the first first.
    public let applied: [SchemaStep]
    private let database: SQLiteDatabase

    /// Opens a SQLite file, and creates it (0600) and its directory (0700) where they are missing.
    ///
    /// Throws `StorageError`: each names the path and the way out. Blocks the calling thread for as long as that takes.
    public static func openSQLite(
        at path: String, role: Role, schema: SchemaPolicy = .migrate
    ) throws(StorageError) -> SQLStorage {
        let (connection, applied) = try SQLiteOpening.open(at: path, role: role, schema: schema)
        return SQLStorage(database: try SQLiteDatabase(writing: connection), applied: applied)
    }

    /// How the schema of an existing SQLite file stands; changes nothing.
    public static func schemaStatus(ofSQLiteAt path: String) throws(StorageError) -> SchemaStatus {
        try SQLiteOpening.status(at: path)
    }

    private init(database: SQLiteDatabase, applied: [SchemaStep]) {
        self.database = database
        self.applied = applied
        stores = Storage(database: database)
    }

    /// Finishes the writes that were accepted, then closes the database.
    ///
    /// Later calls throw `StorageError.closed`.
    public func close() async {
        await database.close()
    }
}

extension Storage {
    /// The one implementation of each store, over a database.
    init(database: some SQLDatabase) {
        self.init(
            clients: ClientTable(database: database),
            users: UserTable(database: database),
            sessions: SessionTable(database: database),
            interactions: InteractionTable(database: database),
            codes: CodeTable(database: database),
            grants: GrantTable(database: database),
            consents: ConsentTable(database: database),
            keys: SigningKeyTable(database: database),
            versions: VersionTable(database: database)
        )
    }
}
