import Stores

extension DatabaseMove {
    /// Changes that are read at once.
    private static let notesAtOnce = 1000
    /// Changes that are few enough for writes to wait for them.
    private static let few = 100

    func run(until goal: Goal) throws -> Report {
        let mark = try begin()
        var report = Report()
        switch (mark.phase, goal) {
        case (.moved, _):
            try dropMarks()
            return try finished(report)
        case (.frozen, .copy): throw Refusal.frozen
        default: break
        }
        for table in tables { try copy(table) }
        var changed = ChangedRows()
        try catchUp(&report, &changed)
        guard goal == .cutOver else { return try counted(report) }
        var doubtful = ChangedRows()
        for table in tables { try compare(table, &doubtful) }
        try catchUp(&report, &doubtful)
        return try cutOver(mark, report, doubtful)
    }

    // MARK: Beginning

    /// The mark of this move, made now or found in both ends.
    private func begin() throws -> MoveMark {
        let ours = try source.mark(MoveMark.inSource)
        let theirs = try target.mark(MoveMark.inTarget)
        guard try source.mark(MoveMark.inTarget) == nil, try target.mark(MoveMark.inSource) == nil else {
            throw Refusal.entangled
        }
        if let ours, let theirs, ours.id == theirs.id { return ours }
        if let theirs { throw Refusal.foreignTarget(from: theirs.place) }
        if let ours, ours.place != places.target { throw Refusal.otherTarget(ours.place) }
        if let ours, ours.phase == .moved { return ours }
        for table in tables where table.name != "versions" {
            guard try target.query("SELECT 1 FROM \(table.quotedName) LIMIT 1").isEmpty else {
                throw Refusal.occupied(table: table.name)
            }
        }
        let mark = ours ?? MoveMark(id: MoveMark.newID(), place: places.target, phase: .copying)
        if ours == nil { try MoveSource(connection: source, tables: tables).begin(mark) }
        try target.alone { () throws(StorageError) in
            try target.query("DELETE FROM versions")
            try target.query("CREATE TABLE \(MoveMark.copied) (name text NOT NULL PRIMARY KEY)")
            try target.write(MoveMark(id: mark.id, place: places.source, phase: .copying), MoveMark.inTarget)
        }
        return mark
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
                table.page(isFirst: last == nil, limit: pageSize), last.map { Array($0) } ?? [])
            isOver = rows.count < pageSize
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

    /// Copies what has changed until little is left.
    private func catchUp(_ report: inout Report, _ changed: inout ChangedRows) throws {
        var count = 0
        repeat {
            count = 0
            for table in tables { count += try follow(table, &changed) }
            report.changes += count
            progress(.catchingUp(changes: report.changes))
        } while count > DatabaseMove.few
    }

    /// Copies the noted changes of a table, one page of them, and forgets them once the target has them.
    private func follow(_ table: MovedTable, _ changed: inout ChangedRows) throws -> Int {
        let log = ChangeLog(table: table).name
        let notes = try source.query(
            "SELECT number, \(table.keyList) FROM \(log) ORDER BY number LIMIT \(DatabaseMove.notesAtOnce)")
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

    // MARK: Cut-over

    private func cutOver(_ mark: MoveMark, _ earlier: Report, _ earlierDoubts: ChangedRows) throws -> Report {
        var (report, doubtful) = (earlier, earlierDoubts)
        let began = ContinuousClock.now
        let origin = MoveSource(connection: source, tables: tables)
        if mark.phase != .frozen { try origin.freeze(mark) }
        progress(.refusingWrites)
        do {
            for table in tables {
                var count = 0
                repeat {
                    count = try follow(table, &doubtful)
                    report.changes += count
                } while count > 0
            }
            let differences = try differences(doubtful)
            guard differences.isEmpty else { throw Refusal.different(differences) }
        } catch {
            do { try origin.unfreeze(mark) } catch { throw Refusal.stillFrozen("\(error)") }
            throw error
        }
        // In this order: what is interrupted between the two can be told and finished.
        try origin.finish(mark)
        try dropMarks()
        report.refused = ContinuousClock.now - began
        return try finished(report)
    }

    private func dropMarks() throws {
        try target.alone { () throws(StorageError) in
            try target.query("DROP TABLE IF EXISTS \(MoveMark.copied)")
            try target.query("DROP TABLE IF EXISTS \(MoveMark.inTarget)")
        }
    }

    private func finished(_ report: Report) throws -> Report {
        var report = try counted(report)
        report.isMoved = true
        return report
    }

    private func counted(_ report: Report) throws -> Report {
        var report = report
        report.tables = try tables.map { table in
            Table(name: table.name, rows: try target.count("SELECT count(*) FROM \(table.quotedName)"))
        }
        return report
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
