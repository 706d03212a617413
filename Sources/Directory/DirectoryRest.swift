import Reactor

/// Leaves a directory alone that does not answer: after a few failures in a row nobody asks for a while, then one does.
final class DirectoryRest: Sendable {
    private struct State {
        var failures = 0
        var until: Duration?
        /// When it answered last, whatever it said.
        var answeredAt: Duration?
        /// Until when it is taken to give no verdicts.
        var muteUntil: Duration?
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

    /// It gave a verdict, or said that there is none for one person.
    func answered(at now: Duration) { state.withLock { $0 = State(answeredAt: now) } }

    /// It gave none, and is not to blame for that or says so itself; `isAnswer` is whether it said anything.
    func gaveNoVerdict(at now: Duration, isAnswer: Bool) {
        state.withLock { state in
            if isAnswer { state = State(answeredAt: now) }
            state.muteUntil = now + DirectoryRest.pause
        }
    }

    /// Whether it answered somebody since.
    func hasAnswered(since moment: Duration) -> Bool {
        state.withLock { $0.answeredAt.map { $0 >= moment } ?? false }
    }

    /// Whether it gave no verdict a moment ago.
    func isMute(at now: Duration) -> Bool { state.withLock { $0.muteUntil.map { now < $0 } ?? false } }

    /// It did not.
    func failed(at now: Duration) {
        state.withLock { state in
            state.failures += 1
            state.muteUntil = now + DirectoryRest.pause
            if state.failures >= DirectoryRest.tolerance { state.until = now + DirectoryRest.pause }
        }
    }

    /// Whether nobody is to ask.
    func isResting(at now: Duration) -> Bool { state.withLock { $0.until.map { now < $0 } ?? false } }
}
