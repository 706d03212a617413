internal import COpenSSL

/// A private key in DER: PKCS#12, PKCS#8 encrypted or not, or the older forms of one type of key.
enum DERFile {
    static func read(_ bytes: [UInt8], _ password: Secret?) throws(PrivateKeyFile.Refusal) -> EVPKey {
        if let key = plain(bytes) { return key }
        if let key = try pkcs12(bytes, password) { return key }
        if let key = try encrypted(bytes, password) { return key }
        throw isPublic(bytes) ? .noPrivateKey : .unknownForm
    }

    private static func plain(_ bytes: [UInt8]) -> EVPKey? {
        bytes.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            let key = d2i_AutoPrivateKey(nil, &position, bytes.count)
            return try? EVPKey(owning: key, orThrow: .invalidKey)
        }
    }

    private static func pkcs12(_ bytes: [UInt8], _ password: Secret?) throws(PrivateKeyFile.Refusal) -> EVPKey? {
        let file = bytes.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            return d2i_PKCS12(nil, &position, bytes.count)
        }
        guard let file else { return nil }
        defer { PKCS12_free(file) }
        var key: OpaquePointer?
        OpenSSLErrors.clear()
        let isOpen = withText(password) { PKCS12_parse(file, $0, &key, nil, nil) == 1 }
        guard isOpen else { throw password == nil ? .passwordNeeded : .ofDecryption() }
        guard let key, let owned = try? EVPKey(owning: key, orThrow: .invalidKey) else { throw .noPrivateKey }
        return owned
    }

    private static func encrypted(_ bytes: [UInt8], _ password: Secret?) throws(PrivateKeyFile.Refusal) -> EVPKey? {
        let sealed = bytes.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            return d2i_X509_SIG(nil, &position, bytes.count)
        }
        guard let sealed else { return nil }
        defer { X509_SIG_free(sealed) }
        guard let password, let count = Int32(exactly: password.count) else { throw .passwordNeeded }
        OpenSSLErrors.clear()
        let info = withText(password) { PKCS8_decrypt(sealed, $0, count) }
        guard let info else { throw .ofDecryption() }
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        guard let key = try? EVPKey(owning: EVP_PKCS82PKEY(info), orThrow: .invalidKey) else { throw .invalid }
        return key
    }

    private static func isPublic(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            if let key = d2i_PUBKEY(nil, &position, bytes.count) {
                EVP_PKEY_free(key)
                return true
            }
            position = bytes.baseAddress
            guard let certificate = d2i_X509(nil, &position, bytes.count) else { return false }
            X509_free(certificate)
            return true
        }
    }

    /// The password with a zero behind it, as the library wants it; nil where there is none.
    private static func withText<Result>(_ password: Secret?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
        guard let password else { return body(nil) }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: password.count + 1) { text in
            password.withBytes { bytes in
                for index in bytes.indices { text[index] = CChar(bitPattern: bytes[index]) }
            }
            text[password.count] = 0
            defer { OPENSSL_cleanse(text.baseAddress, text.count) }
            return body(text.baseAddress)
        }
    }
}
