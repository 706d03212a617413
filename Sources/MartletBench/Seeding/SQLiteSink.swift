import CSQLite
import Glibc

/// Fills a copy of a SQLite file that the server must not use meanwhile, and puts it in its place in the end.
///
/// The copy is written without a journal and without waiting for the disk, in one transaction: what is cut off leaves the
/// file itself as it was.
struct SQLiteSink: SeedSink {
    private let path: String
    private let connection: OpaquePointer
    private var insert: OpaquePointer?
    private var column: Int32 = 0

    private var copy: String { path + ".seeding" }

    /// Copies the file, which must have its schema and nothing in it.
    init(_ path: String) throws {
        self.path = path
        guard access(path, F_OK) == 0 else {
            throw BenchFailure("\(path) is not there: make it with `martlet migrate`")
        }
        let copy = path + ".seeding"
        unlink(copy)
        let original = try SQLiteSink.open(path)
        defer { sqlite3_close_v2(original) }
        for table in SeedTable.emptyBefore { try SQLiteSink.requireEmpty(table, original, path) }
        try SQLiteSink.execute("VACUUM INTO '\(copy)'", original)

        connection = try SQLiteSink.open(copy)
        for text in [
            "PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA locking_mode = EXCLUSIVE",
            // Rows come in no order: what does not fit here is read and written again and again.
            "PRAGMA cache_size = -6000000", "BEGIN",
        ] { try SQLiteSink.execute(text, connection) }
    }

    mutating func begin(_ table: SeedTable) throws {
        let places = table.columns.map { _ in "?" }.joined(separator: ", ")
        let text = "INSERT INTO \(table.rawValue) (\(table.columns.joined(separator: ", "))) VALUES (\(places))"
        guard sqlite3_prepare_v3(connection, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &insert, nil) == SQLITE_OK
        else { throw SQLiteSink.failure("\(table.rawValue): the schema has changed", connection) }
    }

    mutating func integer(_ value: Int64) { sqlite3_bind_int64(insert, next(), value) }

    mutating func text(_ value: String) {
        sqlite3_bind_text(insert, next(), value, Int32(value.utf8.count), SQLiteSink.transient)
    }

    mutating func bytes(_ value: [UInt8]) {
        sqlite3_bind_blob(insert, next(), value, Int32(value.count), SQLiteSink.transient)
    }

    mutating func null() { sqlite3_bind_null(insert, next()) }

    mutating func endRow() throws {
        column = 0
        let status = sqlite3_step(insert)
        sqlite3_reset(insert)
        guard status == SQLITE_DONE else { throw SQLiteSink.failure("a row", connection) }
    }

    mutating func end() throws {
        sqlite3_finalize(insert)
        insert = nil
    }

    mutating func commit() throws {
        for text in ["UPDATE versions SET value = value + 1", "COMMIT", "PRAGMA journal_mode = WAL"] {
            try SQLiteSink.execute(text, connection)
        }
        guard sqlite3_close(connection) == SQLITE_OK else { throw BenchFailure("\(copy) does not close") }
        let file = Glibc.open(copy, O_RDONLY | O_CLOEXEC)
        guard file >= 0, fchmod(file, 0o600) == 0, fsync(file) == 0, close(file) == 0 else {
            throw BenchFailure.call(copy)
        }
        guard access(path + "-wal", F_OK) != 0 else {
            throw BenchFailure("\(path) is in use: stop the server first")
        }
        guard rename(copy, path) == 0 else { throw BenchFailure.call(path) }
    }

    private mutating func next() -> Int32 {
        column += 1
        return column
    }

    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private static func open(_ path: String) throws -> OpaquePointer {
        var made: OpaquePointer?
        guard sqlite3_open_v2(path, &made, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK, let made
        else { throw BenchFailure("SQLite does not open \(path)") }
        return made
    }

    private static func execute(_ text: String, _ connection: OpaquePointer) throws {
        guard sqlite3_exec(connection, text, nil, nil, nil) == SQLITE_OK else { throw failure(text, connection) }
    }

    private static func requireEmpty(_ table: SeedTable, _ connection: OpaquePointer, _ path: String) throws {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        let text = "SELECT 1 FROM \(table.rawValue) LIMIT 1"
        guard sqlite3_prepare_v2(connection, text, -1, &statement, nil) == SQLITE_OK else {
            throw BenchFailure("\(path) has no table \(table.rawValue): make it with `martlet migrate`")
        }
        guard sqlite3_step(statement) == SQLITE_DONE else { throw SeedRefusal.notEmpty(table, path) }
    }

    private static func failure(_ what: String, _ connection: OpaquePointer) -> BenchFailure {
        BenchFailure("\(what): " + String(cString: sqlite3_errmsg(connection)))
    }
}
