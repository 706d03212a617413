public import OAuthTypes
public import Stores

/// What a client gets for a person whom it has signed in itself: the same as for a code of theirs.
///
/// A grant that hangs on the session of this sign-in, so that refresh tokens rotate, and signing out, a new password and
/// a closed account end it, as with every other grant.
public struct OwnSignIn: Sendable {
    let environment: ServerEnvironment

    /// Sign-ins of clients in an environment.
    public init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// The scopes of a sign-in, by the rules of an authorization request; all but `offline_access` where none is named,
    /// so that signing out ends what nobody asked to outlive it.
    public func scopes(_ asked: String?, for client: Client) async throws -> ScopeSet {
        guard let asked else { return client.scopes.subtracting([.offlineAccess]) }
        return try ScopeSet(
            requestedIn: FormParameters([.scope: asked]), by: client, known: try await environment.clients.knownScopes()
        )
    }

    /// Throws where nothing could be signed now: to be asked before anything is spent.
    public func requireSigningKey() throws {
        guard environment.keys.signers != nil else { throw KeyRing.LoadError.noCurrentKey }
    }

    /// The tokens of a session that has begun; nil where the account was closed or signed out meanwhile.
    public func tokens(
        for client: Client, in session: Session, scopes: ScopeSet
    ) async throws -> TokenResponse? {
        let grant = Grant(to: client, in: session, scopes: scopes, at: environment.clock.now, environment)
        let target = try await TokenTarget([], of: nil, scopes: scopes, for: client, in: environment)
        let participation = Participation(of: client, in: session, with: scopes, environment)
        guard let begun = try await environment.storage.grants.begin(grant, in: participation) else { return nil }
        return try await TokenIssue(environment).tokens(of: begun, for: client, target, nonce: nil)
    }

    /// Notes that a client uses a session by its cookie: it gets no token, but the person sees it among their sessions.
    ///
    /// False where the account was closed or signed out meanwhile.
    public func note(_ client: Client, in session: Session, scopes: ScopeSet) async throws -> Bool {
        var grant = Grant(to: client, in: session, scopes: scopes, at: environment.clock.now, environment)
        grant.refresh = nil
        return try await environment.storage.grants.begin(grant) != nil
    }

    /// The next tokens for a refresh token, as at the token endpoint.
    public func refresh(_ token: String, for client: Client) async throws -> TokenResponse {
        let form = FormParameters([.grantType: GrantType.refreshToken.rawValue, .refreshToken: token])
        return try await TokenEndpoint(environment).respond(to: form, from: client)
    }

    /// A person as an access token stands for them.
    public struct Holder: Sendable {
        /// Who; without the password hash.
        public let user: User
        /// What the token belongs to.
        public let grant: Grant
        /// Whose token it is.
        public let client: Client
        /// How far the token reaches.
        public let scopes: ScopeSet
    }

    /// Who holds an access token of a client that signs people in itself.
    ///
    /// Throws `OAuthError`: `.invalidToken` for any other token, also of another client or of a grant that was revoked.
    public func holder(of token: BearerToken) async throws -> Holder {
        let now = environment.clock.now
        let access = try await environment.ownAccessToken(token.rawValue, for: [environment.issuer.url], at: now)
        let refusal = OAuthError(
            .invalidToken, "the access token was revoked, or is not for this",
            advice:
                "the token needs a grant that is in force, the scope that this asks for, and a client that may sign people in",
            rule: "RFC 6750 §3.1")
        guard let id = access.grantID, let client = try await environment.clients.find(access.clientID),
            client.mayOwnSignIn, client.ownSignIn == .tokens,
            let grant = try await environment.storage.grants.find(id, at: now),
            grant.clientID == client.id, grant.revokedAt == nil,
            // A signature outlives a revocation: the grant and the account decide.
            let user = try await environment.storage.grants.holder(of: id, at: now)?.user,
            environment.subjects.isSubject(access.subject, of: user.id, at: client)
        else { throw refusal }
        return Holder(user: user, grant: grant, client: client, scopes: access.scopes)
    }

    /// Ends a grant, also one that outlives its session.
    public func end(_ grant: Grant) async throws {
        try await environment.storage.grants.revoke(grant.id, at: environment.clock.now)
    }
}
