import OAuthTypes

extension RotationAttempt {
    /// What a store does with an attempt.
    package enum Verdict: Sendable {
        /// The presented token is the valid one: spend it.
        case rotate
        /// The same request again within the grace.
        case retry
        /// A spent token.
        case reuse
        /// A token of another client's.
        case foreign
        /// A token of a family that was revoked.
        case revoked
        /// Nothing that could be used or reused.
        case refuse
    }

    /// Judges the attempt against the family as stored: RFC 9700 §4.14.2.
    ///
    /// The rule of the memory store, and of every other store whose single statement did not find the valid token.
    package func verdict(on grant: Grant?) -> Verdict {
        guard let grant, now < grant.expiresAt else { return .refuse }
        // Before everything else: what a stranger presents says nothing about the client that owns the family.
        guard clientID == grant.clientID else { return .foreign }
        guard grant.revokedAt == nil else { return .revoked }
        guard let family = grant.refresh, now < family.idleExpiresAt, generation >= 0, generation <= family.generation
        else { return .refuse }
        if generation == family.generation { return .rotate }
        // Only the request that made the successor may have it again: anybody else holds a copy.
        let isRetry = generation == family.generation - 1 && request == family.request && now < family.rotatedAt + grace
        return isRetry ? .retry : .reuse
    }
}
