import Stores

extension PostgreSQLSettings {
    /// How many connections a node of so many event loops opens at most.
    ///
    /// Each loop has its share of those that write, rounded up, and two that read; one more listens.
    public func connections(loops: Int) -> Int {
        let loops = max(1, loops)
        return (connections + loops - 1) / loops * loops + 2 * loops + 1
    }
}

/// How many connections a server gives to a role, and how many are left.
struct PostgreSQLConnectionCount {
    let limit: Int64
    /// What limits it: the server, the database or the role.
    let limiter: String
    let free: Int64

    init(limit: Int64, limiter: String, free: Int64) {
        self.limit = limit
        self.limiter = limiter
        self.free = free
    }

    init(_ reading: PostgreSQLReading) throws(StorageError) {
        // Some are kept back: since version 16 under two settings.
        let server = try reading.number(
            """
            SELECT current_setting('max_connections')::int8 - (
                SELECT coalesce(sum(setting::int8), 0)::int8 FROM pg_settings
                WHERE name IN ('superuser_reserved_connections', 'reserved_connections'))
            """
        )
        let usedOfServer = try reading.number("SELECT sum(numbackends)::int8 FROM pg_stat_database")
        let database = try reading.number(
            "SELECT datconnlimit::int8 FROM pg_database WHERE datname = current_database()")
        let usedOfDatabase = try reading.number(
            "SELECT numbackends::int8 FROM pg_stat_database WHERE datname = current_database()")
        let role = try reading.number("SELECT rolconnlimit::int8 FROM pg_roles WHERE rolname = session_user")
        let usedOfRole = try reading.number("SELECT count(*) FROM pg_stat_activity WHERE usename = session_user")
        let limits = [
            ("the server", server ?? -1, usedOfServer ?? 0), ("the database", database ?? -1, usedOfDatabase ?? 0),
            ("the role", role ?? -1, usedOfRole ?? 0),
        ].filter { $0.1 >= 0 }
        let least = limits.min { $0.1 < $1.1 }
        (limiter, limit) = (least?.0 ?? "the server", least?.1 ?? 0)
        // The connection that asks is gone before a node comes.
        free = limits.map { max(0, $0.1 - $0.2 + 1) }.min() ?? 0
    }

    /// Whether a node finds what it needs.
    func finding(needed: Int64) -> Finding {
        guard limit >= needed else {
            return .failed(
                "\(limiter) allows \(limit), and a node may open \(needed)",
                do: "Raise the limit there, or lower MARTLET_DATABASE_CONNECTIONS.")
        }
        guard free >= needed else {
            return .warning(
                "\(free) of \(limit) are free, and a node may open \(needed)",
                do: "Fine if all nodes run already; else raise the limit of \(limiter), "
                    + "or lower MARTLET_DATABASE_CONNECTIONS.")
        }
        return .ok("\(free) of \(limit) are free, and a node may open \(needed)")
    }
}
