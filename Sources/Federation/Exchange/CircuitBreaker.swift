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

    /// Asks, unless that is known to be in vain; `isPersonal` where what is asked came from one person, who could have
    /// the provider refuse it for everybody.
    func run<Answer: Sendable>(
        at now: Timestamp, isPersonal: Bool = false, _ body: () async throws(UpstreamFault) -> Answer
    ) async throws(UpstreamFault) -> Answer {
        try enter(now)
        do throws(UpstreamFault) {
            let answer = try await body()
            leave(failed: false, now)
            return answer
        } catch {
            leave(failed: isPersonal ? error.isSilence : error.isFailure, now)
            throw error
        }
    }

    private func enter(_ now: Timestamp) throws(UpstreamFault) {
        let refusal: UpstreamFault.Reason? = state.withLock { state in
            if let retryAt = state.retryAt {
                guard now >= retryAt else { return .circuitOpen }
                // One tries; the others wait for what becomes of it.
                state.retryAt = now + CircuitBreaker.pause
            }
            guard state.atWork < CircuitBreaker.width else { return .tooManyAtOnce }
            state.atWork += 1
            return nil
        }
        if let refusal { throw .unavailable(refusal) }
    }

    private func leave(failed: Bool, _ now: Timestamp) {
        state.withLock { state in
            state.atWork -= 1
            guard failed else {
                state.failures = 0
                state.retryAt = nil
                return
            }
            state.failures += 1
            if state.failures >= CircuitBreaker.tolerance { state.retryAt = now + CircuitBreaker.pause }
        }
    }
}

extension UpstreamFault {
    /// Whether the provider is to blame, so that the next one need not try.
    fileprivate var isFailure: Bool {
        // Who closes the page has learned nothing of the provider.
        if case .unavailable(let reason) = self { reason != .tooManyAtOnce && reason != .cancelled } else { false }
    }

    /// Whether it is to blame whatever it was asked: it did not answer at all.
    fileprivate var isSilence: Bool {
        switch self {
        case .unavailable(.unreachable), .unavailable(.timedOut), .unavailable(.untrustedCertificate): true
        default: false
        }
    }
}
