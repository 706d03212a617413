internal import COpenSSL
internal import JSON

extension JSONObject {
    /// The longest chain in `x5c` that is looked at.
    private static let longestChain = 10

    /// Holds `x5c` and `x5t#S256` of a JWK against its key: RFC 7517 §4.7, §4.9.
    ///
    /// A certificate proves nothing here and its chain is not followed: the key comes from a place that is trusted. But
    /// the first one must hold this very key, and the digest must be the one of that certificate.
    func checkCertificates(of key: EVPKey) throws(JOSEError) {
        let digest = self["x5t#S256"] == nil ? nil : try octets("x5t#S256", count: SHA256Digest.count)
        guard let chain = self["x5c"] else { return }
        guard let chain = chain.array, (1...Self.longestChain).contains(chain.count) else { throw .invalidKey }
        for (index, certificate) in chain.enumerated() {
            guard let bytes = certificate.string.flatMap(Base64.decode) else { throw .invalidKey }
            guard index == 0 else { continue }
            guard Self.certificate(bytes, holds: key) else { throw .invalidKey }
            if let digest, SHA256.digest(of: bytes).bytes != digest { throw .invalidKey }
        }
    }

    private static func certificate(_ bytes: [UInt8], holds key: EVPKey) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            guard let certificate = d2i_X509(nil, &position, bytes.count) else {
                OpenSSLErrors.clear()
                return false
            }
            defer { X509_free(certificate) }
            guard let start = bytes.baseAddress, position == start + bytes.count,
                let inside = X509_get0_pubkey(certificate)
            else {
                OpenSSLErrors.clear()
                return false
            }
            let isSame = EVP_PKEY_eq(inside, key.pointer) == 1
            if !isSame { OpenSSLErrors.clear() }
            return isSame
        }
    }
}
