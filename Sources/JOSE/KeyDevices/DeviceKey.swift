public import JSON

/// What is kept of a signing key whose private part stays in a device: where it is, and the public key that verifies.
public struct DeviceKey: Sendable {
    /// Where the private part is.
    public let uri: KeyURI

    /// The key that verifies what it signs, with its name and its one algorithm.
    public let publicKey: PublicKey

    /// The algorithm of the key.
    public let algorithm: SignatureAlgorithm

    /// The `kid`.
    public var keyID: String { publicKey.keyID }

    /// A key that a device has; throws `unsupportedKey` for a public key without an algorithm of its own.
    public init(_ uri: KeyURI, publicKey: PublicKey) throws(JOSEError) {
        guard let algorithm = publicKey.algorithm else { throw .unsupportedKey }
        (self.uri, self.publicKey, self.algorithm) = (uri, publicKey, algorithm)
    }
}

extension DeviceKey: JSONEncodable {
    /// Writes both parts, for storage: there is no secret in them, but nobody else must be able to change them.
    public func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("uri", uri.text)
            writer.member("jwk", publicKey)
        }
    }

    /// Reads what `encode` wrote; throws `invalidKey` for anything else.
    init(reading bytes: [UInt8]) throws(JOSEError) {
        guard let members = try? JSONObject(parsing: bytes), let text = members["uri"]?.string,
            let uri = try? KeyURI(text), let jwk = members["jwk"]?.object
        else { throw .invalidKey }
        try self.init(uri, publicKey: PublicKey(jwk: jwk))
    }
}
