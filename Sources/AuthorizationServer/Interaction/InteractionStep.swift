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

    /// Whether the client wants more than a password: then no browser stands in for the second factor.
    public let wantsSecondFactor: Bool

    init(_ id: String, _ arrival: Arrival, _ ladder: AuthenticationLadder) {
        self.id = id
        client = arrival.client
        request = arrival.request
        redirectURI = arrival.address.redirectURI
        let strength = arrival.request.claims.strength
        wantsSecondFactor = strength.flatMap { ladder.lowest(of: $0.names) }.map { $0 > .password } ?? false
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
