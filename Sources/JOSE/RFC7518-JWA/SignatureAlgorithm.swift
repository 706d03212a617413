/// The signature algorithms that are offered: RFC 7518 §3.1.
///
/// Closed: `none` and anything unknown cannot even be named. A key has one algorithm, and the key decides.
public enum SignatureAlgorithm: String, Sendable, CaseIterable {
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"
}
