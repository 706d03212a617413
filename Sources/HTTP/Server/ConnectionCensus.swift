internal import Synchronization

/// Counts the open connections of all loops.
final class ConnectionCensus: Sendable {
    private let present = Atomic(0)

    /// The number of open connections.
    var count: Int { present.load(ordering: .relaxed) }

    func enter() {
        present.add(1, ordering: .relaxed)
    }

    func leave() {
        present.subtract(1, ordering: .relaxed)
    }
}
