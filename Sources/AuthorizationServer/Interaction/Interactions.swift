public import OAuthTypes
public import Stores

/// The steps of an authorization request from its first page to its answer.
///
/// Every call names the interaction by the identifier in its address and brings the browser it came from; the request is
/// checked anew each time, so nothing that changed meanwhile slips through.
public struct Interactions: Sendable {
    let environment: ServerEnvironment

    /// The interactions of an environment.
    public init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// A request that waits in this browser, or why it does not; changes nothing.
    public enum Lookup: Sendable {
        /// It waits.
        case open(PendingRequest)
        /// It does not.
        case over(InteractionEnd)
    }

    /// Looks a request up without taking a step.
    public func pending(_ id: String, from browser: Browser) async throws -> Lookup {
        switch try await open(id, from: browser) {
        case .over(let end): .over(end)
        case .open(let interaction, let arrival): .open(pending(id, arrival, interaction))
        }
    }

    /// What the person is to do next; answers the client at once where that is nothing.
    public func step(of id: String, from browser: Browser) async throws -> InteractionStep {
        switch try await open(id, from: browser) {
        case .over(let end): return .over(end)
        case .open(let interaction, let arrival):
            return try await advance(id, interaction, arrival, session: browser.session)
        }
    }

    /// Goes on with a session that was just started, or that the person chose, for this request.
    public func choose(_ session: Session, for id: String, from browser: Browser) async throws -> InteractionStep {
        switch try await open(id, from: browser) {
        case .over(let end): return .over(end)
        case .open(var interaction, let arrival):
            let isNoted = try await environment.storage.interactions.choose(
                session.id,
                for: interaction.digest,
                at: environment.clock.now
            )
            guard isNoted else { return .over(.finished) }
            interaction.sessionID = session.id
            return try await advance(id, interaction, arrival, session: session)
        }
    }

    /// Notes a session that was just started for this request, and leaves the next step to the person.
    ///
    /// Answers why there is no next step, if there is none.
    public func note(_ session: Session, for id: String, from browser: Browser) async throws -> InteractionEnd? {
        switch try await open(id, from: browser) {
        case .over(let end): return end
        case .open(let interaction, _):
            let isNoted = try await environment.storage.interactions.choose(
                session.id, for: interaction.digest, at: environment.clock.now)
            return isNoted ? nil : .finished
        }
    }

    private func pending(_ id: String, _ arrival: Arrival, _ interaction: Interaction) -> PendingRequest {
        PendingRequest(id, arrival, environment.policy.ladder, interaction, at: environment.clock.now)
    }

    /// Takes the person's answer on the consent page.
    public func decide(
        _ decision: ConsentDecision, on id: String, from browser: Browser
    ) async throws -> InteractionStep {
        switch try await open(id, from: browser) {
        case .over(let end): return .over(end)
        case .open(let interaction, let arrival):
            // To refuse needs no proof and no moment: it never turns into a success because the question is not due.
            if decision == .deny { return try await refuse(interaction, arrival) }
            let need = try await need(of: arrival, session: browser.session, interaction: interaction)
            // An answer counts only where the question is due: nobody skips the sign-in by posting it.
            guard case .consent = need, let session = browser.session else {
                return try await advance(id, interaction, arrival, session: browser.session)
            }
            let now = environment.clock.now
            guard try await environment.storage.interactions.finish(interaction.digest, at: now) else {
                return .over(.finished)
            }
            try await environment.storage.consents.remember(
                arrival.request.consented,
                user: session.userID,
                client: arrival.client.id,
                at: now
            )
            return .answer(try await CodeIssue(environment).answer(arrival, for: session), arrival.client)
        }
    }

    private func refuse(
        _ interaction: Interaction, _ arrival: Arrival,
        _ refusal: OAuthError = OAuthError(
            .accessDenied, "the person did not allow the request", rule: "RFC 6749 §4.1.2.1")
    ) async throws -> InteractionStep {
        guard try await environment.storage.interactions.finish(interaction.digest, at: environment.clock.now)
        else { return .over(.finished) }
        return .answer(arrival.address.answer(refusal), arrival.client)
    }

    private enum Opened {
        case open(Interaction, Arrival)
        case over(InteractionEnd)
    }

    private func open(_ id: String, from browser: Browser) async throws -> Opened {
        let found = try await environment.storage.interactions.find(TokenDigest(of: id), at: environment.clock.now)
        guard let interaction = found else { return .over(.gone) }
        guard let secret = browser.secret, TokenDigest(of: secret) == interaction.browser else {
            return .over(.otherBrowser)
        }
        guard interaction.finishedAt == nil else { return .over(.finished) }
        let outcome = try await Arrival.check(Array(interaction.request.utf8), in: environment, as: .kept)
        guard case .arrived(let arrival) = outcome, arrival.client.id == interaction.clientID else {
            return .over(.withdrawn)
        }
        return .open(interaction, arrival)
    }

    private func advance(
        _ id: String, _ interaction: Interaction, _ arrival: Arrival, session: Session?
    ) async throws -> InteractionStep {
        let pending = pending(id, arrival, interaction)
        let need = try await need(of: arrival, session: session, interaction: interaction)
        switch (need, session) {
        case (.unmet, _):
            return try await refuse(interaction, arrival, StepRule.unmet)
        case (.signIn, _), (_, nil):
            return .signIn(pending)
        case (.selectAccount, let session?):
            return .selectAccount(pending, session)
        case (.consent(let new), let session?):
            return .consent(pending, session, new: new)
        case (.nothing, let session?):
            // Exactly one caller closes the request; only that one issues a code.
            guard try await environment.storage.interactions.finish(interaction.digest, at: environment.clock.now)
            else { return .over(.finished) }
            return .answer(try await CodeIssue(environment).answer(arrival, for: session), arrival.client)
        }
    }

    /// Whether a session is weaker than a client demands, and its person can sign in strongly enough at a provider alone.
    public func isReachedElsewhereOnly(_ session: Session, for pending: PendingRequest) async throws -> Bool {
        guard let wanted = pending.demandedStrength, AuthenticationContext(session.methods) < wanted,
            try await environment.storage.secondFactors.strongest(of: session.userID) < wanted
        else { return false }
        return try await environment.elsewhere.strongest(of: session.userID, for: pending.client.id) >= wanted
    }

    /// Whether a person is the one whom a request names, by `id_token_hint` or `claims`; it may name nobody.
    public func isExpected(_ user: UserID?, in pending: PendingRequest) async throws -> Bool {
        try await isExpected(user, in: pending.request, of: pending.client)
    }

    private func isExpected(
        _ user: UserID?, in request: AuthorizationRequest, of client: Client
    ) async throws -> Bool {
        guard let user else { return true }
        let subjects = environment.subjects
        if let subject = request.claims.subject, !subjects.isSubject(subject, of: user, at: client) { return false }
        guard let hint = request.hint else { return true }
        let issuedTo = try await environment.clients.find(hint.audience)
        return subjects.isSubject(hint.subject, of: user, at: issuedTo)
    }

    func need(of arrival: Arrival, session: Session?, interaction: Interaction?) async throws -> StepRule.Need {
        var remembered: ScopeSet = []
        let ladder = environment.policy.ladder
        var strongest = AuthenticationContext.password
        if let session {
            remembered = try await environment.storage.consents.find(user: session.userID, client: arrival.client.id)
            if StepRule.isTooWeak(session, for: arrival.request, ladder) {
                strongest = try await environment.storage.secondFactors.strongest(of: session.userID)
                // Nobody is sent elsewhere for what a client can do without.
                if arrival.request.claims.strength?.isEssential == true {
                    strongest = max(
                        strongest,
                        try await environment.elsewhere.strongest(of: session.userID, for: arrival.client.id))
                }
            }
        }
        return StepRule(
            request: arrival.request,
            client: arrival.client,
            redirectURI: arrival.address.redirectURI.registered,
            session: session,
            isExpected: try await isExpected(session?.userID, in: arrival.request, of: arrival.client),
            interaction: interaction,
            remembered: remembered,
            ladder: ladder,
            strongest: strongest,
            now: environment.clock.now
        ).need
    }
}

extension SecondFactorStores {
    /// The strongest way in which a person can sign in.
    func strongest(of user: UserID) async throws -> AuthenticationContext {
        if try await !passkeys.list(of: user).isEmpty { return .phishingResistant }
        return try await authenticators.find(user)?.confirmedAt == nil ? .password : .multipleFactors
    }
}
