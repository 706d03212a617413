import Glibc
import OAuthTypes
public import Stores

/// A backup that lies in a file: what can be told about it without a server and without its database.
///
/// Nothing is written, not even beside it.
public struct SQLiteBackupFile {
    private let path: String
    private let copy: SQLiteReading

    /// Opens the file; throws `StorageError` where there is none or it is no database of ours.
    public init(_ path: String) throws(StorageError) {
        self.path = path
        var status = stat()
        guard stat(path, &status) == 0 else { throw StorageError(systemError: errno, path: path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .inaccessible(path: path, reason: "not a file") }
        copy = try SQLiteReading(path, .still)
        try copy.requireOurs()
        guard try copy.hasTable("schema_migrations") else { throw .foreign(path: path) }
    }

    /// The signing keys, sealed.
    public func signingKeys() throws(StorageError) -> [SigningKeyRecord] { try copy.signingKeys() }

    /// How many values are sealed under which master key.
    public func sealedCounts(headCount: Int) throws(StorageError) -> [SealedCount] {
        try copy.sealedCounts(headCount: headCount)
    }

    /// The rows of every table.
    public func tables() throws(StorageError) -> [TableCount] { try copy.rowCounts() }

    /// What to look at before the file is relied on.
    public var checks: [Check] {
        let (path, copy) = (path, copy)
        return [
            Check("file") { () throws(StorageError) in try SQLiteBackupFile.file(path, copy) },
            Check("integrity") { () throws(StorageError) in
                let complaints = try copy.complaints(.deep)
                return complaints.isEmpty
                    ? .ok("every page and index is intact")
                    : .failed(complaints.joined(separator: "; "), do: "Use an older backup.")
            },
            Check("schema") { () throws(StorageError) in
                let status = try copy.schemaStatus()
                guard let last = status.pending.last else { return status.finding }
                let number = status.applied.last?.number ?? 0
                return .ok("step \(number); this program brings it to step \(last.number) when it starts on it")
            },
            Check("move") { () throws(StorageError) in try copy.moveFinding() },
            Check("rows") { () throws(StorageError) in
                let tables = try copy.rowCounts()
                let list = tables.map { "\($0.table) \($0.rows)" }.joined(separator: ", ")
                return .ok("\(tables.reduce(0) { $0 + $1.rows }) in \(tables.count) tables: \(list)")
            },
        ]
    }

    private static func file(_ path: String, _ copy: SQLiteReading) throws(StorageError) -> Finding {
        var status = stat()
        if stat(path + "-wal", &status) == 0, status.st_size > 0 {
            return .failed(
                "\(path) has a log beside it: it is a database in use, or a copy of one that was, and not a backup",
                do: "Make a backup with `martlet backup FILE`.")
        }
        guard stat(path, &status) == 0 else { throw StorageError(systemError: errno, path: path) }
        let size = ByteCount(Int64(status.st_size))
        let needed = try copy.size()
        guard size >= needed else {
            return .failed("it has \(size) of \(needed): the rest is missing", do: "Copy it again, or use another one.")
        }
        let made = "\(size), written \(Timestamp(seconds: Int64(status.st_mtim.tv_sec)).internetDate)"
        guard status.st_mode & 0o077 == 0 else {
            return .warning(
                "\(made); others than its owner can read it (mode \(String(status.st_mode & 0o777, radix: 8)))",
                do: "chmod 600 \(path)")
        }
        return .ok(made)
    }
}

@available(*, unavailable)
extension SQLiteBackupFile: Sendable {}
