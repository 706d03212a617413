import Observability
import Reactor
import Synchronization

/// Tells the log of requests that were refused because there were too many: how many, at most once a second.
final class RefusalLog: Sendable {
    private let refused = Atomic(0)
    /// When the next line is due, as nanoseconds of the monotonic clock.
    private let due = Atomic(UInt64(0))

    private static let period: UInt64 = 1_000_000_000

    /// Counts one more, from any loop.
    func count(in log: Log) {
        refused.add(1, ordering: .relaxed)
        let now = Deadline.now.nanoseconds
        let due = due.load(ordering: .relaxed)
        // Only one of those who come at the same time writes the line.
        guard now >= due,
            self.due.compareExchange(expected: due, desired: now + Self.period, ordering: .relaxed).exchanged
        else { return }
        log.warning("requests.refused", .integer("count", refused.exchange(0, ordering: .relaxed)))
    }
}
