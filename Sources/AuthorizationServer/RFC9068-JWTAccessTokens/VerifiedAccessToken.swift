import JOSE
import JSON
import OAuthTypes
import Stores

/// An access token of ours that was verified: RFC 9068 §4.
///
/// One immutable object, so that a remembered token is handed on for the price of a reference.
final class VerifiedAccessToken: Sendable {
    /// `sub`: what the person, or the client itself, is called at the client.
    let subject: String
    let clientID: ClientID
    let grantID: GrantID?
    let scopes: ScopeSet
    /// `exp`, in seconds since 1970.
    let expiresAt: Int64
    /// `iat`, in seconds since 1970.
    let issuedAt: Int64
    let identifier: String
    let audience: [String]
    /// `auth_time` of a person, in seconds since 1970.
    let authenticatedAt: Int64?
    let context: String?
    let methods: [String]
    /// The later of `nbf` and `iat`, in seconds since 1970.
    private let startsAt: Int64

    /// The one answer to everything that is no token of ours whose time is now.
    static let refusal = OAuthError(
        .invalidToken, "the access token is malformed, expired or not of this issuer")

    /// Verifies a token; `leeway` forgives differing clocks, in seconds, from 0 to an hour.
    init(_ token: String, keys: JWKSet, issuer: Issuer, now: Timestamp, leeway: Int64) throws(OAuthError) {
        let expectation = JWTExpectation(
            type: .exactly(AccessToken.type),
            issuer: .exactly(issuer.url),
            audience: .anyone,
            now: now.seconds,
            leeway: leeway
        )
        guard let jwt = try? VerifiedJWT(token, signedBy: keys, as: expectation),
            let subject = jwt.claims.subject,
            let client = jwt.claims["client_id"]?.string.flatMap({ ClientID($0) }),
            let scopes = ScopeSet(parsing: jwt.claims["scope"]?.string ?? ""),
            let expiresAt = jwt.claims.expiresAt, let issuedAt = jwt.claims.issuedAt,
            let identifier = jwt.claims.jwtID
        else { throw VerifiedAccessToken.refusal }
        self.subject = subject
        clientID = client
        grantID = jwt.claims["grant_id"]?.string.map { GrantID(rawValue: $0) }
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.issuedAt = issuedAt
        self.identifier = identifier
        audience = jwt.claims.audience
        authenticatedAt = jwt.claims["auth_time"]?.integer
        context = jwt.claims["acr"]?.string
        methods = jwt.claims["amr"]?.array?.compactMap(\.string) ?? []
        startsAt = max(jwt.claims.notBefore ?? 0, issuedAt)
    }

    /// Whether a resource is among those that it is for: RFC 9068 §4.
    func isMeant(for resource: String) -> Bool {
        audience.contains { $0.utf8.elementsEqual(resource.utf8) }
    }

    /// Under which a token without a grant is remembered once it was revoked.
    var digest: TokenDigest { TokenDigest(of: "revoked access token " + identifier) }

    /// Whether the token is valid at another moment than the one it was verified at: RFC 7519 §4.1.4, §4.1.5.
    func holds(at now: Timestamp, leeway: Int64) -> Bool {
        now.seconds < expiresAt + leeway && startsAt <= now.seconds + leeway
    }
}
