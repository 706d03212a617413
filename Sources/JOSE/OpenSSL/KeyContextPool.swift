internal import COpenSSL
internal import Synchronization

/// Contexts of one key that are ready to sign or to verify with one algorithm.
///
/// Making one costs allocations and a look-up of the algorithm, so they are kept. The lock is held for a push or a pop,
/// never while signing: threads do not wait for each other.
final class KeyContextPool: Sendable {
    enum Operation: Sendable {
        case sign, verify
    }

    let algorithm: SignatureAlgorithm
    private let key: EVPKey
    private let operation: Operation
    private let idle = Mutex<[KeyContext]>([])
    private static let most = 32

    init(_ key: EVPKey, for operation: Operation, with algorithm: SignatureAlgorithm) {
        self.key = key
        self.operation = operation
        self.algorithm = algorithm
    }

    func withContext<Result>(_ body: (OpaquePointer) -> Result) throws(JOSEError) -> Result {
        let kept = idle.withLock { $0.popLast() }
        let context = if let kept { kept } else { try make() }
        defer { idle.withLock { if $0.count < Self.most { $0.append(context) } } }
        return body(context.pointer)
    }

    /// A context for a message as a whole, which Ed25519 asks for: it serves once (EVP_DigestSign(3)).
    func withMessageContext<Result>(_ body: (OpaquePointer) -> Result) throws(JOSEError) -> Result {
        guard let context = EVP_MD_CTX_new() else { throw OpenSSLErrors.clear(.libraryFailure) }
        defer { EVP_MD_CTX_free(context) }
        let status =
            switch operation {
            case .sign: EVP_DigestSignInit(context, nil, nil, nil, key.pointer)
            case .verify: EVP_DigestVerifyInit(context, nil, nil, nil, key.pointer)
            }
        guard status == 1 else { throw OpenSSLErrors.clear(.libraryFailure) }
        return body(context)
    }

    private func make() throws(JOSEError) -> KeyContext {
        let context = try KeyContext(owning: EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil))
        let status =
            switch operation {
            case .sign: EVP_PKEY_sign_init(context.pointer)
            case .verify: EVP_PKEY_verify_init(context.pointer)
            }
        guard status == 1, isPrepared(context.pointer) else { throw OpenSSLErrors.clear(.libraryFailure) }
        return context
    }

    /// Sets padding and hash function of RSA: RFC 7518 §3.3, §3.5.
    private func isPrepared(_ context: OpaquePointer) -> Bool {
        switch algorithm.scheme {
        case .ecdsa, .edDSA: true
        case .pkcs1:
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
                && EVP_PKEY_CTX_set_signature_md(context, algorithm.hash.function) == 1
        case .pss:
            // §3.5: the salt is as long as the digest, and MGF1 takes the same hash function.
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_signature_md(context, algorithm.hash.function) == 1
                && EVP_PKEY_CTX_set_rsa_mgf1_md(context, algorithm.hash.function) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1
        }
    }
}
