import COpenSSL

/// ECDSA over P-256 with a digest computed before, in a loop, as `openssl speed ecdsap256` measures it.
final class SigningReference {
    private let key: OpaquePointer
    private let context: OpaquePointer

    init() throws {
        guard
            let making = EVP_PKEY_CTX_new_from_name(nil, "EC", nil)
        else { throw BenchFailure("libcrypto has no EC keys") }
        defer { EVP_PKEY_CTX_free(making) }
        var made: OpaquePointer?
        guard EVP_PKEY_keygen_init(making) == 1, EVP_PKEY_CTX_set_group_name(making, "P-256") == 1,
            EVP_PKEY_generate(making, &made) == 1, let made, let context = EVP_PKEY_CTX_new_from_pkey(nil, made, nil),
            EVP_PKEY_sign_init(context) == 1
        else { throw BenchFailure("libcrypto makes no P-256 key") }
        key = made
        self.context = context
    }

    deinit {
        EVP_PKEY_CTX_free(context)
        EVP_PKEY_free(key)
    }

    /// Signs on the processor that this thread runs on.
    func rate(seconds: Double) throws -> Rate {
        let digest = [UInt8](repeating: 0x5A, count: 20)  // what openssl speed signs: the cost does not depend on it
        var signature = [UInt8](repeating: 0, count: 80)
        return try Rate.ofThisThread(seconds: seconds) {
            for _ in 0..<64 {
                var length = signature.count
                guard EVP_PKEY_sign(context, &signature, &length, digest, digest.count) == 1 else {
                    throw BenchFailure("libcrypto does not sign")
                }
            }
            return 64
        }
    }
}
