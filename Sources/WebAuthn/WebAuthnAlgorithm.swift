internal import JOSE

/// The signature algorithms that are offered to authenticators, by their COSE numbers: WebAuthn §5.8.5, RFC 9053 §2.
public enum WebAuthnAlgorithm: Int, Sendable, CaseIterable {
    /// ECDSA on P-256 with SHA-256: what nearly every authenticator has.
    case es256 = -7
    /// Ed25519.
    case edDSA = -8
    /// RSA with the padding of PKCS #1 v1.5 and SHA-256: older Windows Hello has nothing else.
    case rs256 = -257

    /// The same one by its name in JOSE.
    var signatureAlgorithm: SignatureAlgorithm {
        switch self {
        case .es256: .es256
        case .edDSA: .edDSA
        case .rs256: .rs256
        }
    }
}
