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
    /// Claims of the operator's own.
    let others: [JSONObject.Member]
    let format: AccessTokenFormat
    /// The later of `nbf` and `iat`, in seconds since 1970.
    private let startsAt: Int64

    /// The one answer to everything that is no token of ours whose time is now.
    static func refusal(_ advice: String) -> OAuthError {
        OAuthError(
            .invalidToken, "the access token is malformed, expired or not of this issuer",
            advice: "the access token is refused: " + advice, rule: "RFC 9068 §4, RFC 6750 §3.1")
    }

    /// Verifies a token; `leeway` forgives differing clocks, in seconds, from 0 to an hour.
    convenience init(
        _ token: String, keys: JWKSet, issuer: Issuer, now: Timestamp, leeway: Int64
    ) throws(OAuthError) {
        let expectation = JWTExpectation(
            type: .exactly(AccessToken.type),
            issuer: .exactly(issuer.url),
            audience: .anyone,
            now: now.seconds,
            leeway: leeway
        )
        let jwt: VerifiedJWT
        do throws(JOSEError) {
            jwt = try VerifiedJWT(token, signedBy: keys, as: expectation)
        } catch {
            throw VerifiedAccessToken.refusal(error.advice)
        }
        try self.init(jwt.claims, format: .jwt)
    }

    /// What an opaque token stands for; nil where it cannot be read.
    convenience init?(kept token: OpaqueToken) {
        guard let members = try? JSONObject(parsing: token.claims.utf8.span), let claims = try? JWTClaims(members)
        else {
            return nil
        }
        do throws(OAuthError) { try self.init(claims, format: .opaque) } catch { return nil }
    }

    private init(_ claims: JWTClaims, format: AccessTokenFormat) throws(OAuthError) {
        guard let subject = claims.subject,
            let client = claims["client_id"]?.string.flatMap({ ClientID($0) }),
            let scopes = ScopeSet(parsing: claims["scope"]?.string ?? ""),
            let expiresAt = claims.expiresAt, let issuedAt = claims.issuedAt,
            let identifier = claims.jwtID
        else { throw VerifiedAccessToken.refusal("a claim of RFC 9068 is missing") }
        self.format = format
        self.subject = subject
        clientID = client
        grantID = claims["grant_id"]?.string.map { GrantID(rawValue: $0) }
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.issuedAt = issuedAt
        self.identifier = identifier
        audience = claims.audience
        authenticatedAt = claims["auth_time"]?.integer
        context = claims["acr"]?.string
        methods = claims["amr"]?.array?.compactMap(\.string) ?? []
        others = claims.members.filter { !VerifiedAccessToken.known.contains($0.name) }
        startsAt = max(claims.notBefore ?? 0, issuedAt)
    }

    private static let known: Set<String> = [
        "iss", "aud", "client_id", "iat", "nbf", "exp", "jti", "scope", "sub", "auth_time", "acr", "amr", "grant_id",
    ]

    /// Whether a resource is among those that it is for: RFC 9068 §4.
    func isMeant(for resource: String) -> Bool {
        audience.contains { $0.utf8.elementsEqual(resource.utf8) }
    }

    /// The refusal of one that is for none of the resources of whoever got it.
    var isMeantForOthers: OAuthError {
        VerifiedAccessToken.refusal("it is for another resource, its aud is " + audience.joined(separator: ", "))
    }

    /// Under which a token without a grant is remembered once it was revoked.
    var digest: TokenDigest { TokenDigest(of: "revoked access token " + identifier) }

    /// Whether the token is valid at another moment than the one it was verified at: RFC 7519 §4.1.4, §4.1.5.
    func holds(at now: Timestamp, leeway: Int64) -> Bool {
        now.seconds < expiresAt + leeway && startsAt <= now.seconds + leeway
    }
}
