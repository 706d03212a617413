public import JOSE
public import JSON

/// An access token that was verified: RFC 9068 §2.2.
///
/// There is no other way to get one. One immutable object, so that a remembered token is handed on for the price of a
/// reference.
public final class VerifiedAccessToken: Sendable {
    /// `sub`: the person, or the client where no person takes part.
    public let subject: String
    /// `client_id`: who asked for the token.
    ///
    /// It may be missing with `.plainJWT` alone.
    public let clientID: String?
    /// `scope`: what it is good for.
    public let scopes: Set<String>
    /// What its user must prove, if it is bound to a key; see `isBound`.
    public let confirmation: Confirmation
    /// All claims.
    public let claims: JWTClaims
    /// The `kid` of the key that signed it.
    public var keyID: String { key.keyID }

    /// A claim by its name, such as one that the issuer adds.
    public subscript(claim: String) -> JSONValue? { claims[claim] }

    /// `exp`, in seconds since 1970.
    public var expiresAt: Int64 { ends }
    /// `auth_time`, in seconds since 1970: when the person signed in (RFC 9068 §2.2.1).
    public var authenticatedAt: Int64? { claims["auth_time"]?.integer }
    /// Whether the token is bound to a key, so that it is worth nothing without a proof.
    public var isBound: Bool { claims["cnf"] != nil }

    private let key: PublicKey
    private let ends: Int64
    /// The later of `nbf` and `iat`, in seconds since 1970.
    private let starts: Int64

    /// What `cnf` names: RFC 7800 §3.
    public struct Confirmation: Sendable, Equatable {
        /// `jkt`: the thumbprint of the key of a DPoP proof (RFC 9449 §6.1).
        public let keyThumbprint: String?
        /// `x5t#S256`: the digest of the client's certificate (RFC 8705 §3.1).
        public let certificateThumbprint: String?
    }

    init(_ jwt: VerifiedJWT, _ profile: AccessTokenVerifier.Profile) throws(TokenRefusal) {
        let claims = jwt.claims
        guard let key = jwt.key else { throw .invalidToken(.jwt(.unknownKey)) }
        guard let subject = claims.subject, !subject.isEmpty else { throw .invalidToken(.jwt(.missingClaim(.subject))) }
        guard let ends = claims.expiresAt else { throw .invalidToken(.jwt(.missingClaim(.expiresAt))) }
        self.subject = subject
        self.ends = ends
        starts = max(claims.notBefore ?? 0, claims.issuedAt ?? 0)
        self.claims = claims
        self.key = key
        switch profile {
        case .rfc9068:
            // §2.2.
            guard claims.issuedAt != nil else { throw .invalidToken(.jwt(.missingClaim(.issuedAt))) }
            guard claims.jwtID != nil else { throw .invalidToken(.jwt(.missingClaim(.jwtID))) }
            guard let client = claims["client_id"]?.string else { throw .invalidToken(.missingClaim("client_id")) }
            clientID = client
            scopes = try Self.scopes(claims["scope"])
        case .plainJWT:
            // What only ID tokens have: OpenID Connect Core §2, §3.3.2.11.
            let marks = ["nonce", "at_hash", "c_hash", "s_hash"]
            guard marks.allSatisfy({ claims[$0] == nil }) else { throw .invalidToken(.idToken) }
            clientID = claims["client_id"]?.string ?? claims["azp"]?.string
            scopes = try Self.scopes(claims["scope"] ?? claims["scp"])
        }
        let confirmation = claims["cnf"]
        self.confirmation = Confirmation(
            keyThumbprint: confirmation?["jkt"]?.string, certificateThumbprint: confirmation?["x5t#S256"]?.string)
    }

    /// A list with spaces (RFC 9068 §2.2.3), or what others write: an array.
    private static func scopes(_ claim: JSONValue?) throws(TokenRefusal) -> Set<String> {
        guard let claim else { return [] }
        if let list = claim.string { return Set(list.split(separator: " ").map(String.init)) }
        guard let values = claim.array, values.allSatisfy({ $0.string != nil }) else {
            throw .invalidToken(.missingClaim("scope"))
        }
        return Set(values.compactMap(\.string))
    }

    /// Throws `insufficientScope` unless the token has all of these scopes: RFC 6750 §3.1.
    public func require(_ scopes: String...) throws(TokenRefusal) {
        guard scopes.allSatisfy(self.scopes.contains) else { throw .insufficientScope(scopes) }
    }

    /// Whether the token's time is now: RFC 7519 §4.1.4, §4.1.5.
    func checkTime(_ now: Int64, leeway: Int64) throws(TokenRefusal) {
        guard now - leeway < ends else { throw .invalidToken(.jwt(.expired)) }
        guard starts <= now + leeway else { throw .invalidToken(.jwt(.notYetValid)) }
    }
}
