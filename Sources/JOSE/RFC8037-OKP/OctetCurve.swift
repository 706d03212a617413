internal import COpenSSL

/// The curves whose keys are strings of octets: RFC 8037 §2, RFC 7748, RFC 8032.
enum OctetCurve: String, Sendable, CaseIterable {
    /// Signs: RFC 8037 §3.1.
    case ed25519 = "Ed25519"
    /// Agrees on keys: RFC 8037 §3.2.
    case x25519 = "X25519"

    /// The length of a public and of a private key, in bytes.
    static let size = 32

    /// libcrypto's name.
    var name: String {
        switch self {
        case .ed25519: "ED25519"
        case .x25519: "X25519"
        }
    }

    /// A public key.
    ///
    /// Throws `invalidKey` for another length, and for what is no point of large order in its one spelling.
    func publicKey(_ x: [UInt8]) throws(JOSEError) -> EVPKey {
        guard x.count == Self.size, isSound(x) else { throw .invalidKey }
        return try EVPKey(owning: EVP_PKEY_new_raw_public_key_ex(nil, name, nil, x, x.count), orThrow: .invalidKey)
    }

    /// A key pair from its private part; throws `invalidKey` for another length.
    func key(_ d: [UInt8]) throws(JOSEError) -> EVPKey {
        guard d.count == Self.size else { throw .invalidKey }
        return try EVPKey(owning: EVP_PKEY_new_raw_private_key_ex(nil, name, nil, d, d.count), orThrow: .invalidKey)
    }

    /// The public part of a key.
    func publicPart(of key: EVPKey) throws(JOSEError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(key.pointer, &bytes, &count) == 1, count == Self.size else {
            throw OpenSSLErrors.clear(.invalidKey)
        }
        return bytes
    }

    /// Whether a public key is worth having.
    ///
    /// Under a point of small order some signatures fit any message, and every agreement with one ends in the same
    /// secret (RFC 7748 §6.1). libcrypto notices none of this when it takes the key.
    private func isSound(_ x: [UInt8]) -> Bool {
        var y = x
        if self == .ed25519 { y[31] &= 0x7F }  // the sign of the other coordinate
        // RFC 8032 §5.1.3: below 2^255 - 19. RFC 7748 §5 would take more; nobody makes such keys.
        let isCanonical = y[31] < 0x7F || y[1..<31].contains { $0 != 0xFF } || y[0] < 0xED
        guard y[31] <= 0x7F, isCanonical else { return false }
        let isSmall = y.dropFirst().allSatisfy { $0 == 0 } && y[0] <= 1 || y == Self.minusOne
        switch self {
        case .ed25519: return !isSmall && !Self.orderEight.contains(y) && EdwardsCurve.hasPoint(y: y)
        case .x25519: return !isSmall && !Self.orderEightOfMontgomery.contains(y)
        }
    }

    /// 2^255 - 20, little-endian as all of these.
    private static let minusOne = [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]

    private static let orderEight: [[UInt8]] = [
        [
            0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0,
            0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05,
        ],
        [
            0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F,
            0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A,
        ],
    ]

    private static let orderEightOfMontgomery: [[UInt8]] = [
        [
            0xE0, 0xEB, 0x7A, 0x7C, 0x3B, 0x41, 0xB8, 0xAE, 0x16, 0x56, 0xE3, 0xFA, 0xF1, 0x9F, 0xC4, 0x6A,
            0xDA, 0x09, 0x8D, 0xEB, 0x9C, 0x32, 0xB1, 0xFD, 0x86, 0x62, 0x05, 0x16, 0x5F, 0x49, 0xB8, 0x00,
        ],
        [
            0x5F, 0x9C, 0x95, 0xBC, 0xA3, 0x50, 0x8C, 0x24, 0xB1, 0xD0, 0xB1, 0x55, 0x9C, 0x83, 0xEF, 0x5B,
            0x04, 0x44, 0x5C, 0xC4, 0x58, 0x1C, 0x8E, 0x86, 0xD8, 0x22, 0x4E, 0xDD, 0xD0, 0x9F, 0x11, 0x57,
        ],
    ]
}
