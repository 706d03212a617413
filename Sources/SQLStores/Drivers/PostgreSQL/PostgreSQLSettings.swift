import CPostgreSQL
public import Stores

/// How to reach a PostgreSQL database and how much of it to use.
public struct PostgreSQLSettings: Sendable {
    /// What libpq understands: an address or `key=value` pairs.
    ///
    /// Service files, password files and the `PG…` variables of the environment fill in what is missing.
    public let connectionString: String
    /// Connections that write, of the whole process, at least 1: commits are serial on each.
    public let connections: Int
    /// How long one operation on the database, a read or a whole write with all its statements, may wait and run before
    /// its caller is told that the database does not answer.
    ///
    /// A request that makes several has that time for each. The server, which knows the end of statements only, may work
    /// on one that was given up for as long again.
    public let timeout: Duration

    /// Whether the string itself has a password in it.
    public let holdsPassword: Bool

    /// Connections without a setting: what a node needs for most of what the disk can do.
    public static let standardConnections = 16
    /// The timeout without a setting.
    public static let standardTimeout = Duration.seconds(5)

    /// Checks the connection string; connects to nothing.
    public init(
        _ connectionString: String, connections: Int = standardConnections, timeout: Duration = standardTimeout
    ) throws(StorageError) {
        var words: UnsafeMutablePointer<CChar>?
        guard !connectionString.utf8.contains(0), let options = PQconninfoParse(connectionString, &words) else {
            defer { PQfreemem(words) }
            let reason = words.map { String(cString: $0) } ?? "it holds a NUL"
            // The library repeats what it cannot read, which may be the password.
            let isTelling = connectionString.contains("@") || connectionString.contains("pass")
            let telling = isTelling ? "the address cannot be read" : reason.trimmed
            throw .unavailable(reason: telling)
        }
        let parts = PostgreSQLSettings.parts(options)
        PQconninfoFree(options)
        let isAddress = connectionString.hasPrefix("postgresql://") || connectionString.hasPrefix("postgres://")
        guard !isAddress || PostgreSQLSettings.areWhole(parts) else {
            throw .unavailable(reason: "the address falls apart at a / or @ of its password")
        }
        holdsPassword = parts["password"] != nil || parts["sslpassword"] != nil
        self.connectionString = connectionString
        self.connections = max(1, connections)
        self.timeout = timeout
    }

    /// Host, port and name of the database as far as the string says them; never the password.
    public var description: String {
        guard let options = PQconninfoParse(connectionString, nil) else { return "" }
        defer { PQconninfoFree(options) }
        let parts = PostgreSQLSettings.parts(options)
        if let service = parts["service"] { return "service \(service)" }
        let host = parts["host"] ?? parts["hostaddr"] ?? "the local socket"
        let port = parts["port"].map { ":" + $0 } ?? ""
        return "\(host)\(port)/\(parts["dbname"] ?? "")"
    }

    private static func parts(_ options: UnsafePointer<PQconninfoOption>) -> [String: String] {
        var parts: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parts[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return parts
    }

    /// Whether an address is what its author meant: a `/` or `@` that stands in a password as it is makes the rest of
    /// the password a port, a host or a name, and those are shown.
    private static func areWhole(_ parts: [String: String]) -> Bool {
        let isPortANumber = (parts["port"] ?? "").utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2C }
        return isPortANumber && ![parts["host"], parts["dbname"]].contains { $0?.contains("@") ?? false }
    }
}

extension String {
    /// On one line and without the white space and the stop at its end, as libpq's messages have them.
    var trimmed: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace || last == "?" || last == "." { text.removeLast() }
        return String(text.map { $0.isWhitespace ? " " : $0 })
    }
}
