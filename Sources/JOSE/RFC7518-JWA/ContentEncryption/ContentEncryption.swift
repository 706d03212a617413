/// How content is encrypted and authenticated: the values of `enc`, RFC 7518 §5.1.
///
/// Closed: everything else cannot even be named.
public enum ContentEncryption: String, Sendable, CaseIterable {
    /// AES-GCM under 128 bits.
    case a128GCM = "A128GCM"
    /// AES-GCM under 256 bits.
    case a256GCM = "A256GCM"
    /// AES-CBC under 128 bits with HMAC-SHA-256.
    case a128CBCHS256 = "A128CBC-HS256"
    /// AES-CBC under 256 bits with HMAC-SHA-512.
    case a256CBCHS512 = "A256CBC-HS512"

    /// The length of the key in bytes.
    public var keyCount: Int {
        switch self {
        case .a128GCM: 16
        case .a256GCM, .a128CBCHS256: 32
        case .a256CBCHS512: 64
        }
    }

    /// The length of the initialization vector in bytes.
    var vectorCount: Int {
        switch self {
        case .a128GCM, .a256GCM: AESGCM.nonceCount
        case .a128CBCHS256, .a256CBCHS512: AESCBCHMAC.vectorCount
        }
    }

    /// The length of the authentication tag in bytes.
    var tagCount: Int {
        switch self {
        case .a128GCM, .a256GCM, .a128CBCHS256: 16
        case .a256CBCHS512: 32
        }
    }

    /// Encrypts under a key that has the right length; the vector is fresh.
    func encrypt(
        _ plaintext: Span<UInt8>, under key: Secret, vector: [UInt8], authenticating aad: [UInt8]
    ) throws(JOSEError) -> (ciphertext: [UInt8], tag: [UInt8]) {
        guard key.count == keyCount, vector.count == vectorCount else { throw .libraryFailure }
        return switch self {
        case .a128GCM, .a256GCM:
            try AESGCM.encrypt(plaintext, under: key, nonce: vector, authenticating: aad)
        case .a128CBCHS256, .a256CBCHS512:
            try AESCBCHMAC.encrypt(plaintext, under: key, vector: vector, authenticating: aad)
        }
    }

    /// The plaintext, `nil` if anything was changed.
    ///
    /// Throws `libraryFailure` only.
    func decrypt(
        _ ciphertext: Span<UInt8>, tag: Span<UInt8>, under key: Secret, vector: [UInt8], authenticating aad: [UInt8]
    ) throws(JOSEError) -> Secret? {
        guard key.count == keyCount, vector.count == vectorCount, tag.count == tagCount else { return nil }
        return switch self {
        case .a128GCM, .a256GCM:
            try AESGCM.decrypt(ciphertext, tag: tag, under: key, nonce: vector, authenticating: aad)
        case .a128CBCHS256, .a256CBCHS512:
            try AESCBCHMAC.decrypt(ciphertext, tag: tag, under: key, vector: vector, authenticating: aad)
        }
    }
}
