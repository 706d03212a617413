/// How the key of the content comes to the recipient: the values of `alg` in a JWE, RFC 7518 §4.1.
///
/// Closed: RSA1_5 (a padding oracle), PBES2 (a bomb of iterations) and everything unknown cannot even be named.
public enum KeyManagementAlgorithm: String, Sendable, CaseIterable {
    /// RSA with OAEP padding over SHA-1, which nothing here needs to be free of collisions.
    case rsaOAEP = "RSA-OAEP"
    /// RSA with OAEP padding over SHA-256.
    case rsaOAEP256 = "RSA-OAEP-256"
    /// Key agreement whose result encrypts the content.
    case ecdhES = "ECDH-ES"
    /// Key agreement whose result wraps the key with AES under 128 bits.
    case ecdhESA128KW = "ECDH-ES+A128KW"
    /// Key agreement whose result wraps the key with AES under 256 bits.
    case ecdhESA256KW = "ECDH-ES+A256KW"
    /// A shared key of 128 bits wraps the key.
    case a128KW = "A128KW"
    /// A shared key of 256 bits wraps the key.
    case a256KW = "A256KW"
    /// The shared key itself encrypts the content.
    case direct = "dir"

    /// Who can have made such a token.
    var origin: DecryptedJWE.Origin {
        switch self {
        case .rsaOAEP, .rsaOAEP256, .ecdhES, .ecdhESA128KW, .ecdhESA256KW: .anybody
        case .a128KW, .a256KW, .direct: .holderOfTheSharedKey
        }
    }

    /// The length in bytes of the encrypted key that a token must have, whatever the key; `nil` for RSA.
    func encryptedKeyCount(_ encryption: ContentEncryption) -> Int? {
        switch self {
        case .rsaOAEP, .rsaOAEP256: nil
        case .ecdhES, .direct: 0
        case .ecdhESA128KW, .ecdhESA256KW, .a128KW, .a256KW: encryption.keyCount + AESKeyWrap.overhead
        }
    }

    /// The length in bytes of the key that wraps, if one does that is agreed on or shared.
    var wrappingKeyCount: Int? {
        switch self {
        case .a128KW, .ecdhESA128KW: 16
        case .a256KW, .ecdhESA256KW: 32
        case .rsaOAEP, .rsaOAEP256, .ecdhES, .direct: nil
        }
    }
}
