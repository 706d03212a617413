internal import COpenSSL

/// Authenticated encryption with AES-256-GCM: NIST SP 800-38D.
enum AES256GCM {
    static let nonceCount = 12
    static let tagCount = 16

    /// Fetched once: a fetch takes longer than a short message.
    ///
    /// Unsafe only to the compiler: an EVP_CIPHER does not change after the fetch.
    private nonisolated(unsafe) static let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

    /// The ciphertext with the tag behind it.
    static func encrypt(
        _ plaintext: Span<UInt8>, under key: Secret, nonce: [UInt8], authenticating aad: [UInt8]
    ) throws(JOSEError) -> [UInt8] {
        let work = try Work()
        try work.start(.encrypt, key: key, nonce: nonce, authenticating: aad)
        var output = [UInt8](repeating: 0, count: plaintext.count + tagCount)
        let isDone = output.withUnsafeMutableBufferPointer { output in
            work.update(plaintext, into: output) && work.finish()
                && EVP_CIPHER_CTX_ctrl(
                    work.context, EVP_CTRL_AEAD_GET_TAG, Int32(tagCount),
                    output.baseAddress.map { $0 + plaintext.count }) == 1
        }
        guard isDone else { throw OpenSSLErrors.clear(.libraryFailure) }
        return output
    }

    /// The plaintext; throws `unsealable` if anything was changed.
    static func decrypt(
        _ sealed: Span<UInt8>, under key: Secret, nonce: [UInt8], authenticating aad: [UInt8]
    ) throws(JOSEError) -> Secret {
        guard sealed.count >= tagCount else { throw .unsealable }
        let ciphertext = sealed.extracting(..<(sealed.count - tagCount))
        var tag = [UInt8](repeating: 0, count: tagCount)
        for index in tag.indices { tag[index] = sealed[ciphertext.count + index] }

        let work = try Work()
        try work.start(.decrypt, key: key, nonce: nonce, authenticating: aad)
        guard EVP_CIPHER_CTX_ctrl(work.context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), &tag) == 1 else {
            throw OpenSSLErrors.clear(.libraryFailure)
        }
        var isGenuine = false
        let plaintext = Secret(count: ciphertext.count) { output in
            isGenuine = work.update(ciphertext, into: output) && work.finish()
        }
        guard isGenuine else { throw OpenSSLErrors.clear(.unsealable) }
        return plaintext
    }

    /// One message on its way; frees the context in the end.
    private struct Work: ~Copyable {
        enum Direction: Int32 {
            case decrypt = 0
            case encrypt = 1
        }

        let context: OpaquePointer

        init() throws(JOSEError) {
            guard let context = EVP_CIPHER_CTX_new() else { throw OpenSSLErrors.clear(.libraryFailure) }
            self.context = context
        }

        deinit { EVP_CIPHER_CTX_free(context) }

        borrowing func start(
            _ direction: Direction, key: Secret, nonce: [UInt8], authenticating aad: [UInt8]
        ) throws(JOSEError) {
            guard key.count == 32, nonce.count == nonceCount, let aadCount = Int32(exactly: aad.count) else {
                throw .libraryFailure
            }
            let isReady = key.withBytes { key in
                key.withUnsafeBufferPointer { key in
                    EVP_CipherInit_ex2(context, cipher, key.baseAddress, nonce, direction.rawValue, nil) == 1
                }
            }
            var count: Int32 = 0
            guard isReady, EVP_CipherUpdate(context, nil, &count, aad, aadCount) == 1 else {
                throw OpenSSLErrors.clear(.libraryFailure)
            }
        }

        borrowing func update(_ input: Span<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>) -> Bool {
            guard !input.isEmpty else { return true }
            guard let length = Int32(exactly: input.count) else { return false }
            var count: Int32 = 0
            return input.withUnsafeBufferPointer { input in
                EVP_CipherUpdate(context, output.baseAddress, &count, input.baseAddress, length) == 1
            } && count == length
        }

        /// GCM is a stream: nothing is left to write, the tag is made or compared here.
        borrowing func finish() -> Bool {
            var block = (UInt64(0), UInt64(0))
            var count: Int32 = 0
            return withUnsafeMutableBytes(of: &block) { block in
                EVP_CipherFinal_ex(context, block.baseAddress?.assumingMemoryBound(to: UInt8.self), &count) == 1
            }
        }
    }
}
