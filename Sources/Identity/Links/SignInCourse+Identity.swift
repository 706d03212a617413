public import OAuthTypes
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
    /// `wait` keeps who waits for that and answers by what it is found (`PendingIdentity.digest`).
    public func takeIdentity(
        _ identity: ProvenIdentity, by links: LinkedAccounts, at place: SignInPlace,
        newcomers: LinkedAccounts.Newcomers = .made,
        waiting wait: (User) async throws -> TokenDigest? = { _ in nil }
    ) async throws -> IdentityOutcome {
        let begun = sessions.now
        switch try await links.find(identity, at: place, newcomers: newcomers) {
        case .refused(.notAccepted): return .refused(.notAccepted)
        case .refused(let refusal):
            audit.noteLater(
                .signIn, .refused, with: place.client, from: place.audit,
                details: ["connector": identity.connector.rawValue, "reason": refusal.rawValue])
            return .refused(refusal)
        case .proofNeeded(let user):
            return .proofNeeded(user)
        case .newAccount(let user):
            let moment = try await moment(of: identity, user, begun)
            guard try await !needsCode(user, provenAt: moment, place) else {
                return try await askForCode(
                    identity, user, Opening(moment: moment, needsCode: true), begun, place, wait)
            }
            // Nobody has to be told: the account is this browser's own.
            return .step(
                .signedIn(try await start(user, by: identity.methods, provenAt: moment, place, telling: false)))
        case .account(let user):
            guard let opening = try await opening(of: identity, user, begun, place) else { return .proofNeeded(user) }
            var isAll = identity.hasSecondFactor
            if !isAll { isAll = try await isEnough(user.id, place) }
            guard isAll, !opening.needsCode else {
                return try await askForCode(identity, user, opening, begun, place, wait)
            }
            let start = try await start(user, by: identity.methods, provenAt: opening.moment, place)
            try await audit.note(
                .signIn, of: user.id, with: place.client, from: place.audit,
                details: ["connector": identity.connector.rawValue])
            return .step(.signedIn(start))
        }
    }

    /// Keeps who came by a connector until the code comes that is asked for: of the second factor, or as fresh proof.
    private func askForCode(
        _ identity: ProvenIdentity, _ user: User, _ opening: Opening, _ begun: Timestamp, _ place: SignInPlace,
        _ wait: (User) async throws -> TokenDigest?
    ) async throws -> IdentityOutcome {
        try await secondFactor.wait(
            for: user.id, by: identity.methods, provenAt: opening.moment, at: place.purpose, in: place.browser,
            as: try await wait(user), since: begun)
        try await audit.note(
            .passwordProven, of: user.id, with: place.client, from: place.audit,
            details: ["connector": identity.connector.rawValue])
        _ = try await secondFactor.sendCode(at: place)
        return .step(.secondFactorIsDue)
    }

    /// What a session of somebody begins with who came by a provider.
    private struct Opening {
        /// Of when it is.
        let moment: Timestamp
        /// Whether that is not fresh enough, and a code by mail can make up for it.
        let needsCode: Bool
    }

    private func needsCode(_ user: User, provenAt moment: Timestamp, _ place: SignInPlace) async throws -> Bool {
        guard let since = place.freshSince, moment < since else { return false }
        return try await secondFactor.isProvenByMail(user)
    }

    /// How old a proof is taken to be of which the provider does not say when it was: no client's `max_age` and no page
    /// that wants a fresh one is met by it.
    static let unknownAge = Duration.seconds(86_400)

    /// The moment of which a session of somebody is who came by a provider: that of the proof there, which may be old.
    ///
    /// What was proven before everything of the account was signed out opens no session: one that begins by a new answer of
    /// the provider counts as of then. Where that would make an old proof a fresh one, shortly after a new password, say, its
    /// owner has to prove it by another way that the account has (then nil), or by a code where it has none.
    private func opening(
        of identity: ProvenIdentity, _ user: User, _ begun: Timestamp, _ place: SignInPlace
    ) async throws -> Opening? {
        let moment = try await moment(of: identity, user, begun)
        guard let ended = try await users.signedOutAt(user.id), moment < ended, ended <= begun else {
            return Opening(moment: moment, needsCode: try await needsCode(user, provenAt: moment, place))
        }
        if begun - ended <= SecondFactor.freshness {
            guard try await secondFactor.isOpenedElsewhere(user) else { return nil }
            return Opening(moment: ended, needsCode: try await secondFactor.isProvenByMail(user))
        }
        return Opening(moment: ended, needsCode: try await needsCode(user, provenAt: ended, place))
    }

    private func moment(of identity: ProvenIdentity, _ user: User, _ begun: Timestamp) async throws -> Timestamp {
        if let known = identity.provenAt { return min(known, begun) }
        // Of an account with no other way in the provider's word is all that there is, where no mail can be sent.
        guard try await secondFactor.isOpenedElsewhere(user) else { return begun - SignInCourse.unknownAge }
        return try await secondFactor.isProvenByMail(user) ? begun - SignInCourse.unknownAge : begun
    }
}
