import Stores

/// How many values of a column begin alike: a sealed value begins with the name of its master key.
public struct SealedCount: Sendable, Equatable {
    /// The table.
    public let table: String
    /// The first bytes, as many as were asked for.
    public let head: [UInt8]
    /// How many values.
    public let count: Int64
}

extension DatabaseReading {
    /// The values of every sealed column by their first bytes; reads every row of their tables.
    func sealedCounts(
        headCount: Int, in columns: [SealedColumn] = SealedColumn.all
    ) throws(StorageError) -> [SealedCount] {
        var counts: [SealedCount] = []
        for column in columns where try hasTable(column.table) {
            for row in try rows(column.countsByHead, [.integer(Int64(headCount))]) {
                var reader = RowReader(row, of: "a table with sealed values")
                let head = try reader.bytes("head")
                counts.append(SealedCount(table: column.table, head: head, count: try reader.integer("count")))
            }
        }
        return counts
    }
}

extension SealedColumn {
    /// The cast because a parameter alone has no type in PostgreSQL.
    fileprivate var countsByHead: String {
        let (table, column) = (MovedTable.quoted(table), MovedTable.quoted(column))
        return "SELECT substr(\(column), 1, CAST($1 AS INTEGER)), count(*) FROM \(table) WHERE \(column) IS NOT NULL "
            + "GROUP BY 1 ORDER BY 1"
    }
}
