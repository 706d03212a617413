public import JOSE
internal import JSON

/// Verifies logout tokens for a client: OpenID Connect Back-Channel Logout §2.6.
public struct LogoutTokenVerifier: Sendable {
    private static let type: JWSType = "logout+jwt"
    private static let event = "http://schemas.openid.net/event/backchannel-logout"

    private let check: TokenCheck

    /// A verifier for the tokens of one client.
    ///
    /// - Parameter rules: whose audience is the identifier of the client.
    public init(_ rules: TokenRules, keys: IssuerKeys, clock: any VerifierClock = SystemVerifierClock()) {
        check = TokenCheck(rules: rules, keys: keys, clock: clock)
    }

    /// Verifies a token; whether it came before is for the caller to know, by its `jti`.
    public func verify(_ token: String) async throws(TokenRefusal) -> VerifiedLogoutToken {
        // §2.4: tokens should have the type of their own; older providers give them another or none.
        let named = (try? UnverifiedJWT(parsing: token))?.header.type
        let isTyped = named.map { JWSType.Expectation.exactly(Self.type).allows($0) } ?? false
        let keys = try await check.currentKeys()
        let claims = try await check.verify(
            token, isTyped ? .exactly(Self.type) : .absentOr(.jwt), with: keys
        ).jwt.claims
        guard claims.issuedAt != nil else { throw .invalidToken(.jwt(.missingClaim(.issuedAt))) }
        guard let end = claims.expiresAt else { throw .invalidToken(.jwt(.missingClaim(.expiresAt))) }
        guard claims["events"]?.object?[Self.event]?.object != nil else {
            throw .invalidToken(.missingClaim("events"))
        }
        // §2.4: or it could be an ID token that is put to another use.
        guard claims["nonce"] == nil else { throw .invalidToken(.wrongNonce) }
        guard let id = claims["jti"]?.string, !id.isEmpty else { throw .invalidToken(.missingClaim("jti")) }
        let session = claims["sid"]?.string
        guard session != nil || claims.subject != nil else { throw .invalidToken(.missingClaim("sid")) }
        return VerifiedLogoutToken(
            subject: claims.subject, sessionID: session, id: id, expiresAt: end, claims: claims)
    }
}

/// A logout token that was verified: OpenID Connect Back-Channel Logout §2.4.
///
/// There is no other way to get one.
public struct VerifiedLogoutToken: Sendable {
    /// `sub`: whose sessions end; nil where `sid` says it alone.
    public let subject: String?
    /// `sid`: which session ends; nil for all of the person.
    public let sessionID: String?
    /// `jti`: what one token is told from another by.
    public let id: String
    /// `exp`, in seconds since 1970.
    public let expiresAt: Int64
    /// All claims.
    public let claims: JWTClaims
}
