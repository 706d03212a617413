public import JSON

extension PublicKey: JSONEncodable {
    /// Writes the key as a JWK: RFC 7517 §4.
    public func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            material.encode(into: &writer)
            writer.member("kid", keyID)
            writer.member("use", KeyPurpose.verifying.use)
            writer.member("alg", algorithm?.rawValue)
        }
    }
}

extension PublicKey {
    /// Reads a JWK that is meant to verify signatures: RFC 7517 §4.
    ///
    /// Throws `privateKey` if it holds more than a public key, `unsupportedKey` if its type, curve, use or algorithm is
    /// not offered, `weakKey` if it is too short, `invalidKey` if it is malformed or off its curve.
    public init(jwk: JSONObject) throws(JOSEError) {
        let material = try PublicMaterial(jwk: jwk)
        try KeyPurpose.verifying.check(jwk)
        try self.init(material, keyID: jwk.text("kid"), algorithm: jwk.signatureAlgorithm())
    }
}

extension JSONObject {
    /// The `alg` of a JWK; throws `unsupportedKey` for one that makes no signatures.
    func signatureAlgorithm() throws(JOSEError) -> SignatureAlgorithm? {
        guard let name = try text("alg") else { return nil }
        guard let algorithm = SignatureAlgorithm(named: name) else { throw .unsupportedKey }
        return algorithm
    }
}
