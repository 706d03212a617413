import Stores

/// Puts rows of the source into the target.
struct RowTransfer {
    let target: any MoveConnection

    /// The rows of one statement: its values must be fewer than 32766 in SQLite.
    private static let rowsAtOnce = 64

    /// Overwrites or adds the rows, within an open transaction.
    func put(_ rows: [Row], into table: MovedTable) throws {
        for row in rows { try check(row, of: table) }
        for chunk in chunks(of: rows) {
            try makeRoom(for: chunk, in: table)
            try target.query(table.upsert(chunk.count), chunk.flatMap { Array($0) })
        }
    }

    /// Deletes the rows of these keys, within an open transaction.
    func remove(_ keys: [Row], from table: MovedTable) throws {
        for chunk in chunks(of: keys) {
            try target.query(table.delete(chunk.count, by: table.keys.map(\.name)), chunk.flatMap { Array($0) })
        }
    }

    /// A row that has something unique of these is one that the source has changed or deleted since: its change is noted
    /// and comes later.
    private func makeRoom(for rows: [Row], in table: MovedTable) throws {
        guard !table.uniques.isEmpty else { return }
        try remove(rows.map(table.key(of:)), from: table)
        for unique in table.uniques {
            let places = unique.compactMap { name in table.columns.firstIndex { $0.name == name } }
            let values = rows.flatMap { row in
                let values = Array(row)
                return places.map { values[$0] }
            }
            try target.query(table.delete(rows.count, by: unique), values)
        }
    }

    /// Refuses what the target's column could not hold as it is.
    private func check(_ row: Row, of table: MovedTable) throws(DatabaseMove.Refusal) {
        for (column, value) in zip(table.columns, row) {
            let isFit =
                switch (value, column.kind) {
                case (.null, _), (.integer, .integer), (.bytes, .bytes): true
                case (.text(let text), .text): target.dialect == .sqlite || !text.utf8.contains(0)
                default: false
                }
            guard isFit else {
                throw .unfit(table: table.name, key: MovedTable.shown(table.key(of: row)), column: column.name)
            }
        }
    }

    private func chunks(of rows: [Row]) -> [[Row]] { RowTransfer.chunks(of: rows) }

    static func chunks(of rows: [Row]) -> [[Row]] {
        stride(from: 0, to: rows.count, by: rowsAtOnce).map { start in
            Array(rows[start..<min(rows.count, start + rowsAtOnce)])
        }
    }
}

extension MoveConnection {
    /// The rows of these keys that there are.
    func find(_ keys: [Row], in table: MovedTable) throws(StorageError) -> [Row] {
        var found: [Row] = []
        for chunk in RowTransfer.chunks(of: keys) {
            found += try query(table.find(chunk.count), chunk.flatMap { Array($0) })
        }
        return found
    }
}
