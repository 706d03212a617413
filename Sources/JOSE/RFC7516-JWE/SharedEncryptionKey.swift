/// A key that two sides share to encrypt to each other; it has no JSON form and prints redacted.
public struct SharedEncryptionKey: Sendable {
    let secret: Secret

    /// The `kid`, if the two sides have agreed on one.
    public let keyID: String?

    /// What it is restricted to: a key wraps keys or encrypts content, never both.
    public let algorithm: KeyManagementAlgorithm

    /// A key for one algorithm: 16 bytes for A128KW, 32 for A256KW, and for `dir` as many as the content's encryption
    /// takes.
    ///
    /// Throws `unsupportedKey` for another length, and for algorithms of public keys.
    public init(_ secret: Secret, algorithm: KeyManagementAlgorithm, keyID: String? = nil) throws(JOSEError) {
        let isGood =
            switch algorithm {
            case .a128KW, .a256KW: secret.count == algorithm.wrappingKeyCount
            case .direct: ContentEncryption.allCases.contains { $0.keyCount == secret.count }
            default: false
            }
        guard isGood else { throw .unsupportedKey }
        self.secret = secret
        self.algorithm = algorithm
        self.keyID = keyID
    }

    /// Whether the key is good for these algorithms.
    func allows(_ algorithm: KeyManagementAlgorithm, _ encryption: ContentEncryption) -> Bool {
        algorithm == self.algorithm && (algorithm != .direct || encryption.keyCount == secret.count)
    }

    /// The key of one message: a fresh one wrapped, or this one.
    func contentKey(_ encryption: ContentEncryption) throws(JOSEError) -> ContentKey {
        guard algorithm != .direct else { return ContentKey(secret: secret) }
        let fresh = Secret(SystemRandom().bytes(encryption.keyCount))
        return ContentKey(secret: fresh, encrypted: try AESKeyWrap.wrap(fresh, under: secret))
    }

    /// The key of a token's content, `nil` if it was not wrapped under this one.
    func contentKey(from encrypted: [UInt8]) throws(JOSEError) -> Secret? {
        algorithm == .direct ? secret : try AESKeyWrap.unwrap(encrypted.span, under: secret)
    }
}

extension SharedEncryptionKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Algorithm and `kid`, never the key.
    public var description: String { "SharedEncryptionKey(\(algorithm.rawValue), \(keyID ?? "no kid"))" }

    /// Algorithm and `kid`, never the key.
    public var debugDescription: String { description }

    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
