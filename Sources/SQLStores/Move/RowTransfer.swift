import Stores

/// Puts rows of the source into the target.
struct RowTransfer {
    let target: any MoveConnection

    /// Overwrites or adds the rows, within an open transaction.
    func put(_ rows: [Row], into table: MovedTable) throws {
        for row in rows { try check(row, of: table) }
        for chunk in target.chunks(of: rows, width: table.columns.count) {
            try makeRoom(for: chunk, in: table)
            try target.query(table.upsert(chunk.count), chunk.flatMap { Array($0) })
        }
    }

    /// Deletes the rows of these keys, within an open transaction.
    func remove(_ keys: [Row], from table: MovedTable) throws {
        for chunk in target.chunks(of: keys, width: table.keyCount) {
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
            let values = rows.map { row in
                let values = Array(row)
                return places.map { values[$0] }
            }
            // Nothing is equal to NULL, and PostgreSQL would not know of which type it is.
            let taken = values.filter { !$0.contains(.null) }
            guard !taken.isEmpty else { continue }
            try target.query(table.delete(taken.count, by: unique), taken.flatMap { $0 })
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
}

extension MoveConnection {
    /// As many rows of so many values as one statement takes.
    ///
    /// SQLite looks each value up by its name among the others; PostgreSQL takes a round trip for each statement.
    func chunks(of rows: [Row], width: Int) -> [[Row]] {
        let values = dialect == .sqlite ? 100 : 2000
        let size = max(1, values / max(1, width))
        return stride(from: 0, to: rows.count, by: size).map { start in
            Array(rows[start..<min(rows.count, start + size)])
        }
    }

    /// The rows of these keys that there are.
    func find(_ keys: [Row], in table: MovedTable) throws(StorageError) -> [Row] {
        var found: [Row] = []
        for chunk in chunks(of: keys, width: table.keyCount) {
            found += try query(table.find(chunk.count), chunk.flatMap { Array($0) })
        }
        return found
    }
}
