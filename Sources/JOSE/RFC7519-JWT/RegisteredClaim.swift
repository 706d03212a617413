/// The claims that RFC 7519 §4.1 registers.
public enum RegisteredClaim: String, Sendable, CaseIterable {
    /// Who issued the token.
    case issuer = "iss"
    /// Whom it is about.
    case subject = "sub"
    /// Whom it is for.
    case audience = "aud"
    /// When it ends.
    case expiresAt = "exp"
    /// When it begins.
    case notBefore = "nbf"
    /// When it was issued.
    case issuedAt = "iat"
    /// Its identifier.
    case jwtID = "jti"
}
