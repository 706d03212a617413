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
            throw OAuthError(
                .invalidRequest, "refresh_token is missing",
                advice: "the request has no refresh_token; the last token response has it", rule: "RFC 6749 §6")
        }
        guard let token = environment.refreshTokens.read(presented) else {
            throw RefreshTokenGrant.unknown("it is no refresh token of this server, or was cut short or changed")
        }
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
                .invalidGrant, "the refresh token was used before; its family is revoked", revoking: id.rawValue,
                advice:
                    "each answer replaces the token, and the client must keep the newest: an older one is in two hands",
                rule: "RFC 9700 §4.14.2, RFC 6749 §10.4")
        case .foreign: throw RefreshTokenGrant.foreign(before, client)
        case .revoked: throw RefreshTokenGrant.revoked(nil, at: now)
        case .unknown: throw RefreshTokenGrant.unknown(RefreshTokenGrant.over)
        }
    }

    private static let over = "its grant is over, or no longer kept: the person has to sign in again"

    private static func unknown(_ advice: String) -> OAuthError {
        OAuthError(
            .invalidGrant, "the refresh token is unknown or has expired", advice: advice, rule: "RFC 6749 §6, §5.2")
    }

    private static func foreign(_ grant: Grant, _ client: Client) -> OAuthError {
        OAuthError(
            .invalidGrant, "the refresh token was issued to another client",
            advice: "the refresh token was issued to \(grant.clientID), and \(client.id) sent it",
            rule: "RFC 6749 §6, §10.4")
    }

    private static func revoked(_ since: Timestamp?, at now: Timestamp) -> OAuthError {
        let age = since.map { "\((now - $0).wholeSeconds) seconds ago" } ?? "at this moment"
        return OAuthError(
            .invalidGrant, "the refresh token was revoked",
            advice:
                "its grant was ended \(age): by the person, an operator, the client, a sign-out, or because an older "
                + "token of it was used",
            rule: "RFC 6749 §6, RFC 7009 §2.1")
    }

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
            throw RefreshTokenGrant.unknown(RefreshTokenGrant.over)
        }
        guard grant.clientID == client.id else { throw RefreshTokenGrant.foreign(grant, client) }
        guard grant.revokedAt == nil else { throw RefreshTokenGrant.revoked(grant.revokedAt, at: now) }
        // What is over anyway makes no token that somebody would have to clear away.
        guard let family = grant.refresh else {
            throw RefreshTokenGrant.unknown("its grant has no refresh token: the client was not given offline access")
        }
        guard now < family.idleExpiresAt else {
            throw RefreshTokenGrant.unknown(
                "it was not used for too long, \((now - family.rotatedAt).wholeSeconds) seconds: "
                    + "MARTLET_REFRESH_IDLE_LIFETIME, or the client's own")
        }
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
                throw OAuthError(
                    .invalidScope, "scope goes beyond what was granted", advice: "the grant has \(grant.scopes)",
                    rule: "RFC 6749 §6")
            }
            scopes = asked
        }
        return try await TokenTarget(resources, of: grant.resources, scopes: scopes, for: client, in: environment)
    }
}
