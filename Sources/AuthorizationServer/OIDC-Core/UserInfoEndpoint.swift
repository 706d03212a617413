public import JSON
import OAuthTypes
import Stores

/// UserInfo endpoint: OpenID Connect Core §5.3.
public struct UserInfoEndpoint: Sendable {
    /// The path below the issuer.
    public static let path = "/userinfo"

    let environment: ServerEnvironment

    /// The endpoint in an environment.
    public init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// The claims that the token's scopes allow, §5.4, and those that were asked for by name, §5.5.
    public struct Response: JSONEncodable, Sendable {
        let subject: UserID
        let told: [PersonClaims.Told]

        /// Writes the claims of §5.1.
        public func encode(to writer: inout JSONWriter) {
            writer.object {
                $0.member("sub", subject.rawValue)
                for claim in told { $0.member(named: claim.name.description, claim.value) }
            }
        }
    }

    /// Answers the holder of an access token.
    public func respond(to token: BearerToken) async throws -> Response {
        let now = environment.clock.now
        let access = try environment.accessTokens.verify(token.rawValue, at: now)
        guard let grantID = access.grantID, access.scopes.contains(.openid) else {
            throw OAuthError(.insufficientScope, "the access token needs the scope openid and a person")
        }
        // A signature outlives a revocation: the grant and the account decide.
        guard let holder = try await environment.storage.grants.holder(of: grantID, at: now),
            holder.user.id == access.userID
        else { throw OAuthError(.invalidToken, "the access token was revoked") }
        let asked = ClaimsRequest(kept: holder.claims)
        let told = try await environment.claims(
            of: holder.user, for: access.scopes, and: asked.userInfo, in: asked.locales)
        return Response(subject: holder.user.id, told: told)
    }
}
