import COpenSSL

/// What encrypting to somebody's key costs in libcrypto without any token: the key of the content alone.
protocol RawEncryption {
    func encrypt() throws
}

/// 32 bytes with RSA-OAEP-256.
final class RawOAEP: RawEncryption {
    private let key: OpaquePointer
    private let context: OpaquePointer
    private let content = [UInt8](repeating: 0x5A, count: 32)

    init() throws {
        key = try RawKey.rsa()
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil), EVP_PKEY_encrypt_init(context) == 1,
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1,
            EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1
        else { throw BenchFailure("libcrypto makes no context") }
        self.context = context
    }

    deinit {
        EVP_PKEY_CTX_free(context)
        EVP_PKEY_free(key)
    }

    func encrypt() throws {
        var output = [UInt8](repeating: 0, count: 256)
        var count = output.count
        guard EVP_PKEY_encrypt(context, &output, &count, content, content.count) == 1 else {
            throw BenchFailure("libcrypto does not encrypt")
        }
    }
}

/// A fresh key on P-256, and what it agrees on with another: ECDH-ES.
final class RawAgreement: RawEncryption {
    private let peer: OpaquePointer
    private let making: OpaquePointer

    init() throws {
        peer = try RawKey.p256()
        guard let making = EVP_PKEY_CTX_new_from_pkey(nil, peer, nil), EVP_PKEY_keygen_init(making) == 1 else {
            throw BenchFailure("libcrypto makes no context")
        }
        self.making = making
    }

    deinit {
        EVP_PKEY_CTX_free(making)
        EVP_PKEY_free(peer)
    }

    func encrypt() throws {
        var own: OpaquePointer?
        guard EVP_PKEY_generate(making, &own) == 1 else { throw BenchFailure("libcrypto makes no key") }
        defer { EVP_PKEY_free(own) }
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, own, nil) else { throw BenchFailure("no context") }
        defer { EVP_PKEY_CTX_free(context) }
        var secret = [UInt8](repeating: 0, count: 32)
        var count = secret.count
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer) == 1,
            EVP_PKEY_derive(context, &secret, &count) == 1
        else { throw BenchFailure("libcrypto does not agree") }
    }
}
