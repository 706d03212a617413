internal import COpenSSL

/// Derives keys from a key with HMAC-SHA-256: RFC 5869.
enum HKDF {
    /// The most that can be derived at once, in bytes (§2.3).
    static let limit = 255 * SHA256Digest.count

    /// One key of 32 bytes.
    static func derive(from key: Secret, salt: [UInt8], info: [UInt8]) -> Secret {
        Secret(count: SHA256Digest.count) { expand(extract(from: key, salt: salt), info: info, into: $0) }
    }

    /// Extract, then expand.
    ///
    /// `nil` for more than `limit` bytes.
    static func derive(from key: Secret, salt: [UInt8], info: [UInt8], count: Int) -> Secret? {
        guard (0...limit).contains(count) else { return nil }
        return Secret(count: count) { expand(extract(from: key, salt: salt), info: info, into: $0) }
    }

    /// §2.2; no salt is a salt of zeros, which HMAC makes of an empty key by itself.
    private static func extract(from key: Secret, salt: [UInt8]) -> Secret {
        key.withBytes { HMACSHA256(key: Secret(salt)).authenticate($0) }.withBytes { Secret($0.span) }
    }

    /// §2.3: a chain of codes, each over the one before.
    private static func expand(_ key: Secret, info: [UInt8], into output: UnsafeMutableBufferPointer<UInt8>) {
        let code = HMACSHA256(key: key)
        var block: [UInt8] = []
        block.reserveCapacity(SHA256Digest.count + info.count + 1)  // no stray copies by growing
        var written = 0
        var counter: UInt8 = 1
        while written < output.count {
            block.append(contentsOf: info)
            block.append(counter)
            let next = code.authenticate(block)
            block.removeAll(keepingCapacity: true)
            next.withBytes { block.append(contentsOf: $0) }
            for byte in block.prefix(output.count - written) {
                output[written] = byte
                written += 1
            }
            counter &+= 1
        }
        OPENSSL_cleanse(&block, block.count)
    }
}
