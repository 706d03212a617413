import CSQLite

/// How values go into a statement and come out of its rows.
enum SQLiteValue {
    /// Binds; the library keeps a copy of its own.
    static func bind(_ value: SQLValue, to position: Int32, of statement: OpaquePointer) -> Int32 {
        switch value {
        case .null, .foreign: sqlite3_bind_null(statement, position)
        case .integer(let number): sqlite3_bind_int64(statement, position, number)
        case .text(let text): bind(text, to: position, of: statement)
        case .bytes(let bytes):
            bytes.withUnsafeBytes { bytes in
                // No address would mean NULL.
                bytes.isEmpty
                    ? sqlite3_bind_zeroblob(statement, position, 0)
                    : sqlite3_bind_blob64(statement, position, bytes.baseAddress, UInt64(bytes.count), transient)
            }
        }
    }

    /// Takes the row that the statement stands on.
    static func row(of statement: OpaquePointer, columns: Int32) -> Row {
        // Enough for a few identifiers and numbers: longer rows are moved once.
        Row(capacity: 24 * Int(columns)) { row in
            for column in 0..<columns {
                switch sqlite3_column_type(statement, column) {
                case SQLITE_NULL: row.append(.null)
                case SQLITE_INTEGER: row.append(sqlite3_column_int64(statement, column))
                // The order of the two calls matters: the first may convert, the second then counts.
                case SQLITE_TEXT:
                    let start = sqlite3_column_text(statement, column)
                    row.append(.text, bytes(start, sqlite3_column_bytes(statement, column)))
                case SQLITE_BLOB:
                    let start = sqlite3_column_blob(statement, column)
                    row.append(.bytes, bytes(start, sqlite3_column_bytes(statement, column)))
                default: row.append(.foreign)
                }
            }
        }
    }

    private static func bytes(_ start: UnsafeRawPointer?, _ count: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(count))
    }

    /// `SQLITE_TRANSIENT`, a cast that does not reach Swift: the library copies before it returns.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private static func bind(_ text: String, to position: Int32, of statement: OpaquePointer) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            guard let start = bytes.baseAddress else {
                return sqlite3_bind_text(statement, position, "", 0, transient)
            }
            return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) { start in
                sqlite3_bind_text64(statement, position, start, UInt64(bytes.count), transient, UInt8(SQLITE_UTF8))
            }
        }
    }
}
