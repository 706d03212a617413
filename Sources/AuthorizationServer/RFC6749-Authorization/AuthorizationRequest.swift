public import OAuthTypes
public import Stores

/// An authorization request whose client and redirect URI are proven and whose every parameter is in order:
/// RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1.
public struct AuthorizationRequest: Sendable {
    /// Who asks.
    public let clientID: ClientID
    /// What the answer has in it.
    public let responseType: ResponseType
    /// What is asked for and may be given.
    public let scopes: ScopeSet
    /// The proof key; nil where the client need not send one and has not.
    public let codeChallenge: CodeChallenge?
    /// Echoed in the ID token.
    public let nonce: String?
    /// What the client wants to happen.
    public let prompts: Set<Prompt>
    /// How old the sign-in may be.
    public let maxAge: Duration?
    /// Who is expected, by the name they sign in with.
    public let loginHint: String?
    /// Where the person is expected to prove who they are.
    public let home: HomeHint
    /// What languages its pages are to be in, best first, parted by spaces; any text, for nothing depends on it.
    public let uiLocales: String?
    /// The window that its pages are to be made for; nil for no wish that is honoured here.
    public let display: Display?
    /// Who is expected, by an earlier ID token; nobody else may answer.
    let hint: IDTokenHint?
    /// What is asked for by name, and how strong the sign-in is to be.
    public let claims: ClaimsRequest
    /// The resources besides this server that it names, as words among scopes.
    private let resourceScopes: ScopeSet

    /// Checks the parameters, in the order in which mistakes are reported.
    init(
        _ parameters: FormParameters, from client: Client, knownScopes: ScopeSet, resources: [Resource] = [],
        in environment: ServerEnvironment
    ) throws(OAuthError) {
        try parameters.requireNoRepetition()  // RFC 6749 §3.1
        try RequestObject.refuseUnread(parameters)  // RFC 9101 §4, OpenID Connect Core §7.2.1
        responseType = try ResponseType(requestedIn: parameters, by: client)  // RFC 6749 §3.1.1
        clientID = client.id
        codeChallenge = try CodeChallenge(in: parameters, of: client)  // RFC 7636 §4.4.1
        let asked = try ScopeSet(requestedIn: parameters, by: client, known: knownScopes)  // RFC 6749 §3.3
        prompts = try Prompt.parse(parameters, environment.policy)  // OpenID Connect Core §3.1.2.1
        scopes = try OfflineAccess.judged(asked, prompts, of: client)  // OpenID Connect Core §11
        // OpenID Connect Core §3.1.2.1; what the client registered holds where the request says nothing (Registration §2).
        maxAge = try Duration(maxAgeIn: parameters) ?? client.metadata.defaultMaxAge.map { .seconds($0) }
        // OpenID Connect Core §3.1.2.1
        hint = try IDTokenHint(hintedIn: parameters, keys: environment.keys, issuer: environment.issuer)
        var claims = try ClaimsRequest(parameters, from: client)  // OpenID Connect Core §5.5
        claims.resources = try ResourceIndicators.read(
            parameters, by: client, scopes: scopes, known: resources, at: environment.issuer)  // RFC 8707 §2.1
        try claims.requireKeeping()
        self.claims = claims
        resourceScopes = ScopeSet(
            claims.resources.filter { !environment.issuer.isOwn($0) }.compactMap(Scope.init(resource:)))
        loginHint = parameters[.loginHint]
        home = HomeHint(in: parameters)
        uiLocales = parameters[.uiLocales]
        display = parameters[.display].flatMap { Display(rawValue: $0) }
        nonce = parameters[.nonce]
        // OpenID Connect Core §3.3.2.11: an ID token in the front channel without one can be replayed.
        guard responseType == .code || nonce != nil && scopes.contains(.openid) else {
            throw OAuthError(
                .invalidRequest, "this response_type needs nonce and the scope openid",
                advice: nonce == nil ? "nonce is missing" : "scope lacks openid", rule: "OpenID Connect Core §3.3.2.11")
        }
    }
}

extension AuthorizationRequest {
    /// What the person is asked to allow: the scopes, and what is asked for by name beyond them.
    public var consented: ScopeSet { scopes.union(claimScopes).union(resourceScopes) }

    /// Claims that no scope of the request covers, as words that stand beside scopes in what people have allowed.
    var claimScopes: ScopeSet {
        ScopeSet(claims.claims.filter { !scopes.contains($0.scope) }.compactMap(Scope.init(claim:)))
    }

    /// What of it the person has not allowed before.
    func new(beside remembered: ScopeSet) -> ScopeSet {
        let claims = claims.claims.filter { !scopes.contains($0.scope) && !remembered.contains($0.scope) }
        return scopes.union(ScopeSet(claims.compactMap(Scope.init(claim:)))).union(resourceScopes)
            .subtracting(remembered)
    }
}

extension Scope {
    /// A claim that is asked for by name, in the list of what people allow.
    public init?(claim: StandardClaim) { self.init("claim:" + claim.rawValue) }
}

extension ResponseType {
    /// The type of a request, among those of the client: RFC 6749 §3.1.1, Multiple Response Types §3.
    ///
    /// `code` unless the client's profile has another one; an access token never leaves this endpoint (RFC 9700 §2.1.2).
    init(requestedIn parameters: FormParameters, by client: Client) throws(OAuthError) {
        guard let text = parameters[.responseType] else {
            throw OAuthError(
                .invalidRequest, "response_type is missing", nearest: .responseType, rule: "RFC 6749 §3.1.1")
        }
        guard let type = ResponseType(text, allowedTo: client) else {
            throw OAuthError(
                .unsupportedResponseType, "this response_type is not there for the client; use code",
                nearest: .responseType, rule: "RFC 6749 §3.1.1, §4.1.2.1")
        }
        guard client.grantTypes.contains(.authorizationCode) else {
            throw OAuthError(
                .unauthorizedClient, "the client is not registered for the authorization_code grant",
                nearest: .grantType, rule: "RFC 6749 §4.1.2.1")
        }
        self = type
    }

    /// The type that a text names in whatever order; nil for what the client may not ask for.
    init?(_ text: String, allowedTo client: Client) {
        let words = Set(text.split(separator: " "))
        switch words {
        case ["code"]: self = .code
        case ["code", "id_token"]:
            guard client.metadata.responseTypes.contains(.codeIDToken), client.metadata.allows(.hybrid) else {
                return nil
            }
            self = .codeIDToken
        default: return nil
        }
    }

    /// How the answer travels unless the request says otherwise: Multiple Response Types §5.
    var defaultMode: ResponseMode { self == .code ? .query : .fragment }
}

extension ScopeSet {
    /// What a request asks for: RFC 6749 §3.3.
    ///
    /// Words that no client here knows are ignored (OpenID Connect Core §3.1.2.1).
    init(requestedIn parameters: FormParameters, by client: Client, known: ScopeSet) throws(OAuthError) {
        guard let text = parameters[.scope] else {
            throw OAuthError(.invalidScope, "scope is missing", nearest: .scope, rule: "RFC 6749 §3.3")
        }
        guard let asked = ScopeSet(parsing: text) else {
            throw OAuthError(
                .invalidScope, "scope is malformed or too long",
                advice: "scope is words of printable ASCII parted by one space each",
                rule: "RFC 6749 §3.3, appendix A.4")
        }
        let understood = asked.intersection(known)
        guard !understood.isEmpty else {
            throw OAuthError(
                .invalidScope, "none of the requested scopes exists", nearest: .scope,
                rule: "RFC 6749 §3.3, OpenID Connect Core §3.1.2.1")
        }
        // OpenID Connect Core §11: offline_access that cannot be granted is ignored, not refused.
        let needed = understood.subtracting([.offlineAccess])
        guard needed.isSubset(of: client.scopes) else {
            throw OAuthError(
                .invalidScope, "the client may not ask for one of the requested scopes", nearest: .scope,
                rule: "RFC 6749 §3.3")
        }
        let mayHaveOffline = client.scopes.contains(.offlineAccess) && client.grantTypes.contains(.refreshToken)
        self = mayHaveOffline ? understood : needed
        guard !isEmpty else {
            throw OAuthError(
                .invalidScope, "none of the requested scopes can be granted",
                advice: "offline_access alone was asked for, and the client lacks it or the refresh_token grant",
                rule: "RFC 6749 §3.3, OpenID Connect Core §11")
        }
    }
}
