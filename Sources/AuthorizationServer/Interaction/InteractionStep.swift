public import OAuthTypes
public import Stores

/// What a person is to do next about an authorization request, or its end.
public enum InteractionStep: Sendable {
    /// Prove who they are.
    case signIn(PendingRequest)
    /// Say whether to go on with the account they are signed in to.
    case selectAccount(PendingRequest, Session)
    /// Say whether the client may have what it asks for; `new` was not allowed before.
    case consent(PendingRequest, Session, new: ScopeSet)
    /// Nothing: the client gets its answer.
    case answer(AuthorizationAnswer, Client)
    /// Nothing can be done here any more.
    case over(InteractionEnd)
}

/// A request that waits, as its pages show it.
public struct PendingRequest: Sendable {
    /// The identifier in the page's address.
    public let id: String
    /// Who asks.
    public let client: Client
    /// What for.
    public let request: AuthorizationRequest
    /// Where the answer will go.
    public let redirectURI: VerifiedRedirectURI

    /// The least strength that the client is content with; nil where it can do without any.
    let demandedStrength: AuthenticationContext?
    /// Whether the client wants more than a password: then no browser stands in for the second factor.
    public let wantsSecondFactor: Bool
    /// Since when a proof is recent enough, by `prompt` and `max_age`; nil where any is.
    public let freshSince: Timestamp?

    init(
        _ id: String, _ arrival: Arrival, _ ladder: AuthenticationLadder, _ interaction: Interaction, at now: Timestamp
    ) {
        self.id = id
        client = arrival.client
        request = arrival.request
        redirectURI = arrival.address.redirectURI
        let strength = arrival.request.claims.strength
        let wanted = strength.flatMap { ladder.lowest(of: $0.names) }
        wantsSecondFactor = wanted.map { $0 > .password } ?? false
        demandedStrength = strength?.isEssential == true ? wanted : nil
        // As `StepRule` has it: what was proven for this very request is recent enough in any case.
        let isAskedAnew = request.prompts.contains(.login) || request.prompts.contains(.create)
        freshSince =
            isAskedAnew || request.maxAge == .zero
            ? interaction.createdAt : request.maxAge.map { min(interaction.createdAt, now - $0) }
    }
}

/// Why an interaction's page has nothing to do.
public enum InteractionEnd: Sendable, Equatable {
    /// The request was answered: an old tab, or the way back.
    case finished
    /// No such interaction, or it came too late.
    case gone
    /// It was started in another browser.
    case otherBrowser
    /// The client or its redirect URI is no longer registered, or the request is no longer in order.
    case withdrawn
}

/// What a person answers on the consent page.
public enum ConsentDecision: String, Sendable {
    /// The client may.
    case allow
    /// It may not.
    case deny
}
