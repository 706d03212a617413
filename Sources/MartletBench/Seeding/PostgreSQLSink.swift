/// Fills a PostgreSQL database by COPY in its binary form, in one transaction.
struct PostgreSQLSink: SeedSink {
    private let connection: PostgreSQLConnection
    private var buffer: [UInt8] = []
    private var columns: UInt16 = 0

    private static let pieceLength = 256 * 1024
    /// PostgreSQL's manual, COPY: signature, flags, length of the extension.
    private static let header = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0]

    /// Connects to a database that must have its schema and nothing in it.
    init(_ location: String) throws {
        connection = try PostgreSQLConnection(location)
        for table in SeedTable.emptyBefore {
            let known = try connection.rows("SELECT to_regclass('\(table.rawValue)') IS NOT NULL")
            guard known == [["t"]] else {
                throw BenchFailure("the database has no table \(table.rawValue): make it with `martlet migrate`")
            }
            guard try connection.rows("SELECT 1 FROM \(table.rawValue) LIMIT 1").isEmpty else {
                throw SeedRefusal.notEmpty(table, "the database")
            }
        }
        buffer.reserveCapacity(PostgreSQLSink.pieceLength + 4096)
        try connection.execute("BEGIN")
    }

    mutating func begin(_ table: SeedTable) throws {
        let columns = table.columns.joined(separator: ", ")
        try connection.beginCopy("COPY \(table.rawValue) (\(columns)) FROM STDIN (FORMAT binary)")
        buffer += PostgreSQLSink.header
        self.columns = UInt16(table.columns.count)
        beginRow()
    }

    mutating func integer(_ value: Int64) {
        append(Int32(8))
        append(value)
    }

    mutating func text(_ value: String) {
        append(Int32(truncatingIfNeeded: value.utf8.count))
        buffer.append(contentsOf: value.utf8)
    }

    mutating func bytes(_ value: [UInt8]) {
        append(Int32(truncatingIfNeeded: value.count))
        buffer.append(contentsOf: value)
    }

    mutating func null() { append(Int32(-1)) }

    mutating func endRow() throws {
        if buffer.count >= PostgreSQLSink.pieceLength { try flush() }
        beginRow()
    }

    mutating func end() throws {
        // In place of the next row: there is none.
        buffer.removeLast(2)
        append(Int16(-1))
        try flush()
        try connection.endCopy()
    }

    mutating func commit() throws {
        try connection.execute("UPDATE versions SET value = value + 1")
        try connection.execute("COMMIT")
        // What the first readers and autovacuum would have to do otherwise.
        try connection.execute("VACUUM (ANALYZE)")
        try? connection.execute("CHECKPOINT")
    }

    private mutating func beginRow() { append(columns) }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { buffer.append(contentsOf: $0) }
    }

    private mutating func flush() throws {
        try connection.copy(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
