import OAuthTypes
public import Stores

extension SignInCourse {
    /// What came of a person whom a connector has proven.
    public enum IdentityOutcome: Sendable {
        /// The course goes on: signed in, or the second factor is due.
        case step(Outcome)
        /// Their address has an account, and its owner has to sign in to it by a way that it has.
        case proofNeeded(User)
        /// They do not get in.
        case refused(LinkedAccounts.Refusal)
    }

    /// Takes a person whom a connector has proven in place of address and password.
    ///
    /// An account with a second factor is asked for it as after a password, unless the connector is believed to have asked.
    public func takeIdentity(
        _ identity: ProvenIdentity, by links: LinkedAccounts, at place: SignInPlace
    ) async throws -> IdentityOutcome {
        let begun = sessions.now
        switch try await links.find(identity, at: place) {
        case .refused(let refusal):
            audit.noteLater(.signIn, .refused, with: place.client, from: place.audit)
            return .refused(refusal)
        case .proofNeeded(let user):
            return .proofNeeded(user)
        case .newAccount(let user):
            // Nobody has to be told: the account is this browser's own.
            let start = try await start(user, of: identity, begun, place, telling: false)
            return .step(.signedIn(start))
        case .account(let user):
            var isAll = identity.hasSecondFactor
            if !isAll { isAll = try await isEnough(user.id, place) }
            guard isAll else {
                try await secondFactor.wait(
                    for: user.id, by: identity.methods, provenAt: begun, at: place.purpose, in: place.browser)
                _ = try await secondFactor.sendCode(at: place)
                return .step(.secondFactorIsDue)
            }
            let start = try await start(user, of: identity, begun, place)
            try await audit.note(
                .signIn, of: user.id, with: place.client, from: place.audit,
                details: ["connector": identity.connector.rawValue])
            return .step(.signedIn(start))
        }
    }

    /// How old a proof is taken to be of which the provider does not say when it was: no client's `max_age` and no page
    /// that wants a fresh one is met by it.
    static let unknownAge = Duration.seconds(86_400)

    /// Starts a session that is as old as what was proven at the provider, which may know the person for long.
    private func start(
        _ user: User, of identity: ProvenIdentity, _ begun: Timestamp, _ place: SignInPlace, telling: Bool = true
    ) async throws -> Start {
        let moment = try await moment(of: identity, user, begun)
        let start = try await start(user, by: identity.methods, provenAt: moment, place, telling: telling)
        guard moment < begun, try await !isOpen(start, place) else { return start }
        // Everything of the account was signed out since then, and what was proven before that opens no session: one that
        // begins by a new answer of the provider does.
        return try await self.start(user, by: identity.methods, provenAt: begun, place, telling: false)
    }

    private func isOpen(_ start: Start, _ place: SignInPlace) async throws -> Bool {
        try await sessions.find(start.secret, seen: place.traits, by: place.audience) != nil
    }

    private func moment(of identity: ProvenIdentity, _ user: User, _ begun: Timestamp) async throws -> Timestamp {
        if let known = identity.provenAt { return min(known, begun) }
        // Of an account with no other way in the provider's word is all that there is.
        guard user.passwordHash == nil else { return begun - SignInCourse.unknownAge }
        let ways = try await secondFactor.ways(of: user.id)
        return ways.passkey ? begun - SignInCourse.unknownAge : begun
    }
}
