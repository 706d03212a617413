import CSQLite
import Glibc
import Stores

/// One connection that only looks: at a database that may be in use, or at a copy that nobody changes.
///
/// Belongs to the thread that made it.
final class SQLiteReading: DatabaseReading {
    enum Subject {
        /// Others may be writing to it.
        case live
        /// Nobody changes it: no lock is taken and no file is made beside it, so its folder may be read-only.
        case still
    }

    let path: String
    let handle: OpaquePointer

    init(_ path: String, _ subject: Subject) throws(StorageError) {
        self.path = path
        var opened: OpaquePointer?
        let code: Int32
        switch subject {
        case .live:
            // Writable although nothing is written: whoever comes first has to make the index of the log.
            let name = path.hasPrefix("/") ? path : "./" + path
            code = sqlite3_open_v2(name, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        case .still:
            let name = "file:" + SQLiteReading.escaped(path) + "?immutable=1"
            code = sqlite3_open_v2(name, &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nil)
        }
        guard let handle = opened else { throw .failed("out of memory") }
        self.handle = handle
        sqlite3_extended_result_codes(handle, 1)
        guard code == SQLITE_OK else { throw failure(code) }
        sqlite3_busy_timeout(handle, 5000)
        guard martlet_sqlite_harden(handle) == SQLITE_OK, martlet_sqlite_leave_log(handle) == SQLITE_OK else {
            throw .failed("this SQLite library is too old")
        }
        for pragma in ["query_only = ON", "temp_store = MEMORY", "wal_autocheckpoint = 0", "mmap_size = 0"] {
            _ = try rows("PRAGMA \(pragma)")
        }
    }

    deinit { sqlite3_close_v2(handle) }

    func failure(_ code: Int32) -> StorageError { StorageError(code: code, of: handle, path: path) }

    func rows(_ text: String, _ values: [SQLValue]) throws(StorageError) -> [Row] {
        var made: OpaquePointer?
        let code = sqlite3_prepare_v2(handle, text, -1, &made, nil)
        guard code == SQLITE_OK, let statement = made else { throw failure(code) }
        defer { sqlite3_finalize(statement) }
        for (index, value) in values.enumerated() {
            let position = sqlite3_bind_parameter_index(statement, "$\(index + 1)")
            let code = SQLiteValue.bind(value, to: position, of: statement)
            guard code == SQLITE_OK else { throw failure(code) }
        }
        let columns = sqlite3_column_count(statement)
        var rows: [Row] = []
        while true {
            let code = sqlite3_step(statement)
            switch code {
            case SQLITE_ROW: rows.append(SQLiteValue.row(of: statement, columns: columns))
            case SQLITE_DONE: return rows
            default: throw failure(code)
            }
        }
    }

    func hasTable(_ name: String) throws(StorageError) -> Bool {
        try !rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1", [.text(name)]).isEmpty
    }

    /// Refuses a file of another program; an empty one is ours to fill.
    func requireOurs() throws(StorageError) {
        let isEmpty = try rows("SELECT 1 FROM sqlite_master LIMIT 1").isEmpty
        let mark = try number("PRAGMA application_id")
        guard isEmpty || mark == SQLiteSchema.applicationID else { throw .foreign(path: path) }
    }

    /// The size of the content, without what still stands in the log only.
    func size() throws(StorageError) -> ByteCount {
        let pages = try number("PRAGMA page_count")
        let page = try number("PRAGMA page_size")
        return ByteCount((pages ?? 0) * (page ?? 0))
    }

    /// What is wrong with the structure, the first ten complaints; none where it is intact.
    func complaints(_ depth: CareDepth) throws(StorageError) -> [String] {
        let words = try texts(depth == .deep ? "PRAGMA integrity_check(10)" : "PRAGMA quick_check(10)")
        // Some complaints have a headline of their own.
        return words == ["ok"] ? [] : words.map { String($0.map { $0.isNewline ? " " : $0 }) }
    }

    /// The rows of every table, by name.
    func rowCounts() throws(StorageError) -> [TableCount] {
        let tables = try texts(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
        var counts: [TableCount] = []
        for table in tables {
            // A name of the catalogue, quoted as SQL wants it.
            let quoted = table.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            let rows = try number("SELECT count(*) FROM \"\(quoted)\"")
            counts.append(TableCount(table: table, rows: rows ?? 0))
        }
        return counts
    }

    /// A path within a URI: everything but the plainest characters is escaped (RFC 3986 §2.1).
    private static func escaped(_ path: String) -> String {
        var text = path.hasPrefix("/") ? "//" : "./"
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}

/// How many rows a table has.
public struct TableCount: Sendable, Hashable {
    /// The name of the table.
    public let table: String
    /// Its rows.
    public let rows: Int64
}
