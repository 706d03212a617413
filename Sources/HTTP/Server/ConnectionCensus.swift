internal import Synchronization

/// How many connections the loops of a server have together, and how many they may.
final class ConnectionCensus: Sendable {
    private let limit: Int
    private let present = Atomic(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// The number of open connections.
    var count: Int { present.load(ordering: .relaxed) }

    /// Counts one more, unless there are enough.
    func enter() -> Bool {
        guard present.add(1, ordering: .relaxed).newValue <= limit else {
            leave()
            return false
        }
        return true
    }

    func leave() {
        present.subtract(1, ordering: .relaxed)
    }
}
