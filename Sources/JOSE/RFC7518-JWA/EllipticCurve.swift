internal import COpenSSL

/// The curves of NIST: RFC 7518 §6.2.1.1, FIPS 186-4 D.1.2.
enum EllipticCurve: String, Sendable, CaseIterable {
    case p256 = "P-256"
    case p384 = "P-384"
    case p521 = "P-521"

    /// The length of a coordinate, of a private number and of each half of a signature, in bytes.
    var size: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// libcrypto's name of the group; it takes the one of NIST too, yet answers with this.
    var group: StaticString {
        switch self {
        case .p256: "prime256v1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        }
    }

    /// The order of the group.
    var order: [UInt8] {
        switch self {
        case .p256: Self.order256
        case .p384: Self.order384
        case .p521: Self.order521
        }
    }

    /// A fresh key pair.
    func generate() throws(JOSEError) -> EVPKey {
        try EVPKey.generate("EC") { EVP_PKEY_CTX_set_group_name($0, rawValue) == 1 }
    }

    /// A key of a point, with the private number if there is one; throws `invalidKey` if the point is not on the curve.
    ///
    /// Whether number and point belong together is not looked at: see `EVPKey.checkPair`.
    func key(x: [UInt8], y: [UInt8], number: [UInt8]? = nil) throws(JOSEError) -> EVPKey {
        guard x.count == size, y.count == size else { throw .invalidKey }
        var parts = try KeyParameters()
        parts.add("group", text: group)
        // Uncompressed: SEC 1 §2.3.3. Reading the point checks range and curve; these groups have no cofactor.
        parts.add("pub", octets: [0x04] + x + y)
        guard let number else { return try parts.key("EC", .publicOnly) }
        guard number.count == size else { throw .invalidKey }
        parts.add("priv", number: number)
        return try parts.key("EC", .pair)
    }

    /// The curve of a key; throws `unsupportedKey` for one of another.
    static func curve(of key: EVPKey) throws(JOSEError) -> EllipticCurve {
        var name = [CChar](repeating: 0, count: 64)
        var length = 0
        guard EVP_PKEY_get_group_name(key.pointer, &name, name.count, &length) == 1 else {
            throw OpenSSLErrors.clear(.unsupportedKey)
        }
        let found = name.prefix(length).map { UInt8(bitPattern: $0) }
        let curve = allCases.first { curve in
            curve.group.withUTF8Buffer { found.elementsEqual($0) }
        }
        guard let curve else { throw .unsupportedKey }
        return curve
    }

    /// The coordinates of a key's point.
    func coordinates(of key: EVPKey) throws(JOSEError) -> (x: [UInt8], y: [UInt8]) {
        (try key.number(OSSL_PKEY_PARAM_EC_PUB_X, size: size), try key.number(OSSL_PKEY_PARAM_EC_PUB_Y, size: size))
    }

    private static let order256: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ]

    private static let order384: [UInt8] =
        [UInt8](repeating: 0xFF, count: 24) + [
            0xC7, 0x63, 0x4D, 0x81, 0xF4, 0x37, 0x2D, 0xDF, 0x58, 0x1A, 0x0D, 0xB2,
            0x48, 0xB0, 0xA7, 0x7A, 0xEC, 0xEC, 0x19, 0x6A, 0xCC, 0xC5, 0x29, 0x73,
        ]

    private static let order521: [UInt8] =
        [0x01] + [UInt8](repeating: 0xFF, count: 32) + [
            0xFA, 0x51, 0x86, 0x87, 0x83, 0xBF, 0x2F, 0x96, 0x6B, 0x7F, 0xCC,
            0x01, 0x48, 0xF7, 0x09, 0xA5, 0xD0, 0x3B, 0xB5, 0xC9, 0xB8, 0x89,
            0x9C, 0x47, 0xAE, 0xBB, 0x6F, 0xB7, 0x1E, 0x91, 0x38, 0x64, 0x09,
        ]
}
