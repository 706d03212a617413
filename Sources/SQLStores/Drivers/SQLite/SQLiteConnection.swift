import CSQLite
import Stores

/// One connection with its prepared statements.
///
/// `@unchecked Sendable`: SQLite's connection is opened without its own mutex and belongs to one thread at a time: the
/// writer's, or the one that took it out of the pool of readers. It changes hands under a lock only.
final class SQLiteConnection: @unchecked Sendable {
    /// What a connection may do.
    enum Purpose: Sendable {
        /// Writes, and copies the log into the database file where the process has the right to (`CopyRight`).
        case writeAndCheckpoint
        /// Writes and leaves the log alone.
        case write
        /// Copies the log into the database file beside the connection that writes.
        case checkpoint
        /// Reads.
        case read
    }

    let path: String
    private let handle: OpaquePointer
    /// By the address of the text, which is a literal of the program: there are only so many, and they never move.
    private var prepared: [UnsafePointer<UInt8>: PreparedStatement] = [:]

    /// The length of the log after the last commit; only a connection that checkpoints is told.
    private let logPages: UnsafeMutablePointer<Int32>

    private struct PreparedStatement {
        let handle: OpaquePointer
        /// SQLite numbers `$2`, `$1` in the order of their coming: where each belongs.
        let positions: [Int32]
        let columns: Int32
    }

    /// Evaluated once, before the first connection.
    private static let isLibrarySetUp = martlet_sqlite_count_no_memory() == SQLITE_OK

    init(path: String, purpose: Purpose) throws(StorageError) {
        // Where another part of the process was faster the library merely works a little slower.
        _ = SQLiteConnection.isLibrarySetUp
        self.path = path
        // Without the prefix a path could be taken for ":memory:" or a URI.
        let name = path.hasPrefix("/") ? path : "./" + path
        logPages = .allocate(capacity: 1)
        logPages.initialize(to: 0)
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(name, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard let handle = opened else { throw .failed("out of memory") }
        self.handle = handle
        sqlite3_extended_result_codes(handle, 1)
        guard code == SQLITE_OK else {
            let failure = StorageError(code: code, of: handle, path: path)
            sqlite3_close_v2(handle)
            throw failure
        }
        do throws(StorageError) {
            try configure(for: purpose)
        } catch {
            close()
            throw error
        }
    }

    deinit { logPages.deallocate() }

    /// Ends the connection; nothing may be asked of it afterwards.
    func close() {
        for statement in prepared.values { sqlite3_finalize(statement.handle) }
        prepared = [:]
        sqlite3_close_v2(handle)
    }

    /// Whether no transaction is open: some errors end it on their own.
    var isIdle: Bool { sqlite3_get_autocommit(handle) != 0 }

    /// Whether the file can only be read: the library falls back to that by itself.
    var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

    /// Runs one statement to its end and answers its rows.
    @discardableResult
    func run(_ text: StaticString, _ parameters: [SQLValue] = []) throws(StorageError) -> [Row] {
        try rows(of: try prepare(text), parameters)
    }

    /// Runs one statement that is no literal, such as one with names from the catalogue in it, and keeps nothing of it.
    @discardableResult
    func run(once text: String, _ parameters: [SQLValue] = []) throws(StorageError) -> [Row] {
        let statement = try make(text, text.utf8.count, flags: 0)
        defer { sqlite3_finalize(statement.handle) }
        return try rows(of: statement, parameters)
    }

    private func rows(
        of statement: PreparedStatement, _ parameters: [SQLValue]
    ) throws(StorageError) -> [Row] {
        guard statement.positions.count == parameters.count else {
            throw .failed("a statement takes \(statement.positions.count) values and was given \(parameters.count)")
        }
        // An open statement would hold its snapshot and keep the log from being reused.
        defer { sqlite3_reset(statement.handle) }
        for (value, position) in zip(parameters, statement.positions) {
            let code = SQLiteValue.bind(value, to: position, of: statement.handle)
            guard code == SQLITE_OK else { throw StorageError(code: code, of: handle, path: path) }
        }
        var rows: [Row] = []
        while true {
            let code = sqlite3_step(statement.handle)
            switch code {
            case SQLITE_ROW: rows.append(SQLiteValue.row(of: statement.handle, columns: statement.columns))
            case SQLITE_DONE: return rows
            default: throw StorageError(code: code, of: handle, path: path)
            }
        }
    }

    /// The pages of the log after the last commit; zero on a connection that does not copy the log.
    var logLength: Int32 { logPages.pointee }

    /// Copies the log into the database file, readers and the writer undisturbed, and answers how many of its pages are
    /// there now.
    ///
    /// Nil where it failed, which costs nothing now: the log stays, and the next time tries again.
    @discardableResult
    func checkpoint() -> Int32? {
        var copied: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, &copied)
        return code == SQLITE_OK ? max(0, copied) : nil
    }

    /// Runs several statements that take no values and answer nothing.
    func execute(script: StaticString) throws(StorageError) {
        let code = sqlite3_exec(handle, SQLiteConnection.text(script), nil, nil, nil)
        guard code == SQLITE_OK else { throw StorageError(code: code, of: handle, path: path) }
    }

    private func configure(for purpose: Purpose) throws(StorageError) {
        sqlite3_busy_timeout(handle, purpose == .read ? 250 : 5000)
        guard martlet_sqlite_harden(handle) == SQLITE_OK,
            purpose == .writeAndCheckpoint || martlet_sqlite_leave_log(handle) == SQLITE_OK
        else { throw .failed("this SQLite library is too old") }
        try run("PRAGMA synchronous = FULL")
        try run("PRAGMA temp_store = MEMORY")
        switch purpose {
        case .read:
            try run("PRAGMA query_only = ON")
            try run("PRAGMA wal_autocheckpoint = 0")
            try run("PRAGMA cache_size = -512")
            try run("PRAGMA mmap_size = 1073741824")
        case .write, .checkpoint:
            try run("PRAGMA wal_autocheckpoint = 0")
        case .writeAndCheckpoint:
            // In place of the automatic checkpoint, which would come between a commit and its answers.
            sqlite3_wal_hook(
                handle,
                { context, _, _, pages in
                    context?.assumingMemoryBound(to: Int32.self).pointee = pages
                    return SQLITE_OK
                },
                logPages
            )
            try run("PRAGMA journal_size_limit = 67108864")
            try run("PRAGMA cache_size = -8192")
        }
    }

    private func prepare(_ text: StaticString) throws(StorageError) -> PreparedStatement {
        if let statement = prepared[text.utf8Start] { return statement }
        let statement = try make(
            SQLiteConnection.text(text), text.utf8CodeUnitCount, flags: UInt32(SQLITE_PREPARE_PERSISTENT)
        )
        prepared[text.utf8Start] = statement
        return statement
    }

    private func make(
        _ text: UnsafePointer<CChar>, _ count: Int, flags: UInt32
    ) throws(StorageError) -> PreparedStatement {
        var made: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, text, Int32(clamping: count), flags, &made, nil)
        guard code == SQLITE_OK, let made else { throw StorageError(code: code, of: handle, path: path) }
        var positions: [Int32] = []
        for number in 0..<sqlite3_bind_parameter_count(made) {
            positions.append(sqlite3_bind_parameter_index(made, "$\(number + 1)"))
        }
        return PreparedStatement(handle: made, positions: positions, columns: sqlite3_column_count(made))
    }

    private static func text(_ text: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
