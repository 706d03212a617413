import CSQLite
import Glibc
import Stores

/// Copies a SQLite database into one file while the server writes to it.
///
/// The copy is of one moment: a snapshot is held from the first page to the last. Without it the library would begin anew
/// whenever somebody has written, which on a busy server means for ever. Writers do not wait for a snapshot; their log
/// only grows until it is over, so the copy does not dawdle.
public struct SQLiteBackup: Sendable {
    /// How far it is.
    public enum Progress: Sendable, Equatable {
        case copying(done: ByteCount, of: ByteCount)
        case checking
    }

    /// What was written.
    public struct Outcome: Sendable {
        /// The size of the file.
        public let size: ByteCount
        /// The number of the last step of its schema.
        public let schema: Int64
        /// The rows of each table, the same as the database had.
        public let tables: [TableCount]
    }

    /// Where the copy is written until it is whole; whoever ends the process early removes it.
    public let draftPath: String
    private let source: String
    private let target: String
    private let replacing: Bool

    /// Pages between two pauses (8 MiB in most databases), and how long those are.
    private static let step: Int32 = 2048
    private static let pause: UInt32 = 5000

    /// Prepares a copy of the file at `source` under the name `target`; `replacing` allows that there is one already.
    public init(of source: String, to target: String, replacing: Bool) {
        self.source = source
        self.target = target
        self.replacing = replacing
        draftPath = BackupDraft.name(for: target)
    }

    /// Copies, checks the copy, brings it to disk and gives it its name; blocks the calling thread.
    ///
    /// Throws `StorageError` for the database, `BackupError` for the copy.
    public func run(_ report: (Progress) -> Void) throws -> Outcome {
        try refuseOwnFiles()
        let source = try SQLiteReading(source, .live)
        try source.requireOurs()
        _ = try source.rows("BEGIN")
        guard try !source.isElsewhere() else { throw BackupError.elsewhere(try source.moveFinding()) }
        let size = try source.size()
        let draft = try BackupDraft(for: target, at: draftPath, replacing: replacing)
        if let space = DiskSpace(of: SQLiteFile.directory(of: target)), space.free < size {
            throw BackupDraft.full(target, needed: size)
        }
        try copy(source, to: draft, size: size, report)
        try draft.flush()
        let all = try source.rowCounts()
        let expected = all.filter { !$0.table.hasPrefix(MoveMark.prefix) }
        if expected != all { try leaveOutMove() }
        _ = try source.rows("COMMIT")

        report(.checking)
        let outcome = try check(against: expected)
        try draft.keep()
        return outcome
    }

    /// The target may be neither the database nor a file beside it, by whatever name.
    private func refuseOwnFiles() throws(BackupError) {
        var own = stat()
        var other = stat()
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let isSameName = target == source + suffix
            let isSameFile =
                stat(source + suffix, &own) == 0 && stat(target, &other) == 0 && own.st_ino == other.st_ino
                && own.st_dev == other.st_dev
            if isSameName || isSameFile { throw .isTheDatabase(path: target) }
        }
    }

    private func copy(
        _ source: SQLiteReading, to draft: borrowing BackupDraft, size: ByteCount, _ report: (Progress) -> Void
    ) throws {
        var opened: OpaquePointer?
        let name = draft.path.hasPrefix("/") ? draft.path : "./" + draft.path
        let code = sqlite3_open_v2(name, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        defer { sqlite3_close_v2(opened) }
        guard code == SQLITE_OK, let copy = opened else { throw failure(code, opened) }
        sqlite3_extended_result_codes(copy, 1)
        // Nobody needs half a copy: no journal, and one wait for the disk at each pause.
        sqlite3_exec(copy, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", nil, nil, nil)
        guard let backup = sqlite3_backup_init(copy, "main", source.handle, "main") else {
            throw failure(sqlite3_errcode(copy), copy)
        }
        var last = SQLITE_OK
        repeat {
            last = sqlite3_backup_step(backup, SQLiteBackup.step)
            let (total, left) = (Int64(sqlite3_backup_pagecount(backup)), Int64(sqlite3_backup_remaining(backup)))
            let done = total > 0 ? Double(total - left) / Double(total) * Double(size.bytes) : 0
            report(.copying(done: ByteCount(Int64(done)), of: size))
            if last == SQLITE_OK || SQLiteBackup.isPassing(last) {
                do {
                    try draft.flush()
                } catch {
                    sqlite3_backup_finish(backup)
                    throw error
                }
                usleep(SQLiteBackup.pause)
            }
        } while last == SQLITE_OK || SQLiteBackup.isPassing(last)
        let number = sqlite3_system_errno(copy)
        let finished = sqlite3_backup_finish(backup)
        guard last == SQLITE_DONE, finished == SQLITE_OK else {
            throw failure(last == SQLITE_DONE ? finished : last, copy, number)
        }
    }

    /// What a move has made in the database stays out of the copy: the target would not fit what a restore brings back.
    private func leaveOutMove() throws(StorageError) {
        let copy = try SQLiteConnection(path: draftPath, purpose: .write)
        defer { copy.close() }
        // Nothing beside the file; whoever opens the copy as a database gives it its log again.
        try copy.run("PRAGMA locking_mode = EXCLUSIVE")
        try copy.run("PRAGMA journal_mode = MEMORY")
        // Triggers first: they go with their tables.
        let made = "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'table') ORDER BY type DESC"
        for row in try copy.run(once: made) {
            var reader = RowReader(row, of: "sqlite_master")
            let type = try reader.text("type")
            let name = try reader.text("name")
            if name.hasPrefix(MoveMark.prefix) { try copy.run(once: "DROP \(type) \(MovedTable.quoted(name))") }
        }
    }

    /// Somebody holds what the next step needs, for a moment.
    private static func isPassing(_ code: Int32) -> Bool {
        [SQLITE_BUSY, SQLITE_LOCKED].contains(code & 0xFF)
    }

    /// Damage is the database's; everything else that can go wrong goes wrong with the copy.
    private func failure(_ code: Int32, _ copy: OpaquePointer?, _ number: Int32 = 0) -> any Error {
        let systemError = number != 0 ? number : sqlite3_system_errno(copy)
        switch code & 0xFF {
        case SQLITE_CORRUPT, SQLITE_NOTADB: return StorageError.corrupt(path: source)
        case SQLITE_FULL: return BackupDraft.full(target)
        case SQLITE_IOERR where systemError == ENOSPC || systemError == EDQUOT: return BackupDraft.full(target)
        default:
            let reason =
                systemError != 0 ? String(cString: strerror(systemError)) : String(cString: sqlite3_errstr(code))
            return BackupError.inaccessible(path: target, reason: reason)
        }
    }

    private func check(against expected: [TableCount]) throws -> Outcome {
        let copy = try SQLiteReading(draftPath, .still)
        let complaints: [String]
        do throws(StorageError) {
            complaints = try copy.complaints(.deep)
        } catch {
            throw BackupError.damaged([error.description])
        }
        guard complaints.isEmpty else { throw BackupError.damaged(complaints) }
        let tables = try copy.rowCounts()
        for (table, other) in zip(expected, tables) where table != other {
            throw BackupError.incomplete(table: table.table)
        }
        guard tables.count == expected.count else { throw BackupError.incomplete(table: "sqlite_master") }
        return Outcome(size: try copy.size(), schema: try copy.schemaNumber(), tables: tables)
    }
}
