internal import JSON

extension PublicMaterial {
    /// The digest of the required members of the JWK in lexicographic order: RFC 7638 §3, RFC 8037 §2.
    var thumbprint: String {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            switch shape {
            case .ec(let curve, let x, let y):  // §3.2
                writer.member("crv", curve.rawValue)
                writer.member("kty", "EC")
                writer.member("x", Base64URL.encode(x))
                writer.member("y", Base64URL.encode(y))
            case .rsa(let modulus, let exponent):  // §3.2
                writer.member("e", Base64URL.encode(exponent))
                writer.member("kty", "RSA")
                writer.member("n", Base64URL.encode(modulus))
            case .okp(let curve, let x):
                writer.member("crv", curve.rawValue)
                writer.member("kty", "OKP")
                writer.member("x", Base64URL.encode(x))
            }
        }
        return SHA256.digest(of: writer.bytes).base64URL
    }
}
