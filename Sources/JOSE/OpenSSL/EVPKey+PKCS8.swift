internal import COpenSSL

extension EVPKey {
    /// Reads PKCS#8 (RFC 5208) in DER, with nothing behind it; throws `invalidKey` for anything else.
    ///
    /// Whether the parts of the key belong together is not looked at: see `checkPair`.
    convenience init(pkcs8: Span<UInt8>) throws(JOSEError) {
        let pointer = pkcs8.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var position = bytes.baseAddress
            guard let info = d2i_PKCS8_PRIV_KEY_INFO(nil, &position, bytes.count) else { return nil }
            defer { PKCS8_PRIV_KEY_INFO_free(info) }
            guard let start = bytes.baseAddress, position == start + bytes.count else { return nil }
            return EVP_PKCS82PKEY(info)
        }
        try self.init(owning: pointer, orThrow: .invalidKey)
    }

    /// The key as PKCS#8 in DER.
    func pkcs8() throws(JOSEError) -> Secret {
        guard let info = EVP_PKEY2PKCS8(pointer) else { throw OpenSSLErrors.clear(.libraryFailure) }
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        let count = i2d_PKCS8_PRIV_KEY_INFO(info, nil)
        guard count > 0 else { throw OpenSSLErrors.clear(.libraryFailure) }
        return Secret(count: Int(count)) { bytes in
            var position = bytes.baseAddress
            i2d_PKCS8_PRIV_KEY_INFO(info, &position)
        }
    }
}
