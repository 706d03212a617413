import COpenSSL
import JOSE

/// One key of libcrypto that signs and verifies one digest over and over: what a signature costs without any token.
final class RawSignatures {
    private let key: OpaquePointer
    private let signing: OpaquePointer
    private let verifying: OpaquePointer
    private let digest = [UInt8](repeating: 0x5A, count: 32)
    private var signature = [UInt8](repeating: 0, count: 512)
    private var count = 0

    /// Throws for algorithms that have no digest of 32 bytes.
    init(_ algorithm: SignatureAlgorithm) throws {
        let isRSA = algorithm != .es256
        guard [.es256, .rs256, .ps256].contains(algorithm) else { throw BenchFailure("no raw \(algorithm.rawValue)") }
        key = try isRSA ? RawKey.rsa() : RawKey.p256()
        guard let signing = EVP_PKEY_CTX_new_from_pkey(nil, key, nil), EVP_PKEY_sign_init(signing) == 1,
            let verifying = EVP_PKEY_CTX_new_from_pkey(nil, key, nil), EVP_PKEY_verify_init(verifying) == 1
        else { throw BenchFailure("libcrypto makes no context") }
        self.signing = signing
        self.verifying = verifying
        if isRSA {
            let padding = algorithm == .rs256 ? RSA_PKCS1_PADDING : RSA_PKCS1_PSS_PADDING
            for context in [signing, verifying] {
                guard EVP_PKEY_CTX_set_rsa_padding(context, padding) == 1,
                    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1,
                    algorithm == .rs256 || EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1
                else { throw BenchFailure("libcrypto takes no padding") }
            }
        }
        try sign()
    }

    deinit {
        EVP_PKEY_CTX_free(signing)
        EVP_PKEY_CTX_free(verifying)
        EVP_PKEY_free(key)
    }

    func sign() throws {
        count = signature.count
        guard EVP_PKEY_sign(signing, &signature, &count, digest, digest.count) == 1 else {
            throw BenchFailure("libcrypto does not sign")
        }
    }

    func verify() throws {
        guard EVP_PKEY_verify(verifying, signature, count, digest, digest.count) == 1 else {
            throw BenchFailure("libcrypto does not verify")
        }
    }
}

/// Keys of libcrypto of its own making.
enum RawKey {
    static func p256() throws -> OpaquePointer {
        try generate("EC") { EVP_PKEY_CTX_set_group_name($0, "P-256") == 1 }
    }

    static func rsa() throws -> OpaquePointer {
        try generate("RSA") { EVP_PKEY_CTX_set_rsa_keygen_bits($0, 2048) == 1 }
    }

    private static func generate(_ name: String, _ prepare: (OpaquePointer) -> Bool) throws -> OpaquePointer {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, name, nil) else { throw BenchFailure("no \(name) keys") }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, prepare(context), EVP_PKEY_generate(context, &key) == 1, let key
        else { throw BenchFailure("libcrypto makes no \(name) key") }
        return key
    }
}
