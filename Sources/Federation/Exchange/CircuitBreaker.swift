import OAuthTypes
import Reactor

/// Keeps us from a provider that does not answer: after a few failures in a row nobody asks for a while, then one does.
///
/// It also bounds how many ask at once, so that one that hangs takes nothing from the others.
final class CircuitBreaker: Sendable {
    private struct State {
        var failures = 0
        /// While it is open: when the next one may try.
        var retryAt: Timestamp?
        var atWork = 0
    }

    /// Failures in a row that open it.
    static let tolerance = 3
    /// How long nobody asks then.
    static let pause = Duration.seconds(30)
    /// How many ask at once.
    static let width = 32

    private let state = Locked(State())

    /// Whether nobody is to ask at the moment.
    func isOpen(at now: Timestamp) -> Bool {
        state.withLock { state in state.retryAt.map { now < $0 } ?? false }
    }

    /// What a request has told of the provider.
    private enum Lesson {
        /// It answers.
        case isWell
        /// It does not.
        case isDead
        /// Nothing: whether it is well is as unknown as before.
        case none
    }

    /// Asks, unless that is known to be in vain; `isPersonal` where what is asked came from one person, who could have
    /// the provider refuse it for everybody.
    func run<Answer: Sendable>(
        at now: Timestamp, isPersonal: Bool = false, _ body: () async throws(UpstreamFault) -> Answer
    ) async throws(UpstreamFault) -> Answer {
        let restedUntil = try enter(now)
        do throws(UpstreamFault) {
            let answer = try await body()
            leave(.isWell, now, restedUntil)
            return answer
        } catch {
            leave(CircuitBreaker.lesson(of: error, isPersonal: isPersonal), now, restedUntil)
            throw error
        }
    }

    /// What a failure tells: of what one person sent, it tells something only where nobody would have been answered.
    private static func lesson(of fault: UpstreamFault, isPersonal: Bool) -> Lesson {
        guard case .unavailable(let reason) = fault else { return .none }
        return switch reason {
        // Our own limits, and whoever closes the page.
        case .tooManyAtOnce, .circuitOpen, .cancelled: .none
        case .unreachable, .timedOut, .untrustedCertificate: .isDead
        default: isPersonal ? .none : .isDead
        }
    }

    /// Lets one more ask; until when nobody was to, where this is the one who tries again.
    private func enter(_ now: Timestamp) throws(UpstreamFault) -> Timestamp? {
        let entry: Result<Timestamp?, UpstreamFault> = state.withLock { state in
            if let retryAt = state.retryAt, now < retryAt { return .failure(.unavailable(.circuitOpen)) }
            guard state.atWork < CircuitBreaker.width else { return .failure(.unavailable(.tooManyAtOnce)) }
            state.atWork += 1
            let restedUntil = state.retryAt
            // One tries; the others wait for what becomes of it.
            if restedUntil != nil { state.retryAt = now + CircuitBreaker.pause }
            return .success(restedUntil)
        }
        return try entry.get()
    }

    private func leave(_ lesson: Lesson, _ now: Timestamp, _ restedUntil: Timestamp?) {
        state.withLock { state in
            state.atWork -= 1
            switch lesson {
            case .isWell:
                state.failures = 0
                state.retryAt = nil
            case .isDead:
                state.failures += 1
                if state.failures >= CircuitBreaker.tolerance { state.retryAt = now + CircuitBreaker.pause }
            case .none:
                // Whoever comes next tries instead: a try that tells nothing must not keep the others away.
                if let restedUntil, state.retryAt == now + CircuitBreaker.pause { state.retryAt = restedUntil }
            }
        }
    }
}
