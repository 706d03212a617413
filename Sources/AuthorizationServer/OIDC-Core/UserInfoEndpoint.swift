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

    /// The claims that the token's scopes allow: §5.4.
    ///
    /// Empty ones are left out (§5.3.2).
    public struct Response: JSONEncodable, Sendable {
        let subject: UserID
        let name: String?
        let updatedAt: Timestamp?
        let email: Email?
        let isEmailVerified: Bool?

        /// Writes the claims of §5.1.
        public func encode(to writer: inout JSONWriter) {
            writer.object {
                $0.member("sub", subject.rawValue)
                $0.member("name", name)
                $0.member("updated_at", updatedAt?.seconds)
                $0.member("email", email?.rawValue)
                $0.member("email_verified", isEmailVerified)
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
        guard let user = try await environment.storage.grants.holder(of: grantID, at: now), user.id == access.userID
        else { throw OAuthError(.invalidToken, "the access token was revoked") }
        let showsProfile = access.scopes.contains(.profile)
        let showsEmail = access.scopes.contains(.email)
        return Response(
            subject: user.id,
            name: showsProfile && !user.name.isEmpty ? user.name : nil,
            updatedAt: showsProfile ? user.updatedAt : nil,
            email: showsEmail ? user.email : nil,
            isEmailVerified: showsEmail ? user.isEmailVerified : nil
        )
    }
}
