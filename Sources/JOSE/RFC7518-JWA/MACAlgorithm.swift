/// The symmetric algorithms of JWS: RFC 7518 §3.2.
///
/// A type of its own: no public key can be asked for one, and no list of signature algorithms holds one.
public enum MACAlgorithm: String, Sendable, CaseIterable {
    /// HMAC with SHA-256.
    case hs256 = "HS256"
    /// HMAC with SHA-384.
    case hs384 = "HS384"
    /// HMAC with SHA-512.
    case hs512 = "HS512"

    var hash: HashFunction {
        switch self {
        case .hs256: .sha256
        case .hs384: .sha384
        case .hs512: .sha512
        }
    }

    /// The shortest secret, in bytes: that of the digest (§3.2).
    public var shortestSecret: Int { hash.size }
}
