import OAuthTypes
import Stores

/// Refresh token grant: RFC 6749 §6, rotated on every use (RFC 9700 §4.14.2).
struct RefreshTokenGrant: TokenGrant {
    let environment: ServerEnvironment
    let issue: TokenIssue

    init(_ environment: ServerEnvironment, _ issue: TokenIssue) {
        self.environment = environment
        self.issue = issue
    }

    func respond(to form: FormParameters, from client: Client) async throws -> TokenResponse {
        guard let presented = form[.refreshToken] else {
            throw OAuthError(.invalidRequest, "refresh_token is missing")
        }
        guard let token = environment.refreshTokens.read(presented) else { throw RefreshTokenGrant.unknown }
        let now = environment.clock.now
        guard let grant = try await environment.storage.grants.find(token.grant, at: now) else {
            throw RefreshTokenGrant.unknown
        }
        guard grant.clientID == client.id else {
            throw OAuthError(.invalidGrant, "the refresh token was issued to another client")
        }
        guard grant.revokedAt == nil else {
            throw OAuthError(.invalidGrant, "the refresh token was revoked")
        }
        let scopes = try narrowed(form, grant)
        let attempt = RotationAttempt(
            grantID: grant.id,
            generation: token.generation,
            request: TokenDigest(of: "\(client.id) \(form[.scope] ?? "")"),
            now: now,
            grace: environment.policy.refreshGrace,
            idleLifetime: environment.policy.refreshIdleLifetime
        )
        switch try await environment.storage.grants.rotate(attempt) {
        case .rotated(let grant), .retried(let grant):
            return try issue.tokens(of: grant, scopes: scopes, nonce: nil)
        case .reused(let id):
            // Two hold the token and nobody can tell which is the thief: both lose it.
            try await environment.storage.grants.revoke(id, at: now)
            throw OAuthError(.invalidGrant, "the refresh token was used before; its family is revoked")
        case .unknown:
            throw RefreshTokenGrant.unknown
        }
    }

    private static let unknown = OAuthError(.invalidGrant, "the refresh token is unknown or has expired")

    /// RFC 6749 §6: the same scopes or fewer.
    private func narrowed(_ form: FormParameters, _ grant: Grant) throws(OAuthError) -> ScopeSet {
        guard let text = form[.scope] else { return grant.scopes }
        guard let asked = ScopeSet(parsing: text), !asked.isEmpty, asked.isSubset(of: grant.scopes) else {
            throw OAuthError(.invalidScope, "scope goes beyond what was granted")
        }
        return asked
    }
}
