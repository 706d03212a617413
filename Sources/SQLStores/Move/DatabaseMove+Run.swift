import Stores

extension DatabaseMove {
    func run(until goal: Goal, _ found: MoveMark?) throws -> Report {
        let mark = try begin(found)
        var report = Report()
        switch (mark.phase, goal) {
        case (.moved, _):
            try takeOver()
            return try finished(report)
        case (.frozen, .copy): throw Refusal.frozen
        // What comes before the last changes takes long: meanwhile the old database may as well be used.
        case (.frozen, .cutOver): try origin.unfreeze(mark)
        default: break
        }
        for table in tables { try copy(table) }
        var changed = ChangedRows()
        try catchUp(&report, &changed)
        guard goal == .cutOver else { return try counted(report) }
        let doubtful = try compared(&report)
        return try cutOver(mark, report, doubtful)
    }

    /// Compares all rows while the server goes on, and answers those that have to be compared again when it may not.
    private func compared(_ report: inout Report) throws -> ChangedRows {
        var doubtful = ChangedRows()
        for table in tables { try compare(table, &doubtful) }
        try catchUp(&report, &doubtful)
        // What differs now is changing now, or a fault: of a change there is a note.
        doubtful = try differing(doubtful)
        var changing = ChangedRows()
        try catchUp(&report, &changing)
        let faults = doubtful.subtracting(changing)
        guard faults.isEmpty else { throw Refusal.different(words(for: faults)) }
        return changing
    }

    // MARK: Copying

    /// Goes on behind the last row that the target has: until all tables are copied nothing else adds any.
    private func copy(_ table: MovedTable) throws {
        let done = try target.query("SELECT 1 FROM \(MoveMark.copied) WHERE name = $1", [.text(table.name)])
        guard done.isEmpty else { return }
        let all = try source.count("SELECT count(*) FROM \(table.quotedName)")
        var copied = try target.count("SELECT count(*) FROM \(table.quotedName)")
        var last = try target.query(table.last).first
        var isOver = false
        while !isOver {
            let rows = try source.query(
                table.page(isFirst: last == nil, limit: limits.page), last.map { Array($0) } ?? [])
            isOver = rows.count < limits.page
            try transact {
                try RowTransfer(target: target).put(rows, into: table)
                if isOver { try target.query("INSERT INTO \(MoveMark.copied) (name) VALUES ($1)", [.text(table.name)]) }
            }
            last = rows.last.map(table.key(of:)) ?? last
            copied += Int64(rows.count)
            progress(.copying(table: table.name, rows: copied, of: max(all, copied)))
        }
    }

    // MARK: Following the changes

    /// Copies what has changed until no table has more than a page of it.
    private func catchUp(_ report: inout Report, _ changed: inout ChangedRows) throws {
        var waiting: Int64 = 0
        for table in tables { waiting += try source.count("SELECT count(*) FROM \(ChangeLog.name(of: table))") }
        // Twice what waits, as the server goes on meanwhile: whoever needs more never ends.
        let most = limits.rounds + 2 * Int(waiting) / limits.notes
        for _ in 0..<most {
            var isMore = false
            for table in tables {
                let count = try follow(table, &changed)
                report.changes += count
                isMore = isMore || count == limits.notes
            }
            progress(.catchingUp(changes: report.changes))
            guard isMore else { return }
        }
        throw Refusal.outrun
    }

    /// Copies the noted changes of a table, one page of them, and forgets them once the target has them.
    func follow(_ table: MovedTable, _ changed: inout ChangedRows) throws -> Int {
        let log = ChangeLog.name(of: table)
        let notes = try source.query(
            "SELECT number, \(table.keyList) FROM \(log) ORDER BY number LIMIT \(limits.notes)")
        guard !notes.isEmpty else { return 0 }
        let keys = Array(Set(notes.map { Row(Array($0.dropFirst())) }))
        let rows = try source.find(keys, in: table)
        let present = Set(rows.map(table.key(of:)))
        try transact {
            let transfer = RowTransfer(target: target)
            try transfer.remove(keys.filter { !present.contains($0) }, from: table)
            try transfer.put(rows, into: table)
        }
        // By their numbers: one below them may belong to a transaction that has not ended yet.
        for chunk in source.chunks(of: notes, width: 1) {
            let numbers = chunk.compactMap { note in note.first { _ in true } }
            try source.query("DELETE FROM \(log) WHERE number IN (\(MovedTable.marks(numbers.count, of: 1)))", numbers)
        }
        changed.add(keys, of: table)
        return notes.count
    }

    /// Runs a transaction of the target.
    private func transact(_ body: () throws -> Void) throws {
        try target.query("BEGIN")
        do {
            try body()
            try target.commit()
        } catch {
            target.rollBack()
            throw error
        }
        target.rest()
    }
}
