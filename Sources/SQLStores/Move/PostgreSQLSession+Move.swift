import Glibc
import Stores

extension PostgreSQLSession: MoveConnection {
    func query(_ text: String, _ values: [SQLValue]) throws(StorageError) -> [Row] { try run(text, values) }

    func hasTable(_ name: String) throws(StorageError) -> Bool {
        try !run(
            """
            SELECT 1 FROM pg_class t JOIN pg_namespace s ON s.oid = t.relnamespace
            WHERE s.nspname = current_schema() AND t.relname = $1 AND t.relkind = 'r'
            """,
            [.text(name)]
        ).isEmpty
    }

    func catalogue() throws(StorageError) -> [MovedTable] {
        let rows = try run(
            """
            SELECT t.relname FROM pg_class t JOIN pg_namespace s ON s.oid = t.relnamespace
            WHERE s.nspname = current_schema() AND t.relkind = 'r' ORDER BY t.relname COLLATE "C"
            """
        )
        var tables: [MovedTable] = []
        for row in rows {
            var reader = RowReader(row, of: "pg_class")
            let name = try reader.text("relname")
            if MovedTable.isMoved(name) { tables.append(try table(name)) }
        }
        return tables
    }

    private func table(_ name: String) throws(StorageError) -> MovedTable {
        let rows = try run(
            """
            SELECT c.attname, format_type(c.atttypid, NULL), COALESCE(array_position(i.indkey::int2[], c.attnum), -1)::int8
            FROM pg_attribute c LEFT JOIN pg_index i ON i.indrelid = c.attrelid AND i.indisprimary
            WHERE c.attrelid = to_regclass(quote_ident($1)) AND c.attnum > 0 AND NOT c.attisdropped
            ORDER BY 3, c.attnum
            """,
            [.text(name)]
        )
        var keys: [MovedTable.Column] = []
        var rest: [MovedTable.Column] = []
        for row in rows {
            var reader = RowReader(row, of: "pg_attribute")
            let column = try reader.text("attname")
            let type = try reader.text("type")
            let kinds: [String: MovedTable.Kind] = ["bigint": .integer, "text": .text, "bytea": .bytes]
            guard let kind = kinds[type] else {
                throw .failed("\(name).\(column) is of a type that cannot be moved: \(type)")
            }
            if try reader.integer("position") >= 0 {
                keys.append(.init(name: column, kind: kind))
            } else {
                rest.append(.init(name: column, kind: kind))
            }
        }
        guard !keys.isEmpty else { throw .failed("table \(name) has no primary key and cannot be moved") }
        return MovedTable(name, keys: keys, rest: rest, uniques: try uniques(of: name))
    }

    private func uniques(of name: String) throws(StorageError) -> [[String]] {
        let rows = try run(
            """
            SELECT string_agg(c.attname::text, ' ' ORDER BY c.attname COLLATE "C")
            FROM pg_index i JOIN pg_attribute c ON c.attrelid = i.indrelid AND c.attnum = ANY (i.indkey)
            WHERE i.indrelid = to_regclass(quote_ident($1)) AND i.indisunique AND NOT i.indisprimary
                AND i.indpred IS NULL
            GROUP BY i.indexrelid
            """,
            [.text(name)]
        )
        var uniques: [[String]] = []
        for row in rows {
            var reader = RowReader(row, of: "pg_index")
            uniques.append(try reader.text("columns").split(separator: " ").map(String.init))
        }
        return uniques
    }

    /// The end of the session gives the lock back: what a killed move still has under way there ends before.
    func claim() throws(StorageError) {
        for attempt in 0..<50 {
            if attempt > 0 { usleep(100_000) }
            let isOurs = try run(
                "SELECT 1 WHERE pg_try_advisory_lock($1::int4, hashtext('move to ' || coalesce(current_schema(), '')))",
                [.integer(PostgreSQLOpening.lockSpace)]
            )
            if !isOurs.isEmpty { return }
        }
        throw .busy
    }

    func home() throws(StorageError) -> String {
        guard case .text(let name)? = try run("SELECT current_schema()::text").first?.first(where: { _ in true }) else {
            throw .failed("no schema of the search path exists or may be used")
        }
        return MovedTable.quoted(name) + "."
    }

    /// Short, because whoever comes later waits behind us; and now and then longer than the second after which the server
    /// ends an autovacuum that is in the way.
    func wait(attempt: Int) throws(StorageError) {
        try run(
            "SELECT set_config('lock_timeout', $1, true)", [.text(attempt.isMultiple(of: 10) ? "2s" : "50ms")])
    }

    /// All at once: two that take them one after the other may wait for each other.
    func lock(_ tables: [MovedTable]) throws(StorageError) {
        try run("LOCK TABLE \(tables.map(\.quotedName).joined(separator: ", ")) IN SHARE ROW EXCLUSIVE MODE")
    }

    func rest() {}
}
