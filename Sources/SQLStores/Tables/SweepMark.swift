import OAuthTypes
import Reactor
import Stores

/// Where the sweep of a table has come to: its next statement begins there.
///
/// PostgreSQL keeps what was deleted in the index for as long as anybody looks at an older state, as a dump does for
/// hours. A statement that began at the oldest row would walk over all of that, each slower than the one before, until
/// none ends in time.
final class SweepMark: Sendable {
    private let reached = Locked(Int64.min)

    /// The most rows of one statement, as the texts say it: of a parameter PostgreSQL's planner knows nothing, and would
    /// read the whole table for what it takes for a tenth of it.
    private static let most = 500

    /// How late a row may come, by the clock of a node or because it was long under way, to be swept by this process and
    /// not by the next one.
    static let lateness = Duration.seconds(3600)

    /// Runs a statement that deletes rows from the mark (`$3`) to a moment (`$1`), at most as many as `$2`, and returns
    /// when each expired; answers how many they were.
    func sweep(
        _ database: TimedDatabase<some SQLDatabase>, _ operation: StoreOperation, _ statement: StaticString,
        expiredBy now: Timestamp, limit: Int
    ) async throws -> Int {
        let limit = min(max(0, limit), SweepMark.most)
        let mark = reached.withLock { $0 }
        // A clock that was put back leaves a mark in the future.
        let from = mark <= now.microseconds ? mark : .min
        let rows = try await database.write(
            operation, statement, [.time(now), .integer(Int64(limit)), .integer(from)])
        var last = from
        for row in rows {
            var reader = RowReader(row, of: "a swept table")
            last = max(last, try reader.integer("expires_at"))
        }
        // All are gone: the next sweep looks back as far as something may have come in late.
        let next = rows.count < limit ? (now - SweepMark.lateness).microseconds : last
        reached.withLock { $0 = next }
        return rows.count
    }
}
