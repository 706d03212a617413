import JOSE
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
        let before = try await grant(token.grant, of: client, at: now)
        let target = try await target(form, before, of: client)
        let kept = try await issue.kept(of: before, for: client, target)
        let attempt = RotationAttempt(
            grantID: token.grant,
            clientID: client.id,
            generation: token.generation,
            request: digest(of: form, client),
            now: now,
            grace: environment.policy.refreshGrace,
            idleLifetime: client.refreshIdleLifetime(environment.policy)
        )
        switch try await environment.storage.grants.rotate(attempt) {
        case .rotated(let grant), .retried(let grant):
            return try await issue.tokens(of: grant, for: client, target, nonce: nil, kept: kept)
        case .reused(let id):
            // Two hold the token and nobody can tell which is the thief: both lose it.
            try await environment.storage.grants.revoke(id, at: now)
            throw OAuthError(
                .invalidGrant, "the refresh token was used before; its family is revoked", revoking: id.rawValue)
        case .foreign:
            throw RefreshTokenGrant.foreign
        case .revoked:
            throw RefreshTokenGrant.revoked
        case .unknown:
            throw RefreshTokenGrant.unknown
        }
    }

    private static let unknown = OAuthError(.invalidGrant, "the refresh token is unknown or has expired")
    private static let foreign = OAuthError(.invalidGrant, "the refresh token was issued to another client")
    private static let revoked = OAuthError(.invalidGrant, "the refresh token was revoked")

    /// What tells the retry of a request from another one with the same token.
    private func digest(of form: FormParameters, _ client: Client) -> TokenDigest {
        var hash = SHA256()
        hash.update(client.id.rawValue.utf8.span)
        hash.update(" ".utf8.span)
        if let scope = form[.scope] { hash.update(scope.utf8.span) }
        for resource in form.all(.resource) {
            hash.update(" ".utf8.span)
            hash.update(resource.utf8.span)
        }
        return TokenDigest(hash.finalize())
    }

    private func grant(_ id: GrantID, of client: Client, at now: Timestamp) async throws -> Grant {
        guard let grant = try await environment.storage.grants.find(id, at: now) else {
            throw RefreshTokenGrant.unknown
        }
        guard grant.clientID == client.id else { throw RefreshTokenGrant.foreign }
        guard grant.revokedAt == nil else { throw RefreshTokenGrant.revoked }
        // What is over anyway makes no token that somebody would have to clear away.
        guard let family = grant.refresh, now < family.idleExpiresAt else { throw RefreshTokenGrant.unknown }
        return grant
    }

    /// RFC 6749 §6, RFC 8707 §2.2: the same scopes and resources or fewer; those of the grant where none are named.
    ///
    /// Before the token is spent, whatever is named: a resource that is gone for a moment must not cost the family.
    /// Nothing that it rests on changes while a grant lives; what does is judged by the step that spends.
    private func target(
        _ form: FormParameters, _ grant: Grant, of client: Client
    ) async throws -> TokenTarget {
        let resources = try ResourceIndicators.read(form)
        var scopes = grant.scopes
        if let text = form[.scope] {
            guard let asked = ScopeSet(parsing: text), !asked.isEmpty, asked.isSubset(of: grant.scopes) else {
                throw OAuthError(.invalidScope, "scope goes beyond what was granted")
            }
            scopes = asked
        }
        return try await TokenTarget(resources, of: grant.resources, scopes: scopes, for: client, in: environment)
    }
}
