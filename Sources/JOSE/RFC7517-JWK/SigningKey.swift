public import JSON

/// A private key that makes signatures, with one algorithm.
///
/// It has no JSON form and prints redacted; it leaves the process only sealed. It decrypts nothing: that takes a
/// `DecryptionKey`.
public struct SigningKey: Sendable {
    private let material: PrivateMaterial
    private let contexts: KeyContextPool

    /// The key that verifies what this one signs.
    public let publicKey: PublicKey

    /// The algorithm of the key.
    public let algorithm: SignatureAlgorithm

    /// The `kid`: the thumbprint of the public key (RFC 7638), unless `named` gave it another.
    public var keyID: String { publicKey.keyID }

    /// Throws `unsupportedKey` if the key cannot sign with the algorithm.
    private init(_ material: PrivateMaterial, for algorithm: SignatureAlgorithm, keyID: String? = nil) throws(JOSEError)
    {
        self.material = material
        self.algorithm = algorithm
        publicKey = try PublicKey(material.publicPart, keyID: keyID, algorithm: algorithm)
        contexts = KeyContextPool(material.key, for: .sign, with: algorithm)
    }

    /// A fresh key for an algorithm; `size` counts for RSA alone.
    ///
    /// RSA takes some tenths of a second.
    public static func generate(
        _ algorithm: SignatureAlgorithm = .es256, size: RSASize = .bits2048
    ) throws(JOSEError) -> SigningKey {
        let material =
            switch algorithm.scheme {
            case .ecdsa(let curve): try PrivateMaterial.generate(curve)
            case .edDSA: try PrivateMaterial.generate(.ed25519)
            case .pkcs1, .pss: try PrivateMaterial.generate(size)
            }
        return try SigningKey(material, for: algorithm)
    }

    /// The same key under another `kid`, for keys that others know by a name of their own.
    public func named(_ keyID: String) throws(JOSEError) -> SigningKey {
        try SigningKey(material, for: algorithm, keyID: keyID)
    }

    /// The signature of a message, in the form that JWS uses.
    ///
    /// Any number of threads may sign at once. Throws `libraryFailure` only.
    public func sign(_ message: Span<UInt8>) throws(JOSEError) -> [UInt8] { try contexts.sign(message) }
}

extension SigningKey {
    /// Reads a private JWK (RFC 7517 §4), for import; its `kid` is kept.
    ///
    /// An RSA key signs with its `alg` or else with `algorithm`; if there are both, they must be the same, and it needs
    /// one. Throws `unsupportedKey` for a key of another kind, use or algorithm, `weakKey` or `invalidKey` for no good key.
    public init(privateJWK jwk: JSONObject, algorithm: SignatureAlgorithm? = nil) throws(JOSEError) {
        try KeyPurpose.signing.check(jwk)
        let own = try jwk.signatureAlgorithm()
        if let own, let algorithm, own != algorithm { throw .unsupportedKey }
        let material = try PrivateMaterial(jwk: jwk)
        try self.init(
            material, for: Self.algorithm(own ?? algorithm, for: material.publicPart), keyID: jwk.text("kid"))
    }

    /// Reads PKCS#8 (RFC 5208) in DER, for import.
    ///
    /// RSA needs an algorithm; other keys have one, and a different one is refused. Throws as for a private JWK.
    public init(pkcs8: Span<UInt8>, algorithm: SignatureAlgorithm? = nil) throws(JOSEError) {
        let material = try PrivateMaterial(pkcs8: pkcs8)
        try self.init(material, for: Self.algorithm(algorithm, for: material.publicPart))
    }

    private static func algorithm(
        _ wanted: SignatureAlgorithm?, for material: PublicMaterial
    ) throws(JOSEError) -> SignatureAlgorithm {
        if let wanted { return wanted }
        guard let only = material.signatureAlgorithms.first, material.signatureAlgorithms.count == 1 else {
            throw .unsupportedKey
        }
        return only
    }
}

extension SigningKey {
    static let purpose: StaticString = "signing key"

    /// The key as PKCS#8 (RFC 5208), sealed for storage.
    ///
    /// PKCS#8 does not say which algorithm an RSA key has, so the name stands in front. ES256 has none, as ever.
    public func sealed(by masterKey: MasterKey) throws(JOSEError) -> [UInt8] {
        let pkcs8 = try material.key.pkcs8()
        guard algorithm != .es256 else {
            return try pkcs8.withBytes { plain throws(JOSEError) in
                try masterKey.seal(plain, purpose: Self.purpose, boundTo: [])
            }
        }
        let name = Array((algorithm.rawValue + ":").utf8)
        let plain = Secret(count: name.count + pkcs8.count) { plain in
            _ = plain.update(fromContentsOf: name)
            pkcs8.withBytes { bytes in
                for index in bytes.indices { plain[name.count + index] = bytes[index] }
            }
        }
        return try plain.withBytes { plain throws(JOSEError) in
            try masterKey.seal(plain, purpose: Self.purpose, boundTo: [])
        }
    }

    /// Opens a key that `sealed` made.
    public init(opening sealed: [UInt8], with masterKey: MasterKey) throws(JOSEError) {
        let plain = try masterKey.open(sealed, purpose: Self.purpose, boundTo: [])
        self = try plain.withBytes { plain throws(JOSEError) in try SigningKey(opened: plain) }
    }

    /// Reads what was sealed.
    init(opened plain: Span<UInt8>) throws(JOSEError) {
        let named = SignatureAlgorithm.allCases.first { algorithm in
            plain.count > algorithm.rawValue.utf8.count + 1
                && plain.extracting(..<(algorithm.rawValue.utf8.count + 1))
                    .withUnsafeBufferPointer { $0.elementsEqual((algorithm.rawValue + ":").utf8) }
        }
        guard let named else {
            try self.init(pkcs8: plain, algorithm: .es256)
            return
        }
        // The seal shows that this process's like wrote the key: to test its factors again takes a tenth of a second.
        let pkcs8 = plain.extracting((named.rawValue.utf8.count + 1)...)
        try self.init(PrivateMaterial(EVPKey(pkcs8: pkcs8)), for: named)
    }
}

extension SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Algorithm and `kid`, never the key.
    public var description: String { "SigningKey(\(algorithm.rawValue), \(keyID))" }

    /// Algorithm and `kid`, never the key.
    public var debugDescription: String { description }

    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
