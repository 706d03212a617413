import OAuthTypes
import Stores
import Synchronization

/// Attempts on their way to the log, in fixed memory: strangers cause them, so a minute has room for so many.
///
/// What there is no room for is counted, for each kind and network, and becomes an event when the minute is over.
final class AuditBacklog: Sendable {
    /// Networks whose counts become events of their own.
    static let counted = 20
    /// Kinds and networks that are told apart.
    static let kinds = 2000

    struct Attempt: Sendable {
        let action: AuditAction
        let outcome: AuditEvent.Outcome
        let actor: AuditEvent.Actor
        let subject: UserID?
        let email: String?
        let client: ClientID?
        let origin: AuditOrigin
        var details: [String: String] = [:]
        let at: Timestamp

        /// Whether it may be about somebody's account.
        var isAboutSomebody: Bool { subject != nil || email != nil }
    }

    struct Kind: Hashable, Sendable {
        let action: AuditAction
        let outcome: AuditEvent.Outcome
        /// Nil for those of everywhere else.
        let network: String?
    }

    struct Flood: Sendable {
        let kind: Kind
        let count: Int
        /// When its minute was over.
        let end: Timestamp
    }

    struct Batch: Sendable {
        var attempts: [Attempt] = []
        var floods: [Flood] = []

        var isEmpty: Bool { attempts.isEmpty && floods.isEmpty }
    }

    private struct State {
        var waiting = Batch()
        var minute: Int64 = .min
        /// All that came in this minute.
        var seen: [Kind: Int] = [:]
        /// Those of them that are only counted.
        var excess: [Kind: Int] = [:]
        var rows = 0
        /// Those of them that are about somebody's account.
        var rowsAboutSomebody = 0
    }

    private let state = Mutex(State())
    private let rates: AuditRates

    init(_ rates: AuditRates = AuditRates()) { self.rates = rates }

    func add(_ attempt: Attempt) {
        state.withLock { state in
            AuditBacklog.turn(&state, to: attempt.at.seconds / 60)
            var kind = Kind(action: attempt.action, outcome: attempt.outcome, network: attempt.origin.network)
            if state.seen[kind] == nil, state.seen.count >= AuditBacklog.kinds {
                kind = Kind(action: attempt.action, outcome: attempt.outcome, network: nil)
            }
            state.seen[kind, default: 0] += 1
            // The rows that the store has not taken yet are those of a few minutes at most.
            let hasRoom = state.waiting.attempts.count < 10 * rates.refusals
            let rows = attempt.isAboutSomebody ? state.rowsAboutSomebody : state.rows - state.rowsAboutSomebody
            if state.seen[kind, default: 0] <= rates.refusalsPerNetwork, rows < rates.refusals, hasRoom {
                state.rows += 1
                if attempt.isAboutSomebody { state.rowsAboutSomebody += 1 }
                state.waiting.attempts.append(attempt)
            } else {
                state.excess[kind, default: 0] += 1
            }
        }
    }

    /// What is to be written now: the attempts so far, and the counts of minutes that are over.
    func take(at now: Timestamp, closing: Bool) -> Batch {
        state.withLock { state in
            AuditBacklog.turn(&state, to: closing ? .max : now.seconds / 60)
            let batch = state.waiting
            state.waiting = Batch()
            return batch
        }
    }

    /// Takes back what could not be written.
    func giveBack(_ batch: Batch) {
        state.withLock { state in
            state.waiting.attempts = batch.attempts + state.waiting.attempts
            // A store that is away for hours costs a bounded number of counts.
            state.waiting.floods = Array((batch.floods + state.waiting.floods).suffix(50 * AuditBacklog.counted))
        }
    }

    /// Closes the minute where another one has begun, also after the clock was put back.
    private static func turn(_ state: inout State, to minute: Int64) {
        guard minute != state.minute else { return }
        if !state.excess.isEmpty {
            let end = Timestamp(seconds: state.minute * 60 + 59)
            let byCount = state.excess.sorted { ($0.value, $0.key.network ?? "") > ($1.value, $1.key.network ?? "") }
            var floods: [Kind: Int] = [:]
            for (place, (kind, count)) in byCount.enumerated() {
                let elsewhere = Kind(action: kind.action, outcome: kind.outcome, network: nil)
                floods[place < counted ? kind : elsewhere, default: 0] += count
            }
            state.waiting.floods += floods.map { Flood(kind: $0.key, count: $0.value, end: end) }
        }
        state.minute = minute
        state.seen = [:]
        state.excess = [:]
        state.rows = 0
        state.rowsAboutSomebody = 0
    }
}
