internal import COpenSSL

/// A point on P-256 that verifies ES256 signatures: RFC 7518 §3.4.
struct P256PublicKey: Sendable {
    let x: [UInt8]
    let y: [UInt8]
    private let contexts: KeyContextPool

    /// Throws `invalidKey` unless these are 32 bytes each and a point on the curve.
    init(x: [UInt8], y: [UInt8]) throws(JOSEError) {
        self.init(x: x, y: y, key: try P256.publicKey(x: x, y: y))
    }

    init(x: [UInt8], y: [UInt8], key: EVPKey) {
        self.x = x
        self.y = y
        contexts = KeyContextPool(key, for: .verify)
    }

    /// Whether r‖s signs the message.
    func isValid(_ signature: Span<UInt8>, over message: Span<UInt8>) throws(JOSEError) -> Bool {
        guard let encoded = ECDSASignature.der(fromFixed: signature) else { return false }
        let digest = SHA256.digest(of: message)
        let status = try contexts.withContext { context in
            digest.withBytes { digest in
                EVP_PKEY_verify(context, encoded, encoded.count, digest.baseAddress, digest.count)
            }
        }
        // A refused signature leaves an entry at times.
        if status != 1 { OpenSSLErrors.clear() }
        return status == 1
    }
}
