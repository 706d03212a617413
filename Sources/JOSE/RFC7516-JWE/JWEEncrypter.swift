internal import JSON

/// Makes JWEs to one key: RFC 7516 §5.1, in compact serialization.
///
/// Key and algorithms are fixed, so that a header into which no ephemeral key goes is encoded once. Immutable: one
/// encrypter serves all threads.
public struct JWEEncrypter: Sendable {
    /// Who can decrypt it.
    private enum Recipient: Sendable {
        case owner(of: EncryptionKey, EncryptionContexts)
        case holder(of: SharedEncryptionKey)
    }

    private let recipient: Recipient
    private let header: HeaderWriter
    /// The header for a key to which no ephemeral key goes.
    private let encodedHeader: [UInt8]

    /// An encrypter to a public key.
    ///
    /// `contentType` is what the content is, such as `.jwt` for a nested JWT (RFC 7519 §5.2); `type` what the whole is.
    /// Throws `wrongAlgorithm` if the key is not good for the algorithm.
    public init(
        to key: EncryptionKey, algorithm: KeyManagementAlgorithm, encryption: ContentEncryption,
        contentType: JWSType?, type: JWSType? = nil
    ) throws(JOSEError) {
        guard key.allows(algorithm) else { throw .wrongAlgorithm }
        recipient = .owner(of: key, EncryptionContexts(key))
        header = HeaderWriter(
            algorithm: algorithm, encryption: encryption, type: type, contentType: contentType, keyID: key.keyID)
        encodedHeader = header.encoded()
    }

    /// An encrypter under a shared key.
    ///
    /// Throws `wrongAlgorithm` if the key is to encrypt the content and has another length.
    public init(
        under key: SharedEncryptionKey, encryption: ContentEncryption, contentType: JWSType?, type: JWSType? = nil
    ) throws(JOSEError) {
        guard key.allows(key.algorithm, encryption) else { throw .wrongAlgorithm }
        recipient = .holder(of: key)
        header = HeaderWriter(
            algorithm: key.algorithm, encryption: encryption, type: type, contentType: contentType, keyID: key.keyID)
        encodedHeader = header.encoded()
    }

    /// Encrypts content; a public key tells its recipient nothing about who did.
    ///
    /// Throws `libraryFailure` only.
    public func encrypt(_ plaintext: Span<UInt8>) throws(JOSEError) -> String {
        let encryption = header.encryption
        let contentKey =
            switch recipient {
            case .owner(let key, let contexts): try contexts.contentKey(to: key, header.algorithm, encryption)
            case .holder(let key): try key.contentKey(encryption)
            }
        var token = contentKey.ephemeralKey.map { header.encoded(with: $0) } ?? encodedHeader
        let vector = SystemRandom().bytes(encryption.vectorCount)
        let (ciphertext, tag) = try encryption.encrypt(
            plaintext, under: contentKey.secret, vector: vector, authenticating: token)
        let parts = [contentKey.encrypted, vector, ciphertext, tag]
        token.reserveCapacity(parts.reduce(token.count) { $0 + 1 + Base64URL.encodedCount($1.count) })
        for part in parts {
            token.append(UInt8(ascii: "."))
            Base64URL.append(part.span, to: &token)
        }
        return String(decoding: token, as: UTF8.self)
    }

    /// Encrypts a text, such as a signed JWT.
    public func encrypt(_ text: String) throws(JOSEError) -> String { try encrypt(text.utf8.span) }
}

/// Writes the header of a JWE.
private struct HeaderWriter: Sendable {
    let algorithm: KeyManagementAlgorithm
    let encryption: ContentEncryption
    let type: JWSType?
    let contentType: JWSType?
    let keyID: String?

    /// The header in base64url.
    func encoded(with ephemeralKey: EphemeralKey? = nil) -> [UInt8] {
        var header = JSONWriter(capacity: 384)
        header.object {
            $0.member("alg", algorithm.rawValue)
            $0.member("enc", encryption.rawValue)
            $0.member("typ", type?.name)
            $0.member("cty", contentType?.name)
            $0.member("kid", keyID)
            $0.member("epk", ephemeralKey)
        }
        var encoded: [UInt8] = []
        Base64URL.append(header.bytes.span, to: &encoded)
        return encoded
    }
}
