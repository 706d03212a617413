import Glibc
import Stores

extension DatabaseMove {
    /// Refuses writes, copies and compares what is left, and lets the target take over; or all is as before.
    func cutOver(_ mark: MoveMark, _ earlier: Report, _ doubtful: ChangedRows) throws -> Report {
        try HeldSignals.hold { isInterrupted in
            var report = earlier
            let began = ContinuousClock.now
            do {
                try origin.freeze(mark)
                progress(.refusingWrites)
                try finishCopy(&report, doubtful, isInterrupted)
                try origin.finish(mark)
            } catch {
                // Where the connection broke at the end, only the answer may be lost.
                guard try thaw(mark) == .moved else { throw error }
            }
            // In this order: what is interrupted between the two can be told and finished.
            try takeOver()
            report.refused = ContinuousClock.now - began
            return try finished(report)
        }
    }

    private func finishCopy(_ report: inout Report, _ earlier: ChangedRows, _ isInterrupted: () -> Bool) throws {
        var doubtful = earlier
        for table in tables {
            var count = 0
            repeat {
                if isInterrupted() { throw Refusal.interrupted }
                count = try follow(table, &doubtful)
                report.changes += count
            } while count > 0
        }
        let differences = try differences(doubtful)
        guard differences.isEmpty else { throw Refusal.different(differences) }
        if isInterrupted() { throw Refusal.interrupted }
    }

    /// Writes are taken again unless the target has taken over; answers how the source was found.
    ///
    /// With new connections where the old one is what broke.
    private func thaw(_ mark: MoveMark) throws -> MoveMark.Phase? {
        var failure: any Error = StorageError.busy
        for attempt in 0..<limits.reconnections {
            do {
                guard attempt > 0 else { return try origin.unfreeze(mark) }
                sleep(1)
                let connection = try ends.source.reach()
                defer { connection.close() }
                return try MoveSource(connection: connection, tables: tables).unfreeze(mark)
            } catch {
                failure = error
            }
        }
        throw Refusal.stillFrozen("\(failure)")
    }

    /// The target is nobody's copy any more, whoever reads its tables meanwhile; without rows the marks say nothing.
    func takeOver() throws {
        guard try target.mark(MoveMark.inTarget) != nil else { return }
        try target.query("DELETE FROM \(MoveMark.inTarget)")
        do {
            try target.alone(attempts: limits.attempts) { attempt throws(StorageError) in
                try target.wait(attempt: attempt)
                try target.query("DROP TABLE \(MoveMark.inTarget)")
                try target.query("DROP TABLE \(MoveMark.copied)")
            }
        } catch StorageError.busy {}
    }

    func finished(_ report: Report) throws -> Report {
        var report = try counted(report)
        report.isMoved = true
        return report
    }

    func counted(_ report: Report) throws -> Report {
        var report = report
        report.tables = try tables.map { table in
            Table(name: table.name, rows: try target.count("SELECT count(*) FROM \(table.quotedName)"))
        }
        return report
    }
}
