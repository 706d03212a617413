import CSQLite
import Glibc

/// Raw batched updates: one thread, one connection, prepared statements, durable commits, and nothing else.
///
/// Works on a copy of the server's own database, so the rows, the indexes and the size of the file are the same.
final class SQLiteUpdates {
    private let connection: OpaquePointer
    private let update: OpaquePointer
    private let keys: [[UInt8]]
    private let areKeysText: Bool
    private var next = 0

    /// An update of one row found by its key.
    struct Statement {
        let table: String
        let key: String
        let text: String
        /// Bound after the key: as many bytes for each blob, or a fresh number.
        let values: [Value]

        enum Value {
            case number, blob(Int)
        }

        /// What spends a refresh token.
        static let rotation = Statement(
            table: "grants", key: "id",
            text: "UPDATE grants SET generation = generation + 1, rotated_at = ?2, request = ?3, idle_expires_at = ?4 "
                + "WHERE id = ?1",
            values: [.number, .blob(32), .number])
        /// What spends a code.
        static let redemption = Statement(
            table: "codes", key: "digest", text: "UPDATE codes SET redeemed_at = ?2 WHERE digest = ?1",
            values: [.number])
    }

    private let statement: Statement

    /// Copies the database of a running server to `copy` and opens the copy as the server opens its own.
    init(copying path: String, to copy: String, _ statement: Statement) throws {
        unlink(copy)
        let source = try SQLiteUpdates.open(path, SQLITE_OPEN_READONLY)
        let status = sqlite3_exec(source, "VACUUM INTO '\(copy)'", nil, nil, nil)
        sqlite3_close_v2(source)
        guard status == SQLITE_OK else { throw BenchFailure("the database cannot be copied (SQLite \(status))") }

        connection = try SQLiteUpdates.open(copy, SQLITE_OPEN_READWRITE)
        self.statement = statement
        for pragma in ["journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 4000", "cache_size = -8192"] {
            guard sqlite3_exec(connection, "PRAGMA " + pragma, nil, nil, nil) == SQLITE_OK else {
                throw BenchFailure("SQLite refuses \(pragma)")
            }
        }
        (keys, areKeysText) = try SQLiteUpdates.keys(connection, statement)
        update = try SQLiteUpdates.prepare(connection, statement.text)
        guard !keys.isEmpty else { throw BenchFailure("the table \(statement.table) is empty") }
    }

    deinit {
        sqlite3_finalize(update)
        sqlite3_close_v2(connection)
    }

    /// Updates rows, so many a transaction.
    func rate(batch: Int, seconds: Double) throws -> Rate {
        try Rate.ofThisThread(seconds: seconds) {
            try execute("BEGIN IMMEDIATE")
            for _ in 0..<batch { try updateNext() }
            try execute("COMMIT")
            return batch
        }
    }

    private func updateNext() throws {
        // A stride that has no factor in common with common sizes: rows in no order, each as often as the others.
        next = (next + 7919) % keys.count
        let key = keys[next]
        let bound =
            areKeysText
            ? key.withUnsafeBytes {
                sqlite3_bind_text(update, 1, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count), nil)
            } : sqlite3_bind_blob(update, 1, key, Int32(key.count), nil)
        guard bound == SQLITE_OK else { throw BenchFailure("SQLite binds no key") }
        for (index, value) in statement.values.enumerated() {
            switch value {
            case .number: sqlite3_bind_int64(update, Int32(index + 2), Int64(Monotonic.now / 1000))
            case .blob(let count): sqlite3_bind_zeroblob(update, Int32(index + 2), Int32(count))
            }
        }
        let status = sqlite3_step(update)
        sqlite3_reset(update)
        guard status == SQLITE_DONE, sqlite3_changes(connection) == 1 else {
            throw BenchFailure("an update changed \(sqlite3_changes(connection)) rows (SQLite \(status))")
        }
    }

    private func execute(_ text: String) throws {
        let status = sqlite3_exec(connection, text, nil, nil, nil)
        guard status == SQLITE_OK else { throw BenchFailure("\(text): SQLite \(status)") }
    }

    private static func open(_ path: String, _ flags: Int32) throws -> OpaquePointer {
        var made: OpaquePointer?
        guard sqlite3_open_v2(path, &made, flags | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK, let made else {
            throw BenchFailure("SQLite does not open \(path)")
        }
        return made
    }

    private static func prepare(_ connection: OpaquePointer, _ text: String) throws -> OpaquePointer {
        var made: OpaquePointer?
        guard sqlite3_prepare_v3(connection, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil) == SQLITE_OK,
            let made
        else { throw BenchFailure("the schema has changed: " + String(cString: sqlite3_errmsg(connection))) }
        return made
    }

    private static func keys(
        _ connection: OpaquePointer, _ statement: Statement
    ) throws -> (keys: [[UInt8]], areText: Bool) {
        let select = try prepare(connection, "SELECT \(statement.key) FROM \(statement.table)")
        defer { sqlite3_finalize(select) }
        var keys: [[UInt8]] = []
        var areText = false
        while sqlite3_step(select) == SQLITE_ROW {
            areText = sqlite3_column_type(select, 0) == SQLITE_TEXT
            let bytes = UnsafeRawBufferPointer(
                start: sqlite3_column_blob(select, 0), count: Int(sqlite3_column_bytes(select, 0)))
            keys.append(Array(bytes))
        }
        return (keys, areText)
    }
}
