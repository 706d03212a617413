/// A private key that makes signatures.
///
/// It has no JSON form and prints redacted; it leaves the process only sealed.
public struct SigningKey: Sendable {
    /// What the key is made of; one case per key type.
    private enum Material: Sendable {
        case p256(P256PrivateKey)
    }

    private let material: Material

    /// The key that verifies what this one signs; its `kid` is its thumbprint.
    public let publicKey: PublicKey

    /// The algorithm of the key.
    public var algorithm: SignatureAlgorithm { publicKey.algorithm }

    /// The `kid`: the thumbprint of the public key (RFC 7638).
    public var keyID: String { publicKey.keyID }

    private init(_ key: P256PrivateKey) {
        material = .p256(key)
        publicKey = PublicKey(.p256(key.publicKey))
    }

    /// A fresh key for an algorithm.
    public static func generate(_ algorithm: SignatureAlgorithm = .es256) throws(JOSEError) -> SigningKey {
        switch algorithm {
        case .es256: SigningKey(try P256PrivateKey.generate())
        }
    }

    /// The signature of a message, in the form that JWS uses.
    ///
    /// Any number of threads may sign at once. Throws `libraryFailure` only.
    public func sign(_ message: Span<UInt8>) throws(JOSEError) -> [UInt8] {
        switch material {
        case .p256(let key): try key.sign(message)
        }
    }
}

extension SigningKey {
    private static let purpose: StaticString = "signing key"

    /// The key as PKCS#8 (RFC 5208), sealed for storage.
    public func sealed(by masterKey: MasterKey) throws(JOSEError) -> [UInt8] {
        let plain =
            switch material {
            case .p256(let key): try key.pkcs8()
            }
        return try plain.withBytes { plain throws(JOSEError) in
            try masterKey.seal(plain, purpose: Self.purpose, boundTo: [])
        }
    }

    /// Opens a key that `sealed` made.
    public init(opening sealed: [UInt8], with masterKey: MasterKey) throws(JOSEError) {
        let plain = try masterKey.open(sealed, purpose: Self.purpose, boundTo: [])
        self.init(try plain.withBytes { plain throws(JOSEError) in try P256PrivateKey(pkcs8: plain) })
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
