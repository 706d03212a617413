internal import COpenSSL

/// A private key on P-256 that makes ES256 signatures: RFC 7518 §3.4.
struct P256PrivateKey: Sendable {
    let publicKey: P256PublicKey
    private let key: EVPKey
    private let contexts: KeyContextPool

    private init(_ key: EVPKey) throws(JOSEError) {
        let point = try P256.coordinates(of: key)
        self.key = key
        publicKey = try P256PublicKey(x: point.x, y: point.y)
        contexts = KeyContextPool(key, for: .sign)
    }

    static func generate() throws(JOSEError) -> P256PrivateKey {
        try P256PrivateKey(P256.generate())
    }

    /// Reads PKCS#8 (RFC 5208) in DER.
    ///
    /// Throws `unsupportedKey` for a key that is not on P-256, `invalidKey` if private and public part do not match.
    init(pkcs8: Span<UInt8>) throws(JOSEError) {
        let pointer = pkcs8.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var position = bytes.baseAddress
            guard let info = d2i_PKCS8_PRIV_KEY_INFO(nil, &position, bytes.count) else { return nil }
            defer { PKCS8_PRIV_KEY_INFO_free(info) }
            guard let start = bytes.baseAddress, position == start + bytes.count else { return nil }
            return EVP_PKCS82PKEY(info)
        }
        let key = try EVPKey(owning: pointer, orThrow: .invalidKey)
        try self.init(key)
        let context = try KeyContext(owning: EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil))
        guard EVP_PKEY_check(context.pointer) == 1 else { throw OpenSSLErrors.clear(.invalidKey) }
    }

    /// The key as PKCS#8 in DER.
    func pkcs8() throws(JOSEError) -> Secret {
        guard let info = EVP_PKEY2PKCS8(key.pointer) else { throw OpenSSLErrors.clear(.libraryFailure) }
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        let count = i2d_PKCS8_PRIV_KEY_INFO(info, nil)
        guard count > 0 else { throw OpenSSLErrors.clear(.libraryFailure) }
        return Secret(count: Int(count)) { bytes in
            var position = bytes.baseAddress
            i2d_PKCS8_PRIV_KEY_INFO(info, &position)
        }
    }

    /// Signs a message: r‖s.
    func sign(_ message: Span<UInt8>) throws(JOSEError) -> [UInt8] {
        let digest = SHA256.digest(of: message)
        let fixed = try contexts.withContext { context in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 80) { encoded -> [UInt8]? in  // 72 are needed
                var count = encoded.count
                let status = digest.withBytes {
                    EVP_PKEY_sign(context, encoded.baseAddress, &count, $0.baseAddress, $0.count)
                }
                guard status == 1, count <= encoded.count else { return nil }
                let written = UnsafeBufferPointer(rebasing: encoded[..<count])
                return ECDSASignature.fixed(fromDER: written.span)
            }
        }
        guard let fixed else { throw OpenSSLErrors.clear(.libraryFailure) }
        return fixed
    }
}
