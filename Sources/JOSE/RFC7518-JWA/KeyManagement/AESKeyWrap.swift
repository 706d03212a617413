internal import COpenSSL

/// Wraps a key under a key of 128 or 256 bits with AES: RFC 3394, RFC 7518 §4.4.
enum AESKeyWrap {
    /// How much longer a wrapped key is, in bytes.
    static let overhead = 8

    /// Wraps a key of 16 bytes or more in steps of 8.
    static func wrap(_ key: Secret, under wrappingKey: Secret) throws(JOSEError) -> [UInt8] {
        let work = try CipherContext(cipher(for: wrappingKey), .encrypt, key: wrappingKey, vector: [])
        var wrapped = [UInt8](repeating: 0, count: key.count + overhead)
        let written = wrapped.withUnsafeMutableBufferPointer { output in
            key.withBytes { work.update($0, into: output) }
        }
        guard written == wrapped.count else { throw OpenSSLErrors.clear(.libraryFailure) }
        return wrapped
    }

    /// The key, `nil` if it was not wrapped under this one; libcrypto compares the check value in constant time.
    ///
    /// Throws `libraryFailure` only.
    static func unwrap(_ wrapped: Span<UInt8>, under wrappingKey: Secret) throws(JOSEError) -> Secret? {
        guard wrapped.count >= 3 * overhead, wrapped.count.isMultiple(of: overhead) else { return nil }
        let work = try CipherContext(cipher(for: wrappingKey), .decrypt, key: wrappingKey, vector: [])
        var count: Int?
        let key = Secret(count: wrapped.count) { count = work.update(wrapped, into: $0) }
        guard count == wrapped.count - overhead else {
            OpenSSLErrors.clear()
            return nil
        }
        return key.withBytes { Secret($0.extracting(..<(wrapped.count - overhead))) }
    }

    private static func cipher(for key: Secret) -> Cipher {
        key.count == Cipher.aes128Wrap.keyCount ? .aes128Wrap : .aes256Wrap
    }
}
