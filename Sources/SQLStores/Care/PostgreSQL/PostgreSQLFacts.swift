public import OAuthTypes
public import Stores

/// What can be told about a PostgreSQL database, by SQL alone.
public struct PostgreSQLFacts: DatabaseFacts {
    private let settings: PostgreSQLSettings
    private let connections: Int
    private let clock: any TimeSource
    private let opened: Result<PostgreSQLReading, StorageError>

    /// Connects once, for as long as the value lives.
    ///
    /// `connections` is how many a node may open (see `PostgreSQLSettings.connections(loops:)`); the server's clock is
    /// compared with `clock`.
    public init(_ settings: PostgreSQLSettings, connections: Int, clock: some TimeSource) {
        self.settings = settings
        self.connections = connections
        self.clock = clock
        opened = Result { () throws(StorageError) in try PostgreSQLReading(settings) }
    }

    /// Whether the server answers and has the version that is needed.
    public var isReachable: Bool { (try? opened.get()) != nil }

    /// What to look at, in the order in which it is told.
    public var checks: [Check] {
        let (settings, opened, connections, clock) = (settings, opened, connections, clock)
        let database = Check("database") { () throws(StorageError) in
            try PostgreSQLFacts.database(try opened.get(), settings)
        }
        guard let reading = try? opened.get() else { return [database] }
        return [
            database,
            Check("schema") { () throws(StorageError) in try PostgreSQLFacts.schema(reading) },
            Check("move") { () throws(StorageError) in try reading.moveFinding() },
            Check("writing") { () throws(StorageError) in try PostgreSQLFacts.writing(reading) },
            Check("clock") { () throws(StorageError) in try PostgreSQLFacts.clock(reading, clock) },
            Check("durability") { () throws(StorageError) in try PostgreSQLFacts.durability(reading) },
            Check("connections") { () throws(StorageError) in
                try PostgreSQLConnectionCount(reading).finding(needed: Int64(connections))
            },
            Check("disk space") { () throws(StorageError) in
                let size = ByteCount(try reading.number("SELECT pg_database_size(current_database())") ?? 0)
                return .skipped("the database has \(size); the space left on its server's disk is not told by SQL")
            },
        ]
    }

    /// The signing keys, sealed.
    public func signingKeys() throws(StorageError) -> [SigningKeyRecord] { try opened.get().signingKeys() }

    /// How many values are sealed under which master key.
    public func sealedCounts(headCount: Int) throws(StorageError) -> [SealedCount] {
        try opened.get().sealedCounts(headCount: headCount)
    }

    /// Whether a client is registered.
    public func hasClient(_ id: ClientID) throws(StorageError) -> Bool { try opened.get().hasClient(id) }

    /// Whether a person has an account that is not disabled.
    public func hasActiveUser(_ email: Email) throws(StorageError) -> Bool { try opened.get().hasActiveUser(email) }

    /// The clients for which rules are off.
    public func clientExceptions() throws(StorageError) -> [(id: ClientID, rules: [Compatibility])] {
        try opened.get().clientExceptions()
    }

    private static func database(
        _ reading: PostgreSQLReading, _ settings: PostgreSQLSettings
    ) throws(StorageError) -> Finding {
        let version = try reading.text("SELECT current_setting('server_version')") ?? "of no known version"
        let role = try reading.text("SELECT current_user") ?? "nobody"
        return .ok("PostgreSQL \(version) at \(settings.description), as \(role)")
    }

    private static func schema(_ reading: PostgreSQLReading) throws(StorageError) -> Finding {
        guard try reading.text("SELECT current_schema()") != nil else {
            return .failed(
                "no schema of the search path exists or may be used",
                do: "Create it and give the role the right to use it, or correct search_path.")
        }
        return try Schema.current.status(of: reading.session).finding
    }

    private static func writing(_ reading: PostgreSQLReading) throws(StorageError) -> Finding {
        if try reading.number("SELECT pg_is_in_recovery()") == 1 {
            return .failed(
                "this server is a standby, which takes no writes",
                do: "Name the primary in MARTLET_DATABASE, or all servers with target_session_attrs=read-write.")
        }
        guard try reading.text("SELECT current_setting('transaction_read_only')") == "off" else {
            return .failed(
                "transactions of this role are read-only", do: "Reset default_transaction_read_only of the role.")
        }
        return .ok("the session may write")
    }

    /// How far two clocks may be apart before it is said, and before it is wrong.
    private static let (smallSkew, largeSkew): (Int64, Int64) = (1_000_000, 30_000_000)

    private static func clock(_ reading: PostgreSQLReading, _ clock: any TimeSource) throws(StorageError) -> Finding {
        let before = clock.now
        let theirs = try reading.number("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8")
        let after = clock.now
        guard let theirs else { return .failed("the server did not tell its time") }
        return skew(server: theirs, between: before.microseconds, and: after.microseconds)
    }

    /// Compares a time that the server told with those before and after it was asked, all in microseconds.
    static func skew(server: Int64, between before: Int64, and after: Int64) -> Finding {
        // Somewhere between the two it looked at its clock; that much is not known.
        let apart = max(0, server &- after, before &- server)
        let words = "\(apart / 1_000_000).\(apart / 100_000 % 10) s \(server > after ? "ahead of" : "behind") this one"
        let remedy = "Let both machines follow the same time; `timedatectl` shows what they follow."
        return switch apart {
        case ...smallSkew:
            .ok("the clocks of both machines agree within \(apart < 1000 ? "a millisecond" : "a second")")
        case ...largeSkew: .warning("the server's clock is \(words)", do: remedy)
        default: .failed("the server's clock is \(words)", do: remedy)
        }
    }

    /// What the server would lose with its power; the session itself switches `synchronous_commit` on.
    private static func durability(_ reading: PostgreSQLReading) throws(StorageError) -> Finding {
        let off = try reading.texts(
            """
            SELECT name FROM pg_settings
            WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND reset_val = 'off' ORDER BY name
            """
        )
        guard !off.isEmpty else { return .ok("what is acknowledged is on the server's disk") }
        guard off != ["synchronous_commit"] else {
            return .warning(
                "synchronous_commit is off; Martlet switches it on for itself, other programs do not",
                do: "Switch it on, unless you mean it.")
        }
        return .warning(
            "\(off.joined(separator: ", ")) \(off.count == 1 ? "is" : "are") off: "
                + "a power failure can lose or damage everything",
            do: "Switch it on in postgresql.conf, and reload.")
    }
}

@available(*, unavailable)
extension PostgreSQLFacts: Sendable {}
