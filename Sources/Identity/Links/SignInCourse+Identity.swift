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
        switch try await links.find(identity, from: place.audit) {
        case .refused(let refusal):
            audit.noteLater(.signIn, .refused, with: place.client, from: place.audit)
            return .refused(refusal)
        case .proofNeeded(let user):
            return .proofNeeded(user)
        case .newAccount(let user):
            // Nobody has to be told: the account is this browser's own.
            let start = try await start(user, by: identity.methods, provenAt: begun, place, telling: false)
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
            let start = try await start(user, by: identity.methods, provenAt: begun, place)
            try await audit.note(
                .signIn, of: user.id, with: place.client, from: place.audit,
                details: ["connector": identity.connector.rawValue])
            return .step(.signedIn(start))
        }
    }
}
