internal import COpenSSL

/// The curve P-256: RFC 7518 §6.2.1.1, FIPS 186-4 D.1.2.3.
enum P256 {
    static let name = "P-256"
    /// The length of a coordinate and of each half of a signature, in bytes.
    static let size = 32

    /// The order of the group.
    static let order: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ]

    /// A fresh key pair.
    static func generate() throws(JOSEError) -> EVPKey {
        let context = try KeyContext(owning: EVP_PKEY_CTX_new_from_name(nil, "EC", nil))
        var key: OpaquePointer?
        guard
            EVP_PKEY_keygen_init(context.pointer) == 1,
            EVP_PKEY_CTX_set_group_name(context.pointer, name) == 1,
            EVP_PKEY_generate(context.pointer, &key) == 1
        else { throw OpenSSLErrors.clear(.libraryFailure) }
        return try EVPKey(owning: key, orThrow: .libraryFailure)
    }

    /// A public key; throws `invalidKey` if the point is not on the curve.
    static func publicKey(x: [UInt8], y: [UInt8]) throws(JOSEError) -> EVPKey {
        guard x.count == size, y.count == size else { throw .invalidKey }
        let context = try KeyContext(owning: EVP_PKEY_CTX_new_from_name(nil, "EC", nil))
        guard EVP_PKEY_fromdata_init(context.pointer) == 1 else { throw OpenSSLErrors.clear(.libraryFailure) }

        // EVP_PKEY_PUBLIC_KEY, a macro that is not imported.
        let selection =
            OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS | OSSL_KEYMGMT_SELECT_OTHER_PARAMETERS
            | OSSL_KEYMGMT_SELECT_PUBLIC_KEY
        var key: OpaquePointer?
        var group = Array(name.utf8CString)
        var point: [UInt8] = [0x04] + x + y  // uncompressed: SEC 1 §2.3.3
        let status = group.withUnsafeMutableBufferPointer { group in
            point.withUnsafeMutableBytes { point in
                var parameters = [
                    OSSL_PARAM_construct_utf8_string(pointer("group"), group.baseAddress, 0),
                    OSSL_PARAM_construct_octet_string(pointer("pub"), point.baseAddress, point.count),
                    OSSL_PARAM_construct_end(),
                ]
                return EVP_PKEY_fromdata(context.pointer, &key, selection, &parameters)
            }
        }
        // Reading the point checks range and curve; the group has no cofactor.
        guard status == 1 else { throw OpenSSLErrors.clear(.invalidKey) }
        return try EVPKey(owning: key, orThrow: .invalidKey)
    }

    /// The name of a parameter, in memory that stays: OSSL_PARAM keeps the pointer and does not copy.
    private static func pointer(_ name: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// The two coordinates of a key on this curve; throws `unsupportedKey` for a key of another kind.
    static func coordinates(of key: EVPKey) throws(JOSEError) -> (x: [UInt8], y: [UInt8]) {
        var group = [CChar](repeating: 0, count: 32)
        var length = 0
        guard
            EVP_PKEY_is_a(key.pointer, "EC") == 1,
            EVP_PKEY_get_group_name(key.pointer, &group, group.count, &length) == 1,
            group.prefix(length).elementsEqual("prime256v1".utf8CString.dropLast())
        else { throw OpenSSLErrors.clear(.unsupportedKey) }
        return (
            try coordinate(OSSL_PKEY_PARAM_EC_PUB_X, of: key), try coordinate(OSSL_PKEY_PARAM_EC_PUB_Y, of: key)
        )
    }

    private static func coordinate(_ name: String, of key: EVPKey) throws(JOSEError) -> [UInt8] {
        var number: OpaquePointer?
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: size)
        guard
            EVP_PKEY_get_bn_param(key.pointer, name, &number) == 1,
            BN_bn2binpad(number, &bytes, Int32(size)) == Int32(size)
        else { throw OpenSSLErrors.clear(.invalidKey) }
        return bytes
    }
}
