public import JSON

extension PublicKey: JSONEncodable {
    /// Writes the key as a JWK: RFC 7517 §4, RFC 7518 §6.2.
    public func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            switch material {
            case .p256(let key):
                writer.member("kty", "EC")
                writer.member("crv", P256.name)
                writer.member("x", Base64URL.encode(key.x))
                writer.member("y", Base64URL.encode(key.y))
            }
            writer.member("kid", keyID)
            writer.member("use", "sig")
            writer.member("alg", algorithm.rawValue)
        }
    }
}

extension PublicKey {
    /// The members that only private and symmetric keys have: RFC 7518 §6.2.2, §6.3.2, §6.4.1.
    private static let privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

    /// Reads a JWK that is meant to verify signatures: RFC 7517 §4.
    ///
    /// Throws `privateKey` if it holds more than a public key, `unsupportedKey` if its type, curve, use or algorithm is
    /// not offered, `invalidKey` if it is malformed or off its curve.
    public init(jwk: JSONObject) throws(JOSEError) {
        guard Self.privateMembers.allSatisfy({ jwk[$0] == nil }) else { throw .privateKey }
        let material: Material
        switch try jwk.text("kty") {
        case "EC": material = .p256(try Self.point(jwk))
        case nil: throw .invalidKey
        default: throw .unsupportedKey
        }
        self.init(material, keyID: try jwk.text("kid"))

        // Whoever restricts a key must have meant it for this.
        if let use = try jwk.text("use"), use != "sig" { throw .unsupportedKey }
        if let algorithm = try jwk.text("alg"), algorithm != self.algorithm.rawValue { throw .unsupportedKey }
        if let operations = jwk["key_ops"] {
            guard let operations = operations.array else { throw .invalidKey }
            guard operations.contains("verify") else { throw .unsupportedKey }
        }
    }

    private static func point(_ jwk: JSONObject) throws(JOSEError) -> P256PublicKey {
        guard let curve = try jwk.text("crv") else { throw .invalidKey }
        guard curve == P256.name else { throw .unsupportedKey }
        guard
            let x = try jwk.text("x").flatMap({ Base64URL.decode($0) }),
            let y = try jwk.text("y").flatMap({ Base64URL.decode($0) })
        else { throw .invalidKey }
        return try P256PublicKey(x: x, y: y)
    }
}

extension JSONObject {
    /// A member of a JWK that is a string if it is there at all.
    fileprivate func text(_ name: String) throws(JOSEError) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw .invalidKey }
        return text
    }
}
