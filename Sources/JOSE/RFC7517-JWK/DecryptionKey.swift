public import JSON

/// A private key that decrypts what was encrypted to it, or agrees on keys: for JWE (RFC 7516).
///
/// It has no JSON form and prints redacted; it leaves the process only sealed. It signs nothing: that takes a
/// `SigningKey`.
public struct DecryptionKey: Sendable {
    let material: PrivateMaterial
    let contexts: DecryptionContexts

    /// The key that others encrypt to.
    public let publicKey: EncryptionKey

    /// The `kid` of the public key.
    public var keyID: String { publicKey.keyID }

    private init(_ material: PrivateMaterial, keyID: String? = nil, algorithm: String? = nil) throws(JOSEError) {
        self.material = material
        contexts = DecryptionContexts(material)
        publicKey = try EncryptionKey(material.publicPart, keyID: keyID, algorithm: algorithm)
    }

    /// The kinds of keys that can be made.
    public enum Kind: String, Sendable, CaseIterable {
        /// For ECDH-ES on P-256.
        case p256
        /// For ECDH-ES on P-384.
        case p384
        /// For ECDH-ES on P-521.
        case p521
        /// For ECDH-ES on Curve25519: RFC 8037 §3.2.
        case x25519
        /// For RSA-OAEP.
        case rsa
    }

    /// A fresh key, restricted to an `alg` if there is one; `size` counts for RSA alone.
    public static func generate(
        _ kind: Kind, algorithm: String? = nil, size: RSASize = .bits2048
    ) throws(JOSEError) -> DecryptionKey {
        let material =
            switch kind {
            case .p256: try PrivateMaterial.generate(EllipticCurve.p256)
            case .p384: try PrivateMaterial.generate(EllipticCurve.p384)
            case .p521: try PrivateMaterial.generate(EllipticCurve.p521)
            case .x25519: try PrivateMaterial.generate(OctetCurve.x25519)
            case .rsa: try PrivateMaterial.generate(size)
            }
        return try DecryptionKey(material, algorithm: algorithm)
    }

    /// Reads a private JWK (RFC 7517 §4), for import; its `kid` and `alg` are kept.
    ///
    /// Throws `unsupportedKey` for a key of another kind or use, `weakKey` or `invalidKey` for no good key.
    public init(privateJWK jwk: JSONObject) throws(JOSEError) {
        try KeyPurpose.decrypting.check(jwk)
        try self.init(PrivateMaterial(jwk: jwk), keyID: jwk.text("kid"), algorithm: jwk.encryptionAlgorithm())
    }

    /// Reads PKCS#8 (RFC 5208) in DER, for import.
    ///
    /// Throws as for a private JWK.
    public init(pkcs8: Span<UInt8>, algorithm: String? = nil) throws(JOSEError) {
        try self.init(PrivateMaterial(pkcs8: pkcs8), algorithm: algorithm)
    }
}

extension DecryptionKey {
    /// Another purpose than that of signing keys: neither opens as the other.
    private static let purpose: StaticString = "decryption key"

    /// The key as PKCS#8 (RFC 5208), sealed for storage and bound to its algorithm.
    public func sealed(by masterKey: MasterKey) throws(JOSEError) -> [UInt8] {
        let algorithm = Array((publicKey.algorithm ?? "").utf8)
        return try material.key.pkcs8().withBytes { plain throws(JOSEError) in
            try masterKey.seal(plain, purpose: Self.purpose, boundTo: algorithm)
        }
    }

    /// Opens a key that `sealed` made, with the algorithm it had then.
    public init(opening sealed: [UInt8], algorithm: String?, with masterKey: MasterKey) throws(JOSEError) {
        let plain = try masterKey.open(sealed, purpose: Self.purpose, boundTo: Array((algorithm ?? "").utf8))
        try self.init(
            plain.withBytes { plain throws(JOSEError) in try PrivateMaterial(EVPKey(pkcs8: plain)) },
            algorithm: algorithm)
    }
}

extension DecryptionKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The `kid`, never the key.
    public var description: String { "DecryptionKey(\(keyID))" }

    /// The `kid`, never the key.
    public var debugDescription: String { description }

    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
