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
        Row(
            values: [SQLValue](unsafeUninitializedCapacity: Int(columns)) { buffer, count in
                for column in 0..<columns {
                    buffer.initializeElement(at: Int(column), to: value(at: column, of: statement))
                }
                count = Int(columns)
            }
        )
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

    private static func value(at column: Int32, of statement: OpaquePointer) -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_TEXT:
            // The order of the two calls matters: the first may convert, the second then counts.
            let start = sqlite3_column_text(statement, column)
            let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
            return String(validating: bytes, as: UTF8.self).map(SQLValue.text) ?? .foreign
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(statement, column)
            let bytes = UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
            return .bytes(Array(bytes))
        default: return .foreign
        }
    }
}
