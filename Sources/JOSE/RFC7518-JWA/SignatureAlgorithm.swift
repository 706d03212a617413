/// The signature algorithms that are offered: RFC 7518 §3.1, RFC 8037 §3.1.
///
/// Closed: `none`, the symmetric ones and anything unknown cannot even be named.
public enum SignatureAlgorithm: String, Sendable, CaseIterable {
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"
    /// ECDSA on P-384 with SHA-384.
    case es384 = "ES384"
    /// ECDSA on P-521 with SHA-512.
    case es512 = "ES512"
    /// Ed25519.
    case edDSA = "EdDSA"
    /// RSA with the padding of PKCS #1 v1.5 and SHA-256.
    case rs256 = "RS256"
    /// RSA with the padding of PKCS #1 v1.5 and SHA-384.
    case rs384 = "RS384"
    /// RSA with the padding of PKCS #1 v1.5 and SHA-512.
    case rs512 = "RS512"
    /// RSA-PSS with SHA-256.
    case ps256 = "PS256"
    /// RSA-PSS with SHA-384.
    case ps384 = "PS384"
    /// RSA-PSS with SHA-512.
    case ps512 = "PS512"

    /// The algorithm that a header or a key names.
    ///
    /// `Ed25519` is the name that RFC 9864 §2.2 gives to what `EdDSA` means with such a key: it is understood, and
    /// `EdDSA`, which every verifier knows, is what is written.
    public init?(named name: String) {
        if name == "Ed25519" {
            self = .edDSA
        } else {
            self.init(rawValue: name)
        }
    }

    /// How it computes.
    enum Scheme: Sendable {
        case ecdsa(EllipticCurve)
        case edDSA
        case pkcs1
        case pss
    }

    var scheme: Scheme {
        switch self {
        case .es256: .ecdsa(.p256)
        case .es384: .ecdsa(.p384)
        case .es512: .ecdsa(.p521)
        case .edDSA: .edDSA
        case .rs256, .rs384, .rs512: .pkcs1
        case .ps256, .ps384, .ps512: .pss
        }
    }

    /// The hash function of the message; EdDSA has its own within.
    var hash: HashFunction {
        switch self {
        case .es256, .rs256, .ps256: .sha256
        case .es384, .rs384, .ps384: .sha384
        case .es512, .rs512, .ps512, .edDSA: .sha512
        }
    }
}
