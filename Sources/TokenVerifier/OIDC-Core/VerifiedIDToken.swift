public import JOSE
public import JSON

/// An ID token that was verified: OpenID Connect Core §2.
///
/// There is no other way to get one.
public struct VerifiedIDToken: Sendable {
    /// `sub`: who the person is, at this issuer.
    public let subject: String
    /// All claims.
    public let claims: JWTClaims
    /// What signed it.
    let algorithm: SignatureAlgorithm

    /// A claim by its name, such as `email`.
    public subscript(claim: String) -> JSONValue? { claims[claim] }

    /// `auth_time`, in seconds since 1970: when the person signed in.
    public var authenticatedAt: Int64? { claims["auth_time"]?.integer }
    /// `acr`: how strong the sign-in was, in the issuer's words.
    public var authenticationContext: String? { claims["acr"]?.string }
    /// `amr`: how the person signed in (RFC 8176).
    public var authenticationMethods: [String] { claims["amr"]?.array?.compactMap(\.string) ?? [] }

    /// Whether an access token came with this ID token, by `at_hash` (§3.1.3.8); `nil` if the token does not say.
    ///
    /// From an authorization endpoint (§3.2.2.9, §3.3.2.9) `nil` must be taken for false.
    public func goes(withAccessToken accessToken: String) -> Bool? { matches("at_hash", accessToken) }

    /// Whether a code came with this ID token, by `c_hash` (§3.3.2.10); `nil` if the token does not say.
    ///
    /// From an authorization endpoint `nil` must be taken for false.
    public func goes(withCode code: String) -> Bool? { matches("c_hash", code) }

    private func matches(_ claim: String, _ text: String) -> Bool? {
        guard let value = claims[claim] else { return nil }
        guard let hash = value.string else { return false }
        return constantTimeEquals(hash, algorithm.leftHalf(ofHashOf: text))
    }
}
