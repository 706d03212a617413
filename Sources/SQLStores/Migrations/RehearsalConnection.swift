import Glibc
import Stores

/// A connection to a copy of a database, on which the steps may be tried.
protocol RehearsalConnection: SchemaConnection {
    /// The locks of the open transaction that somebody else would wait for.
    func locks() throws(StorageError) -> [Rehearsal.Lock]
}

extension Schema {
    /// Runs the pending steps on the copy, then what programs of its schema ask, and undoes everything.
    func rehearse<Connection: RehearsalConnection>(
        _ rehearsal: inout Rehearsal, on copy: Connection
    ) throws(StorageError) {
        try copy.beginAlone()
        defer { copy.rollBack() }
        try copy.execute(script: Connection.dialect.foundation)
        for script in scripts where rehearsal.status.pending.contains(where: { $0.number == script.number }) {
            let step = try rehearse(script, rehearsal, on: copy)
            rehearsal.steps.append(step)
            guard step.failure == nil else { return }
        }
        guard let record = RecordedStatements.of(schema: rehearsal.status.number) else { return }
        rehearsal.tried = record.statements.count
        rehearsal.broken = try record.failures(on: copy)
    }

    private func rehearse<Connection: RehearsalConnection>(
        _ script: SchemaScript, _ rehearsal: Rehearsal, on copy: Connection
    ) throws(StorageError) -> Rehearsal.Step {
        let start = Schema.elapsed()
        var failure: String?
        do throws(StorageError) {
            try apply(script, to: copy)
        } catch {
            failure = "\(error)"
        }
        let duration = Schema.elapsed() - start
        // Once a statement has failed a transaction may answer nothing more.
        let earlier = Set(rehearsal.steps.flatMap(\.locks))
        let names = Set(rehearsal.tables.map(\.name))
        let locks =
            failure != nil
            ? []
            : try copy.locks().filter { lock in
                !earlier.contains(lock) && lock.table.map(names.contains) ?? true
            }
        return Rehearsal.Step(
            step: script.step(in: Connection.dialect), duration: duration,
            estimate: duration
                * rehearsal.growth(
                    of: script.texts(in: Connection.dialect).map(\.description).joined(separator: "\n")),
            locks: locks, failure: failure
        )
    }

    /// Time since the machine was started.
    private static func elapsed() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
