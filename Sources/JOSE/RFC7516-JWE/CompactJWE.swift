/// A JWE in compact serialization, taken apart and not decrypted: RFC 7516 §3.1, §5.2.
///
/// The JSON serializations are left out: no specification of OAuth or OpenID Connect uses them.
public struct CompactJWE: Sendable {
    /// The header, as anybody could have written it.
    public let header: JWEHeader

    private let encryptedKey: [UInt8]
    private let vector: [UInt8]
    private let ciphertext: [UInt8]
    private let tag: [UInt8]
    /// The header as it was spelled: what the tag covers (§5.2 step 15).
    private let authenticated: [UInt8]

    /// The longest token that is looked at by default, in bytes: a JWS at its own limit fits in.
    public static let limit = 32 * 1024

    /// Takes a token apart.
    ///
    /// Throws `oversize`, `malformedToken`, `malformedHeader`, `criticalExtension`, `compressed` or `wrongAlgorithm`.
    public init(parsing token: Span<UInt8>, limit: Int = CompactJWE.limit) throws(JOSEError) {
        guard token.count <= limit else { throw .oversize }
        var dots: [Int] = []
        for index in token.indices where token[index] == UInt8(ascii: ".") {
            dots.append(index)
            guard dots.count <= 4 else { throw .malformedToken }
        }
        guard dots.count == 4 else { throw .malformedToken }  // RFC 7515 has two
        guard dots[0] <= Base64URL.encodedCount(JWEHeader.limit) else { throw .oversize }
        guard
            let header = Base64URL.decode(token.extracting(..<dots[0])),
            let encryptedKey = Base64URL.decode(token.extracting((dots[0] + 1)..<dots[1])),
            let vector = Base64URL.decode(token.extracting((dots[1] + 1)..<dots[2])),
            let ciphertext = Base64URL.decode(token.extracting((dots[2] + 1)..<dots[3])),
            let tag = Base64URL.decode(token.extracting((dots[3] + 1)...))
        else { throw .malformedToken }
        self.header = try JWEHeader(parsing: header)
        self.encryptedKey = encryptedKey
        self.vector = vector
        self.ciphertext = ciphertext
        self.tag = tag
        authenticated = token.extracting(..<dots[0]).withUnsafeBufferPointer { [UInt8]($0) }
        // A shorter tag is easier to guess: the algorithm says how long everything is, not the sender.
        let lengths = (self.header.algorithm, self.header.encryption)
        guard
            vector.count == lengths.1.vectorCount, tag.count == lengths.1.tagCount,
            encryptedKey.count == lengths.0.encryptedKeyCount(lengths.1) ?? encryptedKey.count
        else { throw .malformedToken }
    }

    /// Takes a token apart.
    public init(parsing token: String, limit: Int = CompactJWE.limit) throws(JOSEError) {
        try self.init(parsing: token.utf8.span, limit: limit)
    }

    /// The content, if it was encrypted to the key of the token's `kid`.
    ///
    /// Throws `wrongAlgorithm`, `unknownKey`, `malformedToken` or `invalidKey` for what anybody can see without the
    /// key, and `undecryptable` for everything else, without telling what and after the same work.
    public func decrypted(
        with keys: some DecryptionKeys, allowing rules: JWEExpectation
    ) throws(JOSEError) -> DecryptedJWE {
        guard rules.allows(header) else { throw .wrongAlgorithm }
        guard let key = keys.decryptionKey(withID: header.keyID, for: header.algorithm) else { throw .unknownKey }
        guard key.publicKey.allows(header.algorithm) else { throw .wrongAlgorithm }
        return try open(by: key.keyID) { () throws(JOSEError) in
            try key.contentKey(from: encryptedKey, header: header)
        }
    }

    /// The content, if it was encrypted under a shared key.
    ///
    /// Throws as for keys of one's own.
    public func decrypted(
        under key: SharedEncryptionKey, allowing rules: JWEExpectation = .underSharedKey
    ) throws(JOSEError) -> DecryptedJWE {
        guard rules.allows(header), key.allows(header.algorithm, header.encryption) else { throw .wrongAlgorithm }
        if let named = header.keyID {
            guard let keyID = key.keyID, keyID.utf8.elementsEqual(named.utf8) else { throw .unknownKey }
        }
        return try open(by: key.keyID) { () throws(JOSEError) in try key.contentKey(from: encryptedKey) }
    }

    /// A key of the content that cannot be had, or has another length, is replaced by a random one, whose tag is then
    /// refused like any other wrong one (RFC 7516 §11.5).
    private func open(
        by keyID: String?, _ contentKey: () throws(JOSEError) -> Secret?
    ) throws(JOSEError) -> DecryptedJWE {
        let substitute = Secret(SystemRandom().bytes(header.encryption.keyCount))
        let unwrapped = try contentKey() ?? substitute
        let plaintext = try header.encryption.decrypt(
            ciphertext.span, tag: tag.span, under: unwrapped.count == substitute.count ? unwrapped : substitute,
            vector: vector, authenticating: authenticated)
        guard let plaintext else { throw .undecryptable }
        return DecryptedJWE(header: header, plaintext: plaintext, keyID: keyID)
    }
}

/// What a JWE held; only decryption makes one.
///
/// Nothing says who wrote it unless `origin` does: a public key is known to everybody.
public struct DecryptedJWE: Sendable {
    /// Who can have made it.
    public enum Origin: Sendable, Equatable {
        /// Whoever knows the public key: everybody.
        case anybody
        /// Whoever has the shared key: the other side, or this one.
        case holderOfTheSharedKey
    }

    /// The header, unchanged since it was encrypted.
    public let header: JWEHeader
    /// The content.
    public let plaintext: Secret
    /// The name of the key that decrypted it, if it has one.
    public let keyID: String?

    /// Who can have made it.
    public var origin: Origin { header.algorithm.origin }

    fileprivate init(header: JWEHeader, plaintext: Secret, keyID: String?) {
        self.header = header
        self.plaintext = plaintext
        self.keyID = keyID
    }
}
