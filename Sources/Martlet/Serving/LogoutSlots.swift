import OAuthTypes
import Reactor
import Stores

/// Which clients are told of ended sessions at a time: some of those that wait, and of strangers' clients a few.
///
/// A client that does not answer rests: one that registered itself longer with every time in a row, for an hour in the
/// end; an operator's for seconds, since it may be back any moment, and who retries wants it tried.
struct LogoutSlots {
    /// A client that something is due for.
    struct Candidate {
        let client: ClientID
        /// Whether it registered itself.
        let isStrangers: Bool
    }

    private struct Rest {
        var failures = 0
        var until = Deadline(nanoseconds: 0)
    }

    /// Clients at a time.
    static let all = 32
    /// Those among them that registered themselves: whoever answers slowly there keeps no operator's client waiting.
    static let strangers = 8

    private var atWork: [ClientID: Bool] = [:]
    private var rests: [ClientID: Rest] = [:]

    /// Those of `waiting` that are neither being told nor resting, in their order.
    mutating func free(of waiting: [ClientID], at now: Deadline) -> [ClientID] {
        // One that has nothing to be told any more has nothing to rest from.
        let named = Set(waiting)
        rests = rests.filter { named.contains($0.key) || $0.value.until > now }
        return waiting.filter { client in
            atWork[client] == nil && rests[client].map { $0.until <= now } ?? true
        }
    }

    /// Takes as many as there is room for, in their order.
    mutating func take(from candidates: [Candidate]) -> [ClientID] {
        var taken: [ClientID] = []
        for candidate in candidates where atWork[candidate.client] == nil {
            guard atWork.count < LogoutSlots.all else { break }
            if candidate.isStrangers, atWork.values.count(where: \.self) >= LogoutSlots.strangers { continue }
            atWork[candidate.client] = candidate.isStrangers
            taken.append(candidate.client)
        }
        return taken
    }

    /// Gives the place of a client back, which was told all that was due or did not answer.
    mutating func give(back client: ClientID, didAnswer: Bool, at now: Deadline) {
        let isStrangers = atWork.removeValue(forKey: client) ?? true
        guard !didAnswer else {
            rests[client] = nil
            return
        }
        var rest = rests[client] ?? Rest()
        rest.failures = min(rest.failures + 1, isStrangers ? 8 : 1)
        rest.until = now.advanced(byNanoseconds: Deadline.nanoseconds(of: Outbox.pause(after: rest.failures)))
        rests[client] = rest
    }
}
