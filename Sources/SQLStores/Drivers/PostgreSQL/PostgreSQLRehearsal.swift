public import Stores

extension Rehearsal {
    /// Runs the pending steps on a copy of a PostgreSQL schema with at most `sample` rows of each table.
    ///
    /// The copy is a schema of its own in the same database, which the role must be allowed to create, and is dropped at
    /// the end; if the connection breaks before that the next rehearsal drops it. Throws `StorageError` where the copy
    /// cannot be made. Blocks the calling thread.
    public static func ofPostgreSQL(
        _ settings: PostgreSQLSettings, sample: Int64
    ) throws(StorageError) -> Rehearsal {
        try PostgreSQLRehearsal.run(settings, sample: sample)
    }
}

/// A copy of the schema of a PostgreSQL database: made by the steps that the database has, because a table's copy has
/// none of its triggers.
///
/// Committed before the pending steps run: else this transaction would hold every lock already that they could take.
struct PostgreSQLRehearsal {
    private let session: PostgreSQLSession
    /// The schema that is copied, and the copy, as they are written in a statement.
    private let original: String
    private let copy: String

    /// The name of the copy as an expression: of fixed length, because a long one would be cut, perhaps to that of the
    /// original.
    static let nameOfCopy =
        "'martlet_rehearsal_' || left(encode(sha256(convert_to(current_schema(), 'UTF8')), 'hex'), 32)"

    static func run(
        _ settings: PostgreSQLSettings, sample: Int64, steps: Schema = .current
    ) throws(StorageError) -> Rehearsal {
        let session = try PostgreSQLSession(settings)
        defer { session.close() }
        var rehearsal = Rehearsal(status: try steps.status(of: session))
        guard !rehearsal.status.pending.isEmpty else { return rehearsal }
        let scratch = try PostgreSQLRehearsal(session)
        defer { scratch.remove() }
        let present = Schema(scripts: steps.scripts.filter { $0.number <= rehearsal.status.number })
        rehearsal.tables = try scratch.fill(with: present, sample: sample)
        try steps.rehearse(&rehearsal, on: session)
        return rehearsal
    }

    private init(_ session: PostgreSQLSession) throws(StorageError) {
        self.session = session
        let names = try session.run(
            """
            SELECT quote_ident(current_schema()), \(PostgreSQLRehearsal.nameOfCopy),
                has_database_privilege(current_database(), 'CREATE'),
                format('GRANT CREATE ON DATABASE %I TO %I', current_database(), current_user)
            WHERE current_schema() IS NOT NULL
            """
        )
        guard let row = names.first else { throw .failed("no schema of the search_path exists") }
        var reader = RowReader(row, of: "pg_namespace")
        original = try reader.text("current_schema")
        copy = try reader.text("copy")
        guard try reader.flag("may_create") else {
            throw .failed("this role may not make the schema of the copy; to allow it: \(try reader.text("grant"))")
        }
        try session.run("SELECT set_config('statement_timeout', '0', false)")
        // Two at once would drop each other's copy; the end of the session gives the lock back.
        guard
            try session.run(
                "SELECT 1 WHERE pg_try_advisory_lock($1::int4, hashtext($2))",
                [.integer(PostgreSQLOpening.lockSpace), .text(copy)]
            ).count == 1
        else { throw .busy }
        try session.run("DROP SCHEMA IF EXISTS \(copy) CASCADE")
        try session.run("CREATE SCHEMA \(copy)")
    }

    private func remove() { _ = try? session.run("DROP SCHEMA IF EXISTS \(copy) CASCADE") }

    private func fill(with present: Schema, sample: Int64) throws(StorageError) -> [Rehearsal.Table] {
        try session.run("SELECT set_config('search_path', $1, false)", [.text(copy)])
        guard present.number > 0 else { return [] }
        _ = try present.bringUpToDate(session, .migrate)
        var tables: [Rehearsal.Table] = []
        for (name, columns) in try sharedColumns() {
            let rows = name == "schema_migrations" ? Int64.max : sample
            try session.run("DELETE FROM \(copy).\(name)")
            try session.run(
                "INSERT INTO \(copy).\(name) (\(columns)) SELECT \(columns) FROM \(original).\(name) LIMIT $1",
                [.integer(rows)]
            )
            tables.append(
                Rehearsal.Table(
                    name: name, rows: try count("\(original).\(name)"), copied: try count("\(copy).\(name)"))
            )
        }
        return tables
    }

    /// The tables of the copy with the columns that the original has too, both as they are written in a statement.
    private func sharedColumns() throws(StorageError) -> [(table: String, columns: String)] {
        let rows = try session.run(
            """
            SELECT quote_ident(t.relname), string_agg(quote_ident(c.attname), ', ' ORDER BY c.attnum)
            FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid
            WHERE t.relnamespace = to_regnamespace($1) AND t.relkind = 'r' AND c.attnum > 0 AND NOT c.attisdropped
                AND EXISTS (SELECT 1 FROM pg_class o JOIN pg_attribute oc ON oc.attrelid = o.oid
                    WHERE o.relnamespace = to_regnamespace($2) AND o.relname = t.relname AND oc.attname = c.attname
                        AND NOT oc.attisdropped)
            GROUP BY t.relname ORDER BY t.relname
            """,
            [.text(copy), .text(original)]
        )
        var tables: [(table: String, columns: String)] = []
        for row in rows {
            var reader = RowReader(row, of: "pg_class")
            let table = try reader.text("relname")
            tables.append((table: table, columns: try reader.text("attname")))
        }
        return tables
    }

    private func count(_ table: String) throws(StorageError) -> Int64 {
        guard let row = try session.run("SELECT count(*) FROM \(table)").first else { return 0 }
        var reader = RowReader(row, of: "pg_class")
        return try reader.integer("count")
    }
}

extension PostgreSQLSession: RehearsalConnection {
    /// Those that keep others from reading or writing.
    func locks() throws(StorageError) -> [Rehearsal.Lock] {
        let rows = try run(
            """
            SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
            WHERE l.pid = pg_backend_pid() AND l.granted AND c.relkind IN ('r', 'p')
                AND c.relnamespace = to_regnamespace(quote_ident(current_schema()))
                AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
            ORDER BY c.relname, l.mode
            """
        )
        var locks: [Rehearsal.Lock] = []
        for row in rows {
            var reader = RowReader(row, of: "pg_locks")
            let table = try reader.text("relname")
            locks.append(Rehearsal.Lock(table: table, mode: try reader.text("mode")))
        }
        return locks
    }
}
