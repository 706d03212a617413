/// A JWT that somebody sent: nothing in it may be believed yet.
///
/// For the cases where the token itself says whose key to fetch, such as a client assertion (RFC 7523 §3). Where the
/// keys are known beforehand, `VerifiedJWT.init(_:signedBy:as:)` is the way.
public struct UnverifiedJWT: Sendable {
    private let jws: CompactJWS

    /// The header, as anybody could have written it.
    public var header: JOSEHeader { jws.header }

    /// Takes a token apart.
    ///
    /// Throws `oversize`, `malformedToken`, `malformedHeader` or `criticalExtension`.
    public init(parsing token: String, limit: Int = CompactJWS.limit) throws(JOSEError) {
        jws = try CompactJWS(parsing: token, limit: limit)
    }

    /// What was taken apart elsewhere.
    init(_ jws: CompactJWS) { self.jws = jws }

    /// The claims, as anybody could have written them: good for finding the key and for nothing else.
    public func unverifiedClaims() throws(JOSEError) -> JWTClaims { try jws.unverifiedClaims() }

    /// The token as verified, if signature and claims are as expected.
    public func verified(
        with keys: some VerificationKeys, as expectation: JWTExpectation
    ) throws(JOSEError) -> VerifiedJWT {
        try VerifiedJWT(
            jws.verified(with: keys, allowing: expectation.algorithms, expecting: expectation.type), as: expectation)
    }

    /// The token as verified, if it was authenticated with this secret and its claims are as expected.
    public func verified(with key: MACKey, as expectation: JWTExpectation) throws(JOSEError) -> VerifiedJWT {
        try VerifiedJWT(jws.verified(with: key, expecting: expectation.type), as: expectation)
    }
}
