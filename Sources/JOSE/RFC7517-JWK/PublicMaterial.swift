internal import COpenSSL

/// What a public key is made of, whatever it is for: RFC 7518 §6, RFC 8037 §2.
///
/// There is none that was not checked: points lie on their curves, moduli have a sound length.
struct PublicMaterial: Sendable {
    /// The members of the JWK, by key type.
    enum Shape: Sendable {
        case ec(EllipticCurve, x: [UInt8], y: [UInt8])
        /// Both numbers big-endian, without zeros in front.
        case rsa(modulus: [UInt8], exponent: [UInt8])
        case okp(OctetCurve, x: [UInt8])
    }

    let shape: Shape

    /// The public key of libcrypto; never one that holds a private part.
    let key: EVPKey

    /// A point; throws `invalidKey` if it is not on the curve.
    init(_ curve: EllipticCurve, x: [UInt8], y: [UInt8]) throws(JOSEError) {
        shape = .ec(curve, x: x, y: y)
        key = try curve.key(x: x, y: y)
    }

    /// The public numbers of RSA; throws what `RSAModulus.check` throws.
    init(modulus: [UInt8], exponent: [UInt8]) throws(JOSEError) {
        try RSAModulus.check(modulus, exponent: exponent)
        shape = .rsa(modulus: modulus, exponent: exponent)
        var parts = try KeyParameters()
        parts.add("n", number: modulus)
        parts.add("e", number: exponent)
        key = try parts.key("RSA", .publicOnly)
    }

    /// A public key of octets; throws `invalidKey` for one of small order or in another spelling.
    init(_ curve: OctetCurve, x: [UInt8]) throws(JOSEError) {
        shape = .okp(curve, x: x)
        key = try curve.publicKey(x)
    }

    /// The public part of a key pair; throws `unsupportedKey` for a key of a kind that is not offered.
    init(of pair: EVPKey) throws(JOSEError) {
        if pair.isA("EC") {
            let curve = try EllipticCurve.curve(of: pair)
            let point = try curve.coordinates(of: pair)
            try self.init(curve, x: point.x, y: point.y)
        } else if pair.isA("RSA") {
            try self.init(
                modulus: pair.number(OSSL_PKEY_PARAM_RSA_N), exponent: pair.number(OSSL_PKEY_PARAM_RSA_E))
        } else if let curve = OctetCurve.allCases.first(where: { pair.isA($0.name) }) {
            try self.init(curve, x: curve.publicPart(of: pair))
        } else {
            throw .unsupportedKey
        }
    }

    /// The algorithms whose signatures such a key can verify: RFC 7518 §3.1, RFC 8037 §3.1.
    var signatureAlgorithms: [SignatureAlgorithm] {
        switch shape {
        case .ec(.p256, _, _): [.es256]
        case .ec(.p384, _, _): [.es384]
        case .ec(.p521, _, _): [.es512]
        case .rsa: [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]
        case .okp(.ed25519, _): [.edDSA]
        case .okp(.x25519, _): []
        }
    }

    /// Whether such a key can encrypt or agree on keys.
    var canEncrypt: Bool {
        if case .okp(.ed25519, _) = shape { false } else { true }
    }
}
