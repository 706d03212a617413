internal import COpenSSL

/// Encrypts a key to an RSA key with OAEP padding: RFC 8017 §7.1, RFC 7518 §4.3.
///
/// The label is empty, and MGF1 takes the same hash function.
enum RSAOAEP: Sendable {
    case sha1, sha256

    /// The variant of an algorithm, `nil` if that is no RSA.
    init?(_ algorithm: KeyManagementAlgorithm) {
        switch algorithm {
        case .rsaOAEP: self = .sha1
        case .rsaOAEP256: self = .sha256
        default: return nil
        }
    }

    private var function: OpaquePointer? {
        switch self {
        case .sha1: EVP_sha1()
        case .sha256: EVP_sha256()
        }
    }

    private func setPadding(_ context: OpaquePointer) -> Bool {
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_oaep_md(context, function) == 1
            && EVP_PKEY_CTX_set_rsa_mgf1_md(context, function) == 1
    }

    /// Contexts of one key, for both variants and one direction.
    struct Contexts: Sendable {
        enum Direction: Sendable {
            case encrypt, decrypt

            fileprivate func start(_ context: OpaquePointer) -> Bool {
                switch self {
                case .encrypt: EVP_PKEY_encrypt_init(context) == 1
                case .decrypt: EVP_PKEY_decrypt_init(context) == 1
                }
            }
        }

        /// The length of the modulus in bytes, which is the length of what was encrypted.
        let count: Int
        private let sha1: ContextPool
        private let sha256: ContextPool

        init(_ key: EVPKey, _ direction: Direction) {
            count = Int(EVP_PKEY_get_size(key.pointer))
            sha1 = ContextPool(key) { direction.start($0) && RSAOAEP.sha1.setPadding($0) }
            sha256 = ContextPool(key) { direction.start($0) && RSAOAEP.sha256.setPadding($0) }
        }

        private func pool(_ padding: RSAOAEP) -> ContextPool {
            switch padding {
            case .sha1: sha1
            case .sha256: sha256
            }
        }

        /// Throws `libraryFailure` only.
        func encrypt(_ secret: Secret, _ padding: RSAOAEP) throws(JOSEError) -> [UInt8] {
            var encrypted = [UInt8](repeating: 0, count: count)
            let isDone = try pool(padding).withContext { context in
                secret.withBytes { secret in
                    secret.withUnsafeBufferPointer { secret in
                        var written = encrypted.count
                        return EVP_PKEY_encrypt(context, &encrypted, &written, secret.baseAddress, secret.count) == 1
                            && written == encrypted.count
                    }
                }
            }
            guard isDone else { throw OpenSSLErrors.clear(.libraryFailure) }
            return encrypted
        }

        /// The secret, `nil` if the padding is not right.
        ///
        /// libcrypto looks at the padding in constant time; the caller goes on with another secret, so that nobody can
        /// tell (RFC 7516 §11.5, Manger's attack). Throws `libraryFailure` only.
        func decrypt(_ encrypted: [UInt8], _ padding: RSAOAEP) throws(JOSEError) -> Secret? {
            var status: Int32 = 0
            var written = count
            let padded = try pool(padding).withContext { context in
                Secret(count: count) { output in
                    status = EVP_PKEY_decrypt(context, output.baseAddress, &written, encrypted, encrypted.count)
                }
            }
            OpenSSLErrors.clear()
            guard status == 1, written <= count else { return nil }
            return padded.withBytes { Secret($0.extracting(..<written)) }
        }
    }
}
