import Stores

extension SQLiteConnection: MoveConnection {
    func query(_ text: String, _ values: [SQLValue]) throws(StorageError) -> [Row] { try run(once: text, values) }

    func hasTable(_ name: String) throws(StorageError) -> Bool {
        try !run("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1", [.text(name)]).isEmpty
    }

    func catalogue() throws(StorageError) -> [MovedTable] {
        var tables: [MovedTable] = []
        for row in try run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
            var reader = RowReader(row, of: "sqlite_master")
            let name = try reader.text("name")
            if MovedTable.isMoved(name) { tables.append(try table(name)) }
        }
        return tables
    }

    private func table(_ name: String) throws(StorageError) -> MovedTable {
        var keys: [MovedTable.Column] = []
        var rest: [MovedTable.Column] = []
        for row in try run("SELECT name, type, pk FROM pragma_table_info($1) ORDER BY pk, cid", [.text(name)]) {
            var reader = RowReader(row, of: "pragma_table_info")
            let column = try reader.text("name")
            let type = try reader.text("type")
            let kinds: [String: MovedTable.Kind] = ["INTEGER": .integer, "TEXT": .text, "BLOB": .bytes]
            guard let kind = kinds[type] else {
                throw .failed("\(name).\(column) is of a type that cannot be moved: \(type)")
            }
            if try reader.integer("pk") > 0 {
                keys.append(.init(name: column, kind: kind))
            } else {
                rest.append(.init(name: column, kind: kind))
            }
        }
        guard !keys.isEmpty else { throw .failed("table \(name) has no primary key and cannot be moved") }
        var uniques: [[String]] = []
        for row in try run(
            """
            SELECT (SELECT group_concat(name, ' ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY name))
            FROM pragma_index_list($1) i WHERE i."unique" = 1 AND i.origin <> 'pk' AND i.partial = 0
            """,
            [.text(name)]
        ) {
            var reader = RowReader(row, of: "pragma_index_list")
            uniques.append(try reader.text("columns").split(separator: " ").map(String.init))
        }
        return MovedTable(name, keys: keys, rest: rest, uniques: uniques)
    }

    /// Nobody else opens the file any more.
    func claim() throws(StorageError) {
        try run("PRAGMA locking_mode = EXCLUSIVE")
        // Whoever means to write takes that lock, and gives it back no more.
        try run("BEGIN IMMEDIATE")
        try run("COMMIT")
    }

    func home() throws(StorageError) -> String { "" }

    /// There is one writer, and it is us.
    func wait(attempt: Int) throws(StorageError) {}

    func lock(_ tables: [MovedTable]) throws(StorageError) {}

    func rest() { if logLength >= 1000 { checkpoint() } }
}
