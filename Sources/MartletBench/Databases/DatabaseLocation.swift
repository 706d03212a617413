/// Where a database is, in the words of `MARTLET_DATABASE`.
enum DatabaseLocation: Equatable {
    /// The path of a file.
    case sqlite(String)
    /// A connection string of libpq: a URL, or keywords with values.
    case postgresql(String)

    /// Reads `sqlite:PATH`, `postgresql://…`, `postgres://…` or `postgresql:` with keywords and values.
    init(_ text: String) throws {
        if text.hasPrefix("sqlite:"), text.utf8.count > 7 {
            self = .sqlite(String(text.dropFirst(7)))
        } else if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            self = .postgresql(text)
        } else if text.hasPrefix("postgresql:") {
            self = .postgresql(String(text.dropFirst(11)))
        } else {
            throw BenchFailure("\(text) is no database: sqlite:PATH or postgresql://…")
        }
    }

    /// The value of `MARTLET_DATABASE`.
    var setting: String {
        switch self {
        case .sqlite(let path): "sqlite:" + path
        case .postgresql(let text): text.contains("://") ? text : "postgresql:" + text
        }
    }

    /// What libpq takes, for a location that must be in PostgreSQL.
    static func connection(_ text: String) throws -> String {
        guard case .postgresql(let location) = try DatabaseLocation(text) else {
            throw BenchFailure("\(text) is not in PostgreSQL")
        }
        return location
    }

    /// What kind it is.
    var kind: DatabaseKind {
        switch self {
        case .sqlite: .sqlite
        case .postgresql: .postgresql
        }
    }
}

/// The two databases that the product knows.
enum DatabaseKind: String {
    case sqlite = "SQLite"
    case postgresql = "PostgreSQL"
}
