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
        let subject: String
        let told: [PersonClaims.Told]
        let mapped: MappedClaims

        /// Writes the claims of §5.1.
        public func encode(to writer: inout JSONWriter) {
            writer.object { encodeMembers(to: &$0) }
        }

        func encodeMembers(to writer: inout JSONWriter) {
            writer.member("sub", subject)
            for claim in told { writer.member(named: claim.name.description, claim.value) }
            mapped.encodeMembers(to: &writer)
        }
    }

    /// Answers the holder of an access token with JSON, whatever the client registered.
    public func respond(to token: BearerToken) async throws -> Response {
        try await find(token).response
    }

    func find(_ token: BearerToken) async throws -> (response: Response, client: Client) {
        let now = environment.clock.now
        let access = try await environment.ownAccessToken(
            token.rawValue, for: [environment.issuer.url, environment.issuer.address(of: UserInfoEndpoint.path)],
            at: now)
        guard let grantID = access.grantID, access.scopes.contains(.openid) else {
            throw OAuthError(
                .insufficientScope, "the access token needs the scope openid and a person",
                advice: access.grantID == nil
                    ? "it is a token of the client \(access.clientID) itself, of no person"
                    : "its scopes are \(access.scopes)", rule: "OpenID Connect Core §5.3")
        }
        // A signature outlives a revocation: the grant and the account decide.
        guard let client = try await environment.clients.find(access.clientID),
            let holder = try await environment.storage.grants.holder(of: grantID, at: now, withDetails: true),
            environment.subjects.isSubject(access.subject, of: holder.user.id, at: client)
        else {
            throw OAuthError(
                .invalidToken, "the access token was revoked",
                advice:
                    "its grant has ended, by revocation or sign-out or the person, or the account or the client is gone",
                rule: "RFC 6750 §3.1, OpenID Connect Core §5.3.3")
        }
        let asked = ClaimsRequest(kept: holder.claims)
        let told = PersonClaims(user: holder.user, details: holder.details)
            .told(for: access.scopes, and: asked.userInfo, in: asked.locales)
        let mapped = try await environment.mappedClaims(
            of: holder.user.id, in: .userInfo, for: client.id, access.scopes)
        return (Response(subject: access.subject, told: told, mapped: mapped), client)
    }
}
