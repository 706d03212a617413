import Glibc
public import Stores

extension Rehearsal {
    /// Runs the pending steps on a copy of a SQLite file with at most `sample` rows of each table; changes nothing.
    ///
    /// The copy takes at most half of the space that is left beside the file. Throws `StorageError` where the copy cannot
    /// be made. Blocks the calling thread.
    public static func ofSQLite(at path: String, sample: Int64) throws(StorageError) -> Rehearsal {
        try SQLiteRehearsal.run(at: path, sample: sample)
    }
}

/// A copy of a SQLite database in a file beside it, which is gone from its directory before anything is copied: nothing
/// of it stays, however the rehearsal ends.
///
/// Tables, indexes, triggers and views are those of the database, whoever made them; of the rows there is a sample.
struct SQLiteRehearsal {
    private let copy: SQLiteConnection

    static func run(
        at path: String, sample: Int64, steps: Schema = .current
    ) throws(StorageError) -> Rehearsal {
        var rehearsal = Rehearsal(status: try SQLiteOpening.status(at: path, steps: steps))
        guard !rehearsal.status.pending.isEmpty else { return rehearsal }
        let scratch = try SQLiteRehearsal(beside: path)
        defer { scratch.copy.close() }
        rehearsal.tables = try scratch.fill(from: path, sample: sample)
        try steps.rehearse(&rehearsal, on: scratch.copy)
        return rehearsal
    }

    private init(beside path: String) throws(StorageError) {
        let name = path + "-rehearsal"
        unlink(name)
        try SQLiteFile.prepare(at: name)
        copy = try SQLiteConnection(path: name, purpose: .write)
        unlink(name)
        do throws(StorageError) {
            // A file without a name can have no log or journal beside it.
            try copy.run("PRAGMA journal_mode = MEMORY")
            try copy.run("PRAGMA synchronous = OFF")
            let pages = max(1024, SQLiteRehearsal.freeBytes(beside: path) / 2 / 4096)
            try copy.run(once: "PRAGMA max_page_count = \(pages)")
        } catch {
            copy.close()
            throw error
        }
    }

    /// The database needs the other half of the space itself.
    private static func freeBytes(beside path: String) -> UInt64 {
        var status = statvfs()
        guard statvfs(SQLiteFile.directory(of: path), &status) == 0 else { return 0 }
        return UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue
    }

    private func fill(from path: String, sample: Int64) throws(StorageError) -> [Rehearsal.Table] {
        // As in a connection's opening: no path is a keyword or an address.
        try copy.run("ATTACH DATABASE $1 AS original", [.text(path.hasPrefix("/") ? path : "./" + path)])
        try copy.run("BEGIN")
        var tables: [Rehearsal.Table] = []
        for (name, sql) in try objects(
            "SELECT name, sql FROM original.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND sql <> ''"
        ) {
            try copy.run(once: sql)
            tables.append(try fill(name, sample: name == "schema_migrations" ? .max : sample))
        }
        for (_, sql) in try objects(
            "SELECT name, sql FROM original.sqlite_master WHERE type <> 'table' AND sql <> '' ORDER BY type DESC"
        ) {
            try copy.run(once: sql)
        }
        try copy.run("COMMIT")
        // A name that the copy lacks must not lead a step to the database itself.
        try copy.run("DETACH DATABASE original")
        return tables
    }

    private func fill(_ name: String, sample: Int64) throws(StorageError) -> Rehearsal.Table {
        let quoted =
            "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        try copy.run(
            once: "INSERT INTO main.\(quoted) SELECT * FROM original.\(quoted) LIMIT $1", [.integer(sample)])
        return Rehearsal.Table(
            name: name,
            rows: try count("SELECT COUNT(*) FROM original.\(quoted)"),
            copied: try count("SELECT COUNT(*) FROM main.\(quoted)")
        )
    }

    private func objects(_ text: StaticString) throws(StorageError) -> [(name: String, sql: String)] {
        var objects: [(name: String, sql: String)] = []
        for row in try copy.run(text) {
            var reader = RowReader(row, of: "sqlite_master")
            let name = try reader.text("name")
            objects.append((name: name, sql: try reader.text("sql")))
        }
        return objects
    }

    private func count(_ text: String) throws(StorageError) -> Int64 {
        guard let row = try copy.run(once: text).first else { return 0 }
        var reader = RowReader(row, of: "sqlite_master")
        return try reader.integer("count")
    }
}

extension SQLiteConnection: RehearsalConnection {
    /// There is one: from the first step to the end nobody else writes, and everybody reads.
    func locks() throws(StorageError) -> [Rehearsal.Lock] {
        isIdle ? [] : [Rehearsal.Lock(table: nil, mode: "writer lock")]
    }
}
