internal import JOSE

/// Which keys there are, and who may ask for newer ones when: decisions without clock, lock or network.
struct KeySetState {
    /// The keys at hand.
    struct Held: Sendable {
        let keys: JWKSet
        /// Grows when a key went or became another one: what was verified under an older number no longer is.
        let epoch: Int
        let freshUntil: Duration
        let usableUntil: Duration
        let validator: String?
    }

    /// What somebody who wants keys does.
    enum Step {
        case use(KeySnapshot)
        /// Asks the issuer, and then calls `end`.
        case ask(known: String?, validator: String?)
        /// Waits until whoever asks has an answer.
        case wait
        case fail(KeySetFailure)
    }

    private let policy: KeySetPolicy
    private(set) var held: Held?
    private(set) var isAsking = false
    private(set) var lastFailure: KeySetFailure?
    /// How many attempts have come to an end.
    private var attempts = 0
    /// After a failure.
    private var earliestAttempt: Duration?
    /// Attempts for unknown keys that are left, and since when they are counted.
    private var unknownKeyAttempts: (left: Int, since: Duration)
    private var discovered: (address: String, at: Duration)?

    init(_ policy: KeySetPolicy, at now: Duration) {
        self.policy = policy
        unknownKeyAttempts = (max(0, policy.unknownKeyBurst), now)
    }

    /// The keys, if nobody need ask.
    func fresh(at now: Duration) -> KeySnapshot? {
        guard let held, now < held.freshUntil else { return nil }
        return KeySnapshot(keys: held.keys, epoch: held.epoch, attempts: attempts)
    }

    /// What to do for any keys.
    mutating func stepForKeys(at now: Duration) -> Step {
        if let fresh = fresh(at: now) { return .use(fresh) }
        let isPausing = earliestAttempt.map { now < $0 } ?? false
        if let held, now < held.usableUntil {
            // The old ones do meanwhile for all but the one who asks.
            if isAsking || isPausing {
                return .use(KeySnapshot(keys: held.keys, epoch: held.epoch, attempts: attempts))
            }
        } else {
            if isAsking { return .wait }
            if isPausing { return .fail(lastFailure ?? .unreachable) }
        }
        return ask(at: now)
    }

    /// What to do for a key that was not among those of a snapshot.
    mutating func stepForUnknownKey(missingIn snapshot: KeySnapshot, at now: Duration) -> Step {
        let old = held.map { KeySnapshot(keys: $0.keys, epoch: $0.epoch, attempts: attempts) } ?? snapshot
        // Somebody has asked since: there is no newer answer than that.
        guard attempts == snapshot.attempts else { return .use(old) }
        if isAsking { return .wait }
        if let earliestAttempt, now < earliestAttempt { return .use(old) }
        refill(at: now)
        guard unknownKeyAttempts.left > 0 else { return .use(old) }
        unknownKeyAttempts.left -= 1
        return ask(at: now)
    }

    /// What to do for somebody who asks regularly.
    mutating func stepForRefresh(at now: Duration) -> Step {
        isAsking ? .wait : ask(at: now)
    }

    /// How long until it is time to ask again, so that nobody finds the keys old.
    func pauseBeforeRefresh(at now: Duration) -> Duration {
        if let earliestAttempt, now < earliestAttempt { return earliestAttempt - now }
        guard let held else { return .zero }
        // A fifth of the shortest lifetime early.
        return max(.zero, held.freshUntil - policy.lifetime.lowerBound / 5 - now)
    }

    private mutating func ask(at now: Duration) -> Step {
        isAsking = true
        if let found = discovered, now - found.at >= policy.discoveryLifetime { discovered = nil }
        return .ask(known: discovered?.address, validator: held?.validator)
    }

    private mutating func refill(at now: Duration) {
        let burst = max(0, policy.unknownKeyBurst)
        guard policy.unknownKeyInterval > .zero, unknownKeyAttempts.left < burst else {
            unknownKeyAttempts = (burst, now)
            return
        }
        while unknownKeyAttempts.left < burst, now - unknownKeyAttempts.since >= policy.unknownKeyInterval {
            unknownKeyAttempts.left += 1
            unknownKeyAttempts.since += policy.unknownKeyInterval
        }
        // What is full saves nothing up.
        if unknownKeyAttempts.left == burst { unknownKeyAttempts.since = now }
    }

    /// Takes what came of asking.
    mutating func end(_ result: Result<KeySetLocation.Answer, KeySetFailure>, at now: Duration) {
        isAsking = false
        switch result {
        case .success(let answer):
            attempts += 1
            lastFailure = nil
            earliestAttempt = nil
            if discovered?.address != answer.address { discovered = (answer.address, now) }
            take(answer, at: now)
        case .failure(.cancelled):
            // Nothing was learned; whoever waits asks in turn.
            break
        case .failure(let failure):
            attempts += 1
            lastFailure = failure
            earliestAttempt = now + max(.seconds(1), policy.pauseAfterFailure)
            // Perhaps the keys have moved.
            discovered = nil
        }
    }

    private mutating func take(_ answer: KeySetLocation.Answer, at now: Duration) {
        guard let keys = answer.keys ?? held?.keys else { return }
        let freshUntil = now + policy.bounded(answer.lifetime)
        held = Held(
            keys: keys, epoch: epoch(of: keys), freshUntil: freshUntil,
            usableUntil: freshUntil + max(.zero, policy.staleness), validator: answer.validator)
    }

    private func epoch(of keys: JWKSet) -> Int {
        guard let held else { return 1 }
        let remaining = Set(keys.keys)
        return held.epoch + (held.keys.keys.allSatisfy(remaining.contains) ? 0 : 1)
    }
}

/// Keys as they were at a moment.
struct KeySnapshot: Sendable {
    let keys: JWKSet
    let epoch: Int
    /// How often the issuer had been asked.
    let attempts: Int
}
