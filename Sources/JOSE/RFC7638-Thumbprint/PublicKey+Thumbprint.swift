internal import JSON

extension PublicKey.Material {
    /// The digest of the required members of the JWK in lexicographic order: RFC 7638 §3.
    var thumbprint: String {
        var writer = JSONWriter(capacity: 160)
        writer.object { writer in
            switch self {
            case .p256(let key):  // §3.2
                writer.member("crv", P256.name)
                writer.member("kty", "EC")
                writer.member("x", Base64URL.encode(key.x))
                writer.member("y", Base64URL.encode(key.y))
            }
        }
        return SHA256.digest(of: writer.bytes).base64URL
    }
}
