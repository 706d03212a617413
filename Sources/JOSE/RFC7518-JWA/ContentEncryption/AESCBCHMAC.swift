/// AES-CBC with HMAC-SHA-2, encrypt then authenticate: RFC 7518 §5.2.
///
/// The first half of the key authenticates, the second encrypts: 32 bytes are A128CBC-HS256, 64 are A256CBC-HS512.
enum AESCBCHMAC {
    static let vectorCount = 16
    private static let blockCount = 16

    /// Encrypts under a key of 32 or 64 bytes; the vector is unpredictable (NIST SP 800-38A appendix C).
    static func encrypt(
        _ plaintext: Span<UInt8>, under key: Secret, vector: [UInt8], authenticating aad: [UInt8]
    ) throws(JOSEError) -> (ciphertext: [UInt8], tag: [UInt8]) {
        let halves = Halves(of: key)
        let work = try CipherContext(halves.cipher, .encrypt, key: halves.encryption, vector: vector)
        let count = (plaintext.count / blockCount + 1) * blockCount
        var ciphertext = [UInt8](repeating: 0, count: count)
        let written = ciphertext.withUnsafeMutableBufferPointer { work.run(plaintext, into: $0) }
        guard written == count else { throw OpenSSLErrors.clear(.libraryFailure) }
        let tag = halves.tag(of: ciphertext.span, vector: vector, aad: aad)
        return (ciphertext, tag)
    }

    /// The plaintext, `nil` if anything was changed.
    ///
    /// The tag is compared first, in constant time: padding of unauthenticated bytes is never looked at, or whoever can
    /// ask often would read the plaintext byte for byte. Throws `libraryFailure` only.
    static func decrypt(
        _ ciphertext: Span<UInt8>, tag: Span<UInt8>, under key: Secret, vector: [UInt8], authenticating aad: [UInt8]
    ) throws(JOSEError) -> Secret? {
        let halves = Halves(of: key)
        let expected = halves.tag(of: ciphertext, vector: vector, aad: aad)
        guard
            constantTimeEquals(expected.span, tag),
            !ciphertext.isEmpty, ciphertext.count.isMultiple(of: blockCount)
        else { return nil }
        let work = try CipherContext(halves.cipher, .decrypt, key: halves.encryption, vector: vector)
        var count: Int?
        let padded = Secret(count: ciphertext.count + blockCount) { count = work.run(ciphertext, into: $0) }
        guard let count else {
            OpenSSLErrors.clear()
            return nil
        }
        return padded.withBytes { Secret($0.extracting(..<count)) }
    }

    /// A key taken apart (§5.2.2.1 step 1).
    struct Halves {
        let authentication: Secret
        let encryption: Secret
        let cipher: Cipher

        init(of key: Secret) {
            let half = key.count / 2
            (authentication, encryption) = key.withBytes {
                (Secret($0.extracting(..<half)), Secret($0.extracting(half...)))
            }
            cipher = half == Cipher.aes128CBC.keyCount ? .aes128CBC : .aes256CBC
        }

        /// The first half of the code of all that is authenticated (§5.2.2.1 steps 4 and 5).
        func tag(of ciphertext: Span<UInt8>, vector: [UInt8], aad: [UInt8]) -> [UInt8] {
            var message = aad
            message.reserveCapacity(aad.count + vector.count + ciphertext.count + 8)
            message += vector
            ciphertext.withUnsafeBufferPointer { message += $0 }
            withUnsafeBytes(of: (UInt64(aad.count) * 8).bigEndian) { message += $0 }
            let code =
                switch cipher.keyCount {
                case Cipher.aes128CBC.keyCount: HMACSHA256(key: authentication).authenticate(message).bytes
                default: HMACSHA512.code(of: message.span, under: authentication)
                }
            return Array(code.prefix(authentication.count))
        }
    }
}

extension CipherContext {
    /// The whole message at once, up to its padding; how many bytes were written, `nil` for a failure.
    fileprivate borrowing func run(_ input: Span<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        guard
            let first = update(input, into: output),
            let last = finish(into: UnsafeMutableBufferPointer(rebasing: output[first...]))
        else { return nil }
        return first + last
    }
}
