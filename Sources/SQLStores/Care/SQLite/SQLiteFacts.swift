import CSQLite
import Glibc
public import OAuthTypes
public import Stores

/// What can be told about a SQLite database and the files it is made of.
public struct SQLiteFacts: DatabaseFacts {
    private let files: SQLiteFiles
    private let depth: CareDepth
    private let opened: Result<SQLiteReading, StorageError>

    /// Opens the file at `path`, if it is there; creates nothing.
    public init(_ path: String, depth: CareDepth) {
        files = SQLiteFiles(path: path)
        self.depth = depth
        opened = Result { () throws(StorageError) in
            let reading = try SQLiteReading(path, .live)
            try reading.requireOurs()
            return reading
        }
    }

    /// Whether the file is there and is a database of ours.
    public var isReachable: Bool { (try? opened.get()) != nil }

    /// What to look at, in the order in which it is told.
    public var checks: [Check] {
        let (files, opened, depth) = (files, opened, depth)
        var checks = [
            Check("library") { () throws(StorageError) in SQLiteFacts.library },
            Check("database") { () throws(StorageError) in
                guard files.exists else { return files.absence }
                let reading = try opened.get()
                return .ok("\(files.path), \(try reading.size())")
            },
        ]
        if let reading = try? opened.get() {
            checks += [
                Check("schema") { () throws(StorageError) in try reading.schemaStatus().finding },
                Check("move") { () throws(StorageError) in try reading.moveFinding() },
                Check("integrity") { () throws(StorageError) in
                    SQLiteFacts.integrity(try reading.complaints(depth), depth)
                },
            ]
        }
        return checks + [
            Check("permissions") { () throws(StorageError) in files.permissions },
            Check("disk space") { () throws(StorageError) in
                DiskSpace(of: files.folder)?.finding(folder: files.folder, database: files.size)
                    ?? .skipped("there is no folder \(files.folder) yet")
            },
            Check("write-ahead log") { () throws(StorageError) in files.log },
            Check("clock") { () throws(StorageError) in files.clock(now: SQLiteFacts.now) },
            Check("processes") { () throws(StorageError) in files.processes },
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

    /// The oldest library that knows all that the statements use (`RETURNING`).
    private static let oldestLibrary: Int32 = 3_035_000

    private static var library: Finding {
        let version = "SQLite \(String(cString: sqlite3_libversion()))"
        guard sqlite3_libversion_number() >= oldestLibrary else {
            return .failed(version, do: "Install libsqlite3 3.35 or later.")
        }
        return .ok(version)
    }

    private static func integrity(_ complaints: [String], _ depth: CareDepth) -> Finding {
        guard complaints.isEmpty else {
            return .failed(
                complaints.joined(separator: "; "),
                do: "Stop the server, keep a copy of the file, and restore the last backup.")
        }
        return switch depth {
        case .quick: .ok("every page is intact; --deep looks at the indexes, too")
        case .deep: .ok("every page and index is intact")
        }
    }

    private static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000)
    }
}

@available(*, unavailable)
extension SQLiteFacts: Sendable {}
