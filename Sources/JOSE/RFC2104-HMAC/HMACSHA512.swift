internal import COpenSSL

/// Message authentication with HMAC-SHA-512 for a key that serves once: RFC 2104, RFC 4231.
///
/// As with HMACSHA256 the hash is libcrypto's, called at its lower level, which neither allocates nor looks anything up.
enum HMACSHA512 {
    private static let blockCount = 128
    private static let digestCount = 64

    /// The 64 bytes of a message's code, under a key of at most 128 bytes.
    static func code(of message: Span<UInt8>, under key: Secret) -> [UInt8] {
        let inner = hash(key, mask: 0x36, message)
        return hash(key, mask: 0x5C, inner.span)
    }

    private static func hash(_ key: Secret, mask: UInt8, _ message: Span<UInt8>) -> [UInt8] {
        let padded = Secret(count: blockCount) { block in
            key.withBytes { key in
                for index in block.indices { block[index] = mask ^ (index < key.count ? key[index] : 0) }
            }
        }
        var state = SHA512_CTX()
        SHA512_Init(&state)
        padded.withBytes { bytes in bytes.withUnsafeBytes { _ = SHA512_Update(&state, $0.baseAddress, $0.count) } }
        message.withUnsafeBytes { _ = SHA512_Update(&state, $0.baseAddress, $0.count) }
        return [UInt8](unsafeUninitializedCapacity: digestCount) { digest, written in
            SHA512_Final(digest.baseAddress, &state)
            written = digestCount
        }
    }
}
