internal import COpenSSL
internal import JSON

/// What a private key is made of: RFC 7518 §6, RFC 8037 §2.
///
/// It has no JSON form; libcrypto holds its numbers and wipes them in the end.
struct PrivateMaterial: Sendable {
    let key: EVPKey
    let publicPart: PublicMaterial

    /// A key pair that is known to belong together; throws `unsupportedKey` or what its public part is refused for.
    init(_ key: EVPKey) throws(JOSEError) {
        self.key = key
        publicPart = try PublicMaterial(of: key)
    }

    /// Reads PKCS#8 (RFC 5208) in DER that comes from outside.
    ///
    /// Throws `unsupportedKey` for a kind that is not offered, `weakKey` or `invalidKey` for no good key, also if
    /// private and public part do not match. RSA takes its time: the factors are tested for being prime.
    init(pkcs8: Span<UInt8>) throws(JOSEError) {
        try self.init(EVPKey(pkcs8: pkcs8))
        try key.checkPair()
    }

    /// Reads a private JWK that comes from outside: RFC 7518 §6.2.2, §6.3.2, RFC 8037 §2.
    ///
    /// Throws what the public part is refused for, and `invalidKey` if private and public part do not match or if
    /// RSA lacks its factors (§6.3.2: all of them or none, and without them each signature takes four times as long).
    init(jwk: JSONObject) throws(JOSEError) {
        let publicPart = try PublicMaterial(publicPartOf: jwk)
        switch publicPart.shape {
        case .ec(let curve, let x, let y):
            key = try curve.key(x: x, y: y, number: jwk.octets("d", count: curve.size))
            try key.checkPair()
        case .okp(let curve, let x):
            key = try curve.key(jwk.octets("d", count: OctetCurve.size))
            guard try curve.publicPart(of: key) == x else { throw .invalidKey }
        case .rsa(let modulus, let exponent):
            guard jwk["oth"] == nil else { throw .unsupportedKey }  // more than two factors
            var parts = try KeyParameters()
            parts.add("n", number: modulus)
            parts.add("e", number: exponent)
            parts.add("d", number: try jwk.number("d"))
            parts.add("rsa-factor1", number: try jwk.number("p"))
            parts.add("rsa-factor2", number: try jwk.number("q"))
            parts.add("rsa-exponent1", number: try jwk.number("dp"))
            parts.add("rsa-exponent2", number: try jwk.number("dq"))
            parts.add("rsa-coefficient1", number: try jwk.number("qi"))
            key = try parts.key("RSA", .pair)
            try key.checkPair()
        }
        self.publicPart = publicPart
    }
}

extension PrivateMaterial {
    /// A fresh key on a curve.
    static func generate(_ curve: EllipticCurve) throws(JOSEError) -> PrivateMaterial {
        try PrivateMaterial(curve.generate())
    }

    /// A fresh key of octets.
    static func generate(_ curve: OctetCurve) throws(JOSEError) -> PrivateMaterial {
        try PrivateMaterial(EVPKey.generate(curve.name))
    }

    /// A fresh RSA key.
    static func generate(_ size: RSASize) throws(JOSEError) -> PrivateMaterial {
        try PrivateMaterial(
            EVPKey.generate("RSA") { EVP_PKEY_CTX_set_rsa_keygen_bits($0, Int32(size.rawValue)) == 1 })
    }
}
