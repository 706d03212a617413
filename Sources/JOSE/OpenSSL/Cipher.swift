internal import COpenSSL

/// A cipher of libcrypto, fetched once: a fetch takes longer than a short message.
///
/// Unchecked: the pointer never changes, and an EVP_CIPHER does not change after the fetch.
struct Cipher: @unchecked Sendable {
    fileprivate let pointer: OpaquePointer?

    /// In bytes.
    let keyCount: Int

    private init(_ name: String, keyCount: Int) {
        pointer = EVP_CIPHER_fetch(nil, name, nil)
        self.keyCount = keyCount
    }

    static let aes128GCM = Cipher("AES-128-GCM", keyCount: 16)
    static let aes256GCM = Cipher("AES-256-GCM", keyCount: 32)
    static let aes128CBC = Cipher("AES-128-CBC", keyCount: 16)
    static let aes256CBC = Cipher("AES-256-CBC", keyCount: 32)
    static let aes128Wrap = Cipher("AES-128-WRAP", keyCount: 16)
    static let aes256Wrap = Cipher("AES-256-WRAP", keyCount: 32)
}

/// One message on its way through a cipher; frees the context in the end.
struct CipherContext: ~Copyable {
    enum Direction: Int32 {
        case decrypt = 0
        case encrypt = 1
    }

    let pointer: OpaquePointer

    /// Throws `libraryFailure` only; key and vector must have the lengths of the cipher.
    init(_ cipher: Cipher, _ direction: Direction, key: Secret, vector: [UInt8]) throws(JOSEError) {
        guard key.count == cipher.keyCount else { throw .libraryFailure }
        guard let pointer = EVP_CIPHER_CTX_new() else { throw OpenSSLErrors.clear(.libraryFailure) }
        let isReady = key.withBytes { key in
            key.withUnsafeBufferPointer { key in
                EVP_CipherInit_ex2(
                    pointer, cipher.pointer, key.baseAddress, vector.isEmpty ? nil : vector, direction.rawValue, nil)
                    == 1
            }
        }
        guard isReady, vector.isEmpty || Int(EVP_CIPHER_CTX_get_iv_length(pointer)) == vector.count else {
            EVP_CIPHER_CTX_free(pointer)
            throw OpenSSLErrors.clear(.libraryFailure)
        }
        self.pointer = pointer
    }

    deinit { EVP_CIPHER_CTX_free(pointer) }

    /// Takes in what is authenticated and not encrypted.
    borrowing func authenticate(_ aad: [UInt8]) -> Bool {
        guard let length = Int32(exactly: aad.count) else { return false }
        var count: Int32 = 0
        return EVP_CipherUpdate(pointer, nil, &count, aad, length) == 1
    }

    /// How many bytes were written, `nil` for a failure; the output has room for the input and a block more.
    borrowing func update(_ input: Span<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        guard !input.isEmpty else { return 0 }
        guard let length = Int32(exactly: input.count), let start = output.baseAddress else { return nil }
        var count: Int32 = 0
        let isDone = input.withUnsafeBufferPointer { input in
            EVP_CipherUpdate(pointer, start, &count, input.baseAddress, length) == 1
        }
        return isDone ? Int(count) : nil
    }

    /// The last bytes: padding is written or checked, a tag is made or compared.
    borrowing func finish(into output: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        var block = (UInt64(0), UInt64(0))  // libcrypto wants a place even where nothing is left to write
        var count: Int32 = 0
        return withUnsafeMutableBytes(of: &block) { block in
            defer { OPENSSL_cleanse(block.baseAddress, block.count) }
            guard
                EVP_CipherFinal_ex(pointer, block.baseAddress?.assumingMemoryBound(to: UInt8.self), &count) == 1,
                (0...output.count).contains(Int(count))
            else { return nil }
            for index in 0..<Int(count) { output[index] = block[index] }
            return Int(count)
        }
    }
}
