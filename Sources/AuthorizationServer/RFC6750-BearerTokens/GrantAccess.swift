public import OAuthTypes
public import Stores

/// What stands behind an access token that somebody presents to one of our own interfaces: RFC 6750 §2.
///
/// A signature outlives a revocation: the grant and the account decide.
public struct GrantAccess: Sendable {
    /// Whose token it is.
    public let clientID: ClientID
    /// What the person allowed.
    public let grant: Grant

    /// Reads a token that has to have a scope.
    public init(
        _ token: BearerToken, needing scope: Scope, at now: Timestamp, in environment: ServerEnvironment
    ) async throws {
        let access = try await environment.ownAccessToken(token.rawValue, for: [environment.issuer.url], at: now)
        guard let grantID = access.grantID, access.scopes.contains(scope) else {
            throw OAuthError(
                .insufficientScope, "the access token lacks the scope of this interface",
                advice: "the token needs the scope \(scope.rawValue) and a person; its scopes are \(access.scopes)",
                rule: "RFC 6750 §3.1")
        }
        let grants = environment.storage.grants
        guard try await grants.holder(of: grantID, at: now) != nil, let grant = try await grants.find(grantID, at: now)
        else {
            throw OAuthError(
                .invalidToken, "the access token was revoked",
                advice:
                    "its grant has ended, by revocation or sign-out or the person, or the account or the client is gone",
                rule: "RFC 6750 §3.1")
        }
        clientID = access.clientID
        self.grant = grant
    }
}
