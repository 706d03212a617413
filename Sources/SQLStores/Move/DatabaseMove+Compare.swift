import Stores

/// Rows by table and key: those to be looked at while nobody writes.
struct ChangedRows {
    private(set) var keys: [String: Set<Row>] = [:]

    mutating func add(_ new: some Sequence<Row>, of table: MovedTable) {
        keys[table.name, default: []].formUnion(new)
    }

    func subtracting(_ other: ChangedRows) -> ChangedRows {
        var rest = ChangedRows()
        for (table, rows) in keys { rest.keys[table] = rows.subtracting(other.keys[table] ?? []) }
        return rest
    }

    var isEmpty: Bool { keys.values.allSatisfy(\.isEmpty) }
}

/// Every row of both ends is compared, column by column, before writes are refused; while they are, only what differed
/// then or has changed since, and the counts.
extension DatabaseMove {
    private static let pageSize = 1000
    /// Differences that are told.
    private static let told = 5

    /// Goes through both ends page by page and collects the keys of what differs: a change on its way, or a fault.
    func compare(_ table: MovedTable, _ doubtful: inout ChangedRows) throws {
        var (last, compared): (Row?, Int64) = (nil, 0)
        while true {
            let values = last.map { Array($0) } ?? []
            let page = table.page(isFirst: last == nil, limit: DatabaseMove.pageSize)
            let (mine, theirs) = (try source.query(page, values), try target.query(page, values))
            // Behind the shorter page's end only one side was read.
            let ends = [mine, theirs].filter { $0.count == DatabaseMove.pageSize }.compactMap(\.last)
            let end = ends.map(table.key(of:)).min(by: table.precedes)
            let (left, right) = (upTo(end, mine, table), upTo(end, theirs, table))
            doubtful.add(Set(left).symmetricDifference(right).map(table.key(of:)), of: table)
            compared += Int64(left.count)
            progress(.comparing(table: table.name, rows: compared))
            guard let end else { return }
            last = end
        }
    }

    private func upTo(_ end: Row?, _ rows: [Row], _ table: MovedTable) -> [Row] {
        guard let end else { return rows }
        return rows.filter { !table.precedes(end, table.key(of: $0)) }
    }

    /// Those that are not the same at both ends now.
    func differing(_ doubtful: ChangedRows) throws -> ChangedRows {
        var different = ChangedRows()
        for table in tables {
            let keys = Array(doubtful.keys[table.name] ?? [])
            let (mine, theirs) = (Set(try source.find(keys, in: table)), Set(try target.find(keys, in: table)))
            different.add(mine.symmetricDifference(theirs).map(table.key(of:)), of: table)
        }
        return different
    }

    /// What is not the same at both ends, in words; nobody writes.
    func differences(_ doubtful: ChangedRows) throws -> [String] {
        var differences = words(for: try differing(doubtful))
        for table in tables {
            let count = "SELECT count(*) FROM \(table.quotedName)"
            let (rows, copies) = (try source.count(count), try target.count(count))
            if rows != copies { differences.append("table \(table.name) has \(rows) rows and \(copies) in the target") }
        }
        return differences
    }

    func words(for rows: ChangedRows) -> [String] {
        tables.flatMap { table in
            (rows.keys[table.name] ?? []).sorted(by: table.precedes).prefix(DatabaseMove.told).map { key in
                "table \(table.name), key \(MovedTable.shown(key))"
            }
        }
    }
}

extension MovedTable {
    /// The order of the keys in both dialects: numbers, then bytes.
    func precedes(_ first: Row, _ second: Row) -> Bool {
        for (one, other) in zip(first, second) {
            switch (one, other) {
            case (.integer(let one), .integer(let other)) where one != other: return one < other
            case (.text(let one), .text(let other)) where !one.utf8.elementsEqual(other.utf8):
                return one.utf8.lexicographicallyPrecedes(other.utf8)
            case (.bytes(let one), .bytes(let other)) where one != other: return one.lexicographicallyPrecedes(other)
            default: continue
            }
        }
        return false
    }
}
