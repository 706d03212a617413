import JOSE
import OAuthTypes
import Stores

/// The issue step that the grants share: signs what was decided.
///
/// Nothing here can refuse.
struct TokenIssue: Sendable {
    let environment: ServerEnvironment

    init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// Tokens of a grant that a person gave.
    func tokens(of grant: Grant, scopes: ScopeSet, nonce: String?) throws -> TokenResponse {
        let signer = try signer()
        let refreshToken = grant.refresh.flatMap {
            environment.refreshTokens.token(of: grant.id, generation: $0.generation)
        }
        let idToken = IDToken(grant: grant, nonce: nonce)
        return TokenResponse(
            accessToken: try access(.person(grant), client: grant.clientID, scopes: scopes).signed(by: signer),
            expiresIn: environment.policy.accessTokenLifetime.wholeSeconds,
            refreshToken: refreshToken,
            idToken: scopes.contains(.openid) ? try idToken.signed(by: signer, in: environment) : nil,
            scope: scopes
        )
    }

    /// A token for the client itself.
    func token(for client: Client, scopes: ScopeSet) throws -> TokenResponse {
        TokenResponse(
            accessToken: try access(.client, client: client.id, scopes: scopes).signed(by: try signer()),
            expiresIn: environment.policy.accessTokenLifetime.wholeSeconds,
            refreshToken: nil,
            idToken: nil,
            scope: scopes
        )
    }

    private func access(_ subject: AccessToken.Subject, client: ClientID, scopes: ScopeSet) -> AccessToken {
        let now = environment.clock.now
        return AccessToken(
            issuer: environment.issuer,
            subject: subject,
            clientID: client,
            scopes: scopes,
            issuedAt: now,
            expiresAt: now + environment.policy.accessTokenLifetime,
            identifier: Base64URL.encode(environment.random.bytes(16))
        )
    }

    private func signer() throws -> JWTSigner {
        guard let signer = environment.keys.signer else { throw KeyRing.LoadError.noCurrentKey }
        return signer
    }
}
