import OAuthTypes
import Reactor

/// Puzzles that were answered, in bounded memory.
///
/// Where there are too many, the older half is forgotten together with the right to answer any puzzle of that age.
final class SpentPuzzles: Sendable {
    private struct State {
        var issuedAt: [[UInt8]: Timestamp] = [:]
        /// Puzzles of this moment and before count as spent.
        var floor: Timestamp
    }

    private let state: Locked<State>
    private let capacity: Int

    init(after floor: Timestamp, capacity: Int = 16_384) {
        state = Locked(State(floor: floor))
        self.capacity = max(2, capacity)
    }

    /// Whether a puzzle was answered, or counts as if.
    func holds(_ token: WorkToken) -> Bool {
        state.withLock { $0.issuedAt[token.nonce] != nil || token.issuedAt <= $0.floor }
    }

    /// Marks a puzzle as answered; false where it was.
    func spend(_ token: WorkToken, at now: Timestamp, lifetime: Duration) -> Bool {
        state.withLock { state in
            guard token.issuedAt > state.floor, state.issuedAt[token.nonce] == nil else { return false }
            if state.issuedAt.count >= capacity { makeRoom(in: &state, at: now, lifetime) }
            guard token.issuedAt > state.floor else { return false }
            state.issuedAt[token.nonce] = token.issuedAt
            return true
        }
    }

    private func makeRoom(in state: inout State, at now: Timestamp, _ lifetime: Duration) {
        state.issuedAt = state.issuedAt.filter { now < $0.value + lifetime }
        guard state.issuedAt.count > capacity / 2 else { return }
        let times = state.issuedAt.values.sorted()
        let floor = max(state.floor, times[times.count / 2])
        state.floor = floor
        state.issuedAt = state.issuedAt.filter { $0.value > floor }
    }

    /// How many are remembered.
    var count: Int { state.withLock { $0.issuedAt.count } }
}
