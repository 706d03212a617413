import CSQLite

/// Looks at a database beside its server: few and cheap questions only.
enum DatabaseLook {
    /// A number that a statement answers.
    static func number(_ text: String, in location: DatabaseLocation) throws -> Int {
        switch location {
        case .postgresql(let location): return try PostgreSQLConnection(location).number(text)
        case .sqlite(let path):
            var opened: OpaquePointer?
            guard sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY, nil) == SQLITE_OK, let opened else {
                throw BenchFailure("SQLite does not open \(path)")
            }
            defer { sqlite3_close_v2(opened) }
            var statement: OpaquePointer?
            defer { sqlite3_finalize(statement) }
            guard sqlite3_prepare_v2(opened, text, -1, &statement, nil) == SQLITE_OK,
                sqlite3_step(statement) == SQLITE_ROW
            else { throw BenchFailure("\(text): " + String(cString: sqlite3_errmsg(opened))) }
            return Int(sqlite3_column_int64(statement, 0))
        }
    }
}
