internal import COpenSSL

/// Contexts of one key that are ready to sign or to verify with one algorithm.
final class KeyContextPool: Sendable {
    enum Operation: Sendable {
        case sign, verify
    }

    let algorithm: SignatureAlgorithm
    private let key: EVPKey
    private let operation: Operation
    private let contexts: ContextPool

    init(
        _ key: EVPKey, for operation: Operation, with algorithm: SignatureAlgorithm,
        keeping most: Int = ContextPool.usual
    ) {
        self.key = key
        self.operation = operation
        self.algorithm = algorithm
        contexts = ContextPool(key, keeping: most) { context in
            let status =
                switch operation {
                case .sign: EVP_PKEY_sign_init(context)
                case .verify: EVP_PKEY_verify_init(context)
                }
            return status == 1 && algorithm.prepares(context)
        }
    }

    func withContext<Result>(_ body: (OpaquePointer) -> Result) throws(JOSEError) -> Result {
        try contexts.withContext(body)
    }

    /// A context for a message as a whole, which Ed25519 asks for: it serves once (EVP_DigestSign(3)).
    func withMessageContext<Result>(_ body: (OpaquePointer) -> Result) throws(JOSEError) -> Result {
        guard let context = EVP_MD_CTX_new() else { throw OpenSSLErrors.clear(.libraryFailure) }
        defer { EVP_MD_CTX_free(context) }
        let status =
            switch operation {
            case .sign: EVP_DigestSignInit_ex(context, nil, nil, nil, key.properties, key.pointer, nil)
            case .verify: EVP_DigestVerifyInit_ex(context, nil, nil, nil, key.properties, key.pointer, nil)
            }
        guard status == 1 else { throw OpenSSLErrors.clear(.libraryFailure) }
        return body(context)
    }
}

extension SignatureAlgorithm {
    /// Sets padding and hash function of RSA: RFC 7518 §3.3, §3.5.
    fileprivate func prepares(_ context: OpaquePointer) -> Bool {
        switch scheme {
        case .ecdsa, .edDSA: true
        case .pkcs1:
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
                && EVP_PKEY_CTX_set_signature_md(context, hash.function) == 1
        case .pss:
            // §3.5: the salt is as long as the digest, and MGF1 takes the same hash function.
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_signature_md(context, hash.function) == 1
                // -2: the provider of TPMs lets nobody choose, and takes the same by itself.
                && [1, -2].contains(EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash.function))
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1
        }
    }
}
