internal import JSON

extension PublicMaterial {
    /// The members that only private and symmetric keys have: RFC 7518 §6.2.2, §6.3.2, §6.4.1, RFC 8037 §2, and `priv`
    /// of newer key types.
    private static let privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"]

    /// Reads the members of a public key.
    ///
    /// Throws `privateKey` if it holds more than that, `unsupportedKey` if its type or curve is not offered,
    /// `weakKey` or `invalidKey` if it is no good one.
    init(jwk: JSONObject) throws(JOSEError) {
        guard Self.privateMembers.allSatisfy({ jwk[$0] == nil }) else { throw .privateKey }
        try self.init(publicPartOf: jwk)
    }

    /// Reads the public members of a key that may have others.
    init(publicPartOf jwk: JSONObject) throws(JOSEError) {
        switch try jwk.text("kty") {
        case "EC":
            let curve = try jwk.curve(EllipticCurve.self)
            try self.init(
                curve, x: jwk.octets("x", count: curve.size), y: jwk.octets("y", count: curve.size))
        case "RSA":
            try self.init(modulus: jwk.number("n"), exponent: jwk.number("e"))
        case "OKP":
            try self.init(jwk.curve(OctetCurve.self), x: jwk.octets("x", count: OctetCurve.size))
        case nil: throw .invalidKey
        default: throw .unsupportedKey
        }
        try jwk.checkCertificates(of: key)
    }

    /// Writes the members: all that are required, and none that is private.
    func encode(into writer: inout JSONWriter) {
        switch shape {
        case .ec(let curve, let x, let y):
            writer.member("kty", "EC")
            writer.member("crv", curve.rawValue)
            writer.member("x", Base64URL.encode(x))
            writer.member("y", Base64URL.encode(y))
        case .rsa(let modulus, let exponent):
            writer.member("kty", "RSA")
            writer.member("n", Base64URL.encode(modulus))
            writer.member("e", Base64URL.encode(exponent))
        case .okp(let curve, let x):
            writer.member("kty", "OKP")
            writer.member("crv", curve.rawValue)
            writer.member("x", Base64URL.encode(x))
        }
    }
}
