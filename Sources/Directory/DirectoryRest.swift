import Reactor

/// Leaves a directory alone that does not answer: after a few failures in a row nobody asks for a while, then one does.
final class DirectoryRest: Sendable {
    private struct State {
        var failures = 0
        var until: Duration?
    }

    /// Failures in a row after which nobody asks.
    static let tolerance = 3
    /// How long.
    static let pause = Duration.seconds(20)

    private let state = Locked(State())

    /// Whether somebody may ask now; true for one alone where it was at rest.
    func admits(at now: Duration) -> Bool {
        state.withLock { state in
            guard let until = state.until else { return true }
            guard now >= until else { return false }
            state.until = now + DirectoryRest.pause
            return true
        }
    }

    /// It answered, whatever it said.
    func answered() { state.withLock { $0 = State() } }

    /// It did not.
    func failed(at now: Duration) {
        state.withLock { state in
            state.failures += 1
            if state.failures >= DirectoryRest.tolerance { state.until = now + DirectoryRest.pause }
        }
    }

    /// Whether nobody is to ask.
    func isResting(at now: Duration) -> Bool { state.withLock { $0.until.map { now < $0 } ?? false } }
}
