public import Reactor
public import Stores

/// Every store of one issuer in an SQL database.
public struct SQLStorage: Sendable {
    /// Which process opens the database.
    public enum Role: Sendable {
        /// The server: with SQLite its writing connection is the one that also copies the log into the database file;
        /// with PostgreSQL it listens for changes and may hold the duty of the cluster.
        case server
        /// Anything that works beside it, such as the command line.
        case tool
    }

    /// What happens to a schema that lacks steps.
    public enum SchemaPolicy: Sendable {
        /// Applies them, under a lock that other openers wait for.
        case migrate
        /// Applies them where the database has none yet; one that has some it refuses with `StorageError.schemaOutdated`.
        case begin
        /// Refuses with `StorageError.schemaOutdated`, and makes no SQLite file.
        case require
    }

    private enum Driver: Sendable {
        case sqlite(SQLiteDatabase)
        case postgreSQL(PostgreSQLDatabase, PostgreSQLWatch?)
    }

    /// The stores.
    public let stores: Storage
    /// The steps of the schema that this opening applied, the first first.
    public let applied: [SchemaStep]
    private let driver: Driver

    /// Opens a SQLite file, and creates it (0600) and its directory (0700) where they are missing and `schema` lets it.
    ///
    /// `observer` is told what each call takes.
    /// Throws `StorageError`: each names the path and the way out. Blocks the calling thread for as long as that takes.
    public static func openSQLite(
        at path: String, role: Role, schema: SchemaPolicy = .migrate, observer: StoreObserver? = nil
    ) throws(StorageError) -> SQLStorage {
        let (connection, applied) = try SQLiteOpening.open(at: path, role: role, schema: schema)
        let database = try SQLiteDatabase(writing: connection)
        return SQLStorage(
            stores: Storage(database: TimedDatabase(database, observer: observer)), applied: applied,
            driver: .sqlite(database))
    }

    /// Reaches a PostgreSQL database from the loops of a group.
    ///
    /// `observer` is told what each call takes.
    /// Throws `StorageError` where no server answers or the schema cannot be brought up to date; later outages are told
    /// to each caller, and end without a restart.
    public static func openPostgreSQL(
        _ settings: PostgreSQLSettings, on group: EventLoopGroup, role: Role, schema: SchemaPolicy = .migrate,
        observer: StoreObserver? = nil
    ) async throws -> SQLStorage {
        let opener = try WorkerPool(name: "pg-open", threads: 1, queueLimit: 1)
        let applied: [SchemaStep]
        do {
            applied = try await opener.run { try PostgreSQLOpening.bringUpToDate(settings, schema: schema) }
        } catch {
            await opener.stop()
            throw error
        }
        await opener.stop()
        let database = await PostgreSQLDatabase(settings, on: group)
        let watch: PostgreSQLWatch? =
            switch role {
            case .server: try PostgreSQLWatch(settings)
            case .tool: nil
            }
        return SQLStorage(
            stores: Storage(database: TimedDatabase(database, observer: observer)), applied: applied,
            driver: .postgreSQL(database, watch))
    }

    /// How the schema of an existing SQLite file stands; changes nothing.
    public static func schemaStatus(ofSQLiteAt path: String) throws(StorageError) -> SchemaStatus {
        try SQLiteOpening.status(at: path)
    }

    /// How the schema of a PostgreSQL database stands; changes nothing.
    ///
    /// Blocks the calling thread.
    public static func schemaStatus(of settings: PostgreSQLSettings) throws(StorageError) -> SchemaStatus {
        try PostgreSQLOpening.status(settings)
    }

    /// The connections, by what they are for.
    public var pools: [PoolFigures] {
        switch driver {
        case .sqlite(let database): database.pools
        case .postgreSQL(let database, _): database.pools
        }
    }

    /// Whether other nodes may share the database.
    public var isShared: Bool {
        if case .postgreSQL = driver { true } else { false }
    }

    /// Whether this process is the one that sweeps and rotates keys: with SQLite always, with PostgreSQL one node of all.
    public var isOnDuty: Bool {
        switch driver {
        case .sqlite: true
        case .postgreSQL(_, let watch): watch?.isOnDuty ?? false
        }
    }

    /// Calls `body`, on any thread, when another process has changed a client or a signing key.
    ///
    /// An accelerator only: with SQLite, or while the connection is broken, changes are seen by looking at the version.
    public func onChange(_ body: @escaping @Sendable () -> Void) {
        if case .postgreSQL(_, let watch) = driver { watch?.onChange(body) }
    }

    /// Leaves to a successor what one process alone may do to the files of SQLite; reads and writes go on.
    ///
    /// Nothing to do with PostgreSQL.
    public func makeWay() async {
        if case .sqlite(let database) = driver { await database.leaveLog() }
    }

    /// Finishes the writes that were accepted, then closes the database.
    ///
    /// Later calls throw `StorageError.closed`.
    public func close() async {
        switch driver {
        case .sqlite(let database): await database.close()
        case .postgreSQL(let database, let watch):
            await watch?.close()
            await database.close()
        }
    }
}

extension Storage {
    /// The one implementation of each store, over a database.
    init(database: TimedDatabase<some SQLDatabase>) {
        self.init(
            clients: ClientTable(database: database),
            users: UserTable(database: database),
            sessions: SessionTable(database: database),
            interactions: InteractionTable(database: database),
            codes: CodeTable(database: database),
            grants: GrantTable(database: database),
            consents: ConsentTable(database: database),
            secondFactors: SecondFactorStores(
                authenticators: TOTPKeyTable(database: database), recoveryCodes: RecoveryCodeTable(database: database),
                devices: RememberedDeviceTable(database: database), firstFactors: FirstFactorTable(database: database),
                passkeys: PasskeyTable(database: database), spentChallenges: SpentChallengeTable(database: database)),
            attempts: SignInAttemptTable(database: database),
            participations: ParticipationTable(database: database),
            mails: MailTable(database: database),
            proofs: ProofTable(database: database),
            audit: AuditTable(database: database),
            persons: PersonTable(database: database),
            recourses: RecourseTable(database: database),
            holds: AccountHoldTable(database: database),
            profiles: ProfileTable(database: database),
            memberships: MembershipTable(database: database), opaqueTokens: OpaqueTokenTable(database: database),
            resources: ResourceTable(database: database),
            connectors: ConnectorTable(database: database),
            links: LinkedIdentityTable(database: database),
            upstreamSessions: UpstreamSessionTable(database: database),
            pendingIdentities: PendingIdentityTable(database: database),
            keys: SigningKeyTable(database: database),
            versions: VersionTable(database: database)
        )
    }
}
