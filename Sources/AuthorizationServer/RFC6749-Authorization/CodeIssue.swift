import OAuthTypes
import Stores

/// Issues the code of a request that needs nothing more: RFC 6749 §4.1.2.
struct CodeIssue: Sendable {
    let environment: ServerEnvironment

    init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    func answer(_ arrival: Arrival, for session: Session) async throws -> AuthorizationAnswer {
        let policy = environment.policy
        let now = environment.clock.now
        let grant = Grant(
            to: arrival.client, in: session, scopes: arrival.request.scopes,
            claims: arrival.request.claims.kept, targets: try await targets(of: arrival), at: now, environment)
        let code = environment.newSecret()
        // OpenID Connect Core §3.3.2.11: made first, for without a key nothing is to be issued.
        let idToken =
            arrival.request.responseType == .codeIDToken
            ? try await TokenIssue(environment).idToken(
                of: grant, for: arrival.client, nonce: arrival.request.nonce, goingWith: code) : nil
        let record = AuthorizationCode(
            digest: TokenDigest(of: code),
            grantID: grant.id,
            clientID: arrival.client.id,
            redirectURI: arrival.address.redirectURI.rawValue,
            codeChallenge: arrival.request.codeChallenge,
            nonce: arrival.request.nonce,
            issuedAt: now,
            expiresAt: now + policy.codeLifetime
        )
        // RFC 7519 §4.1.7; last, and before the code, so that two who come at once get one.
        if let once = arrival.once, try await !once.spend(in: environment) {
            return arrival.address.answer(OneTimeObject.refusal)
        }
        let participation = Participation(of: arrival.client, in: session, with: grant.scopes, environment)
        try await environment.storage.codes.issue(record, under: grant, in: participation)
        return arrival.address.answer(code: code, idToken: idToken, sessionState: sessionState(arrival, session))
    }
}

extension CodeIssue {
    /// Session Management §2; nil where it is not offered, and to clients that know nothing of sessions.
    private func sessionState(_ arrival: Arrival, _ session: Session) -> String? {
        guard environment.policy.offersSessionManagement, arrival.request.scopes.contains(.openid) else { return nil }
        return SessionState.value(
            for: arrival.client.id, at: arrival.address.redirectURI, in: session, salt: environment.newSalt())
    }
}

extension CodeIssue {
    private func targets(of arrival: Arrival) async throws -> [ResourceTarget] {
        let named = arrival.request.claims.resources
        guard !named.isEmpty else { return [] }
        let known = try await environment.clients.resources()
        return named.compactMap { ResourceTarget($0, for: arrival.client, among: known, at: environment.issuer) }
    }
}

extension Grant {
    /// What a client gets of the person who is signed in to a session, for these resources.
    init(
        to client: Client, in session: Session, scopes: ScopeSet, claims: String? = nil,
        targets: [ResourceTarget] = [], at now: Timestamp, _ environment: ServerEnvironment
    ) {
        let policy = environment.policy
        let getsRefreshTokens = client.getsRefreshTokens(for: scopes)
        let tokenLifetime = targets.compactMap(\.tokenLifetime).reduce(policy.accessTokenLifetime, max)
        let lifetime = targets.compactMap(\.grantLifetime).reduce(
            client.metadata.grantLifetime.map { .seconds($0) } ?? policy.grantLifetime, min)
        self.init(
            id: environment.newIdentifier(),
            clientID: client.id,
            userID: session.userID,
            sessionID: session.id,
            scopes: scopes,
            authenticatedAt: session.authenticatedAt,
            methods: session.methods,
            createdAt: now,
            // Without refresh tokens nothing outlives the access token of a code redeemed at the last moment.
            expiresAt: now
                + (getsRefreshTokens ? lifetime : policy.codeLifetime + tokenLifetime),
            refresh: getsRefreshTokens
                ? RefreshFamily(
                    generation: 0,
                    rotatedAt: now,
                    request: nil,
                    idleExpiresAt: now + client.refreshIdleLifetime(policy)
                ) : nil,
            revokedAt: nil,
            claims: claims
        )
    }
}
