internal import COpenSSL

/// Authenticated encryption with AES-GCM under 128 or 256 bits: NIST SP 800-38D, RFC 7518 §5.3.
enum AESGCM {
    static let nonceCount = 12
    static let tagCount = 16

    /// Encrypts under a key of 16 or 32 bytes; a nonce is used once.
    static func encrypt(
        _ plaintext: Span<UInt8>, under key: Secret, nonce: [UInt8], authenticating aad: [UInt8]
    ) throws(JOSEError) -> (ciphertext: [UInt8], tag: [UInt8]) {
        let work = try CipherContext(cipher(for: key), .encrypt, key: key, vector: nonce)
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count)
        var tag = [UInt8](repeating: 0, count: tagCount)
        let isDone = ciphertext.withUnsafeMutableBufferPointer { output in
            work.authenticate(aad) && work.update(plaintext, into: output) == plaintext.count
                && work.finish(into: .init(rebasing: output[..<0])) == 0
                && EVP_CIPHER_CTX_ctrl(work.pointer, EVP_CTRL_AEAD_GET_TAG, Int32(tagCount), &tag) == 1
        }
        guard isDone else { throw OpenSSLErrors.clear(.libraryFailure) }
        return (ciphertext, tag)
    }

    /// The plaintext, `nil` if anything was changed.
    ///
    /// Throws `libraryFailure` only.
    static func decrypt(
        _ ciphertext: Span<UInt8>, tag: Span<UInt8>, under key: Secret, nonce: [UInt8], authenticating aad: [UInt8]
    ) throws(JOSEError) -> Secret? {
        // A shorter tag would be compared as far as it goes: forged by luck.
        guard tag.count == tagCount else { return nil }
        let work = try CipherContext(cipher(for: key), .decrypt, key: key, vector: nonce)
        let isReady = tag.withUnsafeBytes { tag in
            EVP_CIPHER_CTX_ctrl(
                work.pointer, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), UnsafeMutableRawPointer(mutating: tag.baseAddress)
            ) == 1
        }
        guard isReady, work.authenticate(aad) else { throw OpenSSLErrors.clear(.libraryFailure) }
        var isGenuine = false
        let plaintext = Secret(count: ciphertext.count) { output in
            isGenuine =
                work.update(ciphertext, into: output) == ciphertext.count
                && work.finish(into: .init(rebasing: output[..<0])) == 0
        }
        guard isGenuine else {
            OpenSSLErrors.clear()
            return nil
        }
        return plaintext
    }

    private static func cipher(for key: Secret) -> Cipher {
        key.count == Cipher.aes128GCM.keyCount ? .aes128GCM : .aes256GCM
    }
}
