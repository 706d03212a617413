/// A JWT whose signature and claims were verified: RFC 7519 §7.2.
///
/// There is no other way to get one.
public struct VerifiedJWT: Sendable {
    /// The claims.
    public let claims: JWTClaims
    /// The header.
    public let header: JOSEHeader
    /// The key that signed it; `nil` if it was authenticated with a shared secret.
    public let key: PublicKey?

    /// Verifies a token: its form, its type, the signature by the key of its `kid`, and last the claims.
    public init(
        _ token: String, signedBy keys: some VerificationKeys, as expectation: JWTExpectation,
        limit: Int = CompactJWS.limit
    ) throws(JOSEError) {
        let jws = try CompactJWS(parsing: token, limit: limit)
        try self.init(
            jws.verified(with: keys, allowing: expectation.algorithms, expecting: expectation.type), as: expectation)
    }

    /// Verifies a token that is authenticated with a shared secret, as in `client_secret_jwt` (OpenID Connect Core §9).
    ///
    /// The list of allowed algorithms does not count: the secret has one.
    public init(
        _ token: String, authenticatedBy key: MACKey, as expectation: JWTExpectation, limit: Int = CompactJWS.limit
    ) throws(JOSEError) {
        let jws = try CompactJWS(parsing: token, limit: limit)
        try self.init(jws.verified(with: key, expecting: expectation.type), as: expectation)
    }

    /// Only the claims are left to check.
    init(_ jws: consuming VerifiedJWS, as expectation: JWTExpectation) throws(JOSEError) {
        // RFC 7519 §5.2: it holds another JWT, not claims.
        if let content = jws.header.contentType, JWSType.jwt.matches(content) { throw .wrongType }
        claims = try jws.claims()
        try expectation.check(claims)
        header = jws.header
        key = jws.key
    }
}
