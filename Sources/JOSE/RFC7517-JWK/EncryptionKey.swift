public import JSON

/// A public key to encrypt to: RFC 7517 §4, for JWE (RFC 7516).
///
/// It verifies nothing: that takes a `PublicKey`.
public struct EncryptionKey: Sendable {
    let material: PublicMaterial

    /// The `kid`: the one its owner gave it, or else its thumbprint (RFC 7638).
    public let keyID: String

    /// The SHA-256 thumbprint in base64url: RFC 7638.
    public let thumbprint: String

    /// The `alg` its owner restricted it to, such as `RSA-OAEP-256`; `nil` if there is none.
    public let algorithm: String?

    /// Whether the owner said that it is for encryption, with `use` or `key_ops`.
    public let isDeclared: Bool

    init(
        _ material: PublicMaterial, keyID: String? = nil, algorithm: String? = nil, isDeclared: Bool = true
    ) throws(JOSEError) {
        guard material.canEncrypt else { throw .unsupportedKey }
        self.material = material
        thumbprint = material.thumbprint
        self.keyID = keyID ?? thumbprint
        self.algorithm = algorithm
        self.isDeclared = isDeclared
    }

    /// Reads a JWK that is meant to be encrypted to: RFC 7517 §4.
    ///
    /// Throws `privateKey` if it holds more than a public key, `unsupportedKey` if its type, curve or use is not offered
    /// or its algorithm makes signatures, `weakKey` if it is too short, `invalidKey` if it is malformed or off its curve.
    public init(jwk: JSONObject) throws(JOSEError) {
        let material = try PublicMaterial(jwk: jwk)
        try KeyPurpose.encrypting.check(jwk)
        try self.init(
            material, keyID: jwk.text("kid"), algorithm: jwk.encryptionAlgorithm(),
            isDeclared: jwk["use"] != nil || jwk["key_ops"] != nil)
    }
}

extension EncryptionKey: JSONEncodable {
    /// Writes the key as a JWK: RFC 7517 §4.
    public func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            material.encode(into: &writer)
            writer.member("kid", keyID)
            writer.member("use", KeyPurpose.encrypting.use)
            writer.member("alg", algorithm)
        }
    }
}

extension EncryptionKey: Hashable {
    /// Whether both are the same key under the same name for the same algorithm.
    public static func == (left: Self, right: Self) -> Bool {
        left.keyID.utf8.elementsEqual(right.keyID.utf8) && left.thumbprint == right.thumbprint
            && left.algorithm == right.algorithm
    }

    /// Feeds the key to a hasher.
    public func hash(into hasher: inout Hasher) { hasher.combine(thumbprint) }
}

extension JSONObject {
    /// The `alg` of a JWK for encryption; throws `unsupportedKey` for one that makes signatures.
    func encryptionAlgorithm() throws(JOSEError) -> String? {
        guard let name = try text("alg") else { return nil }
        guard SignatureAlgorithm(named: name) == nil, MACAlgorithm(rawValue: name) == nil else { throw .unsupportedKey }
        return name
    }
}
