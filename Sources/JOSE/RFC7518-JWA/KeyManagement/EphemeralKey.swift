internal import COpenSSL
internal import JSON

/// The key pair of one message, whose public half travels as `epk`: RFC 7518 §4.6.1.1.
struct EphemeralKey {
    private let shape: PublicMaterial.Shape
    private let key: EVPKey

    /// A fresh key from a context that makes keys on the curve of `recipient`.
    init(_ contexts: ContextPool, on recipient: PublicMaterial.Shape) throws(JOSEError) {
        var pointer: OpaquePointer?
        guard try contexts.withContext({ EVP_PKEY_generate($0, &pointer) }) == 1 else {
            throw OpenSSLErrors.clear(.libraryFailure)
        }
        key = try EVPKey(owning: pointer, orThrow: .libraryFailure)
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = EVP_PKEY_get1_encoded_public_key(key.pointer, &bytes)
        defer { CRYPTO_free(bytes, "", 0) }
        let point = Array(UnsafeBufferPointer(start: bytes, count: count))
        switch recipient {
        case .ec(let curve, _, _) where point.count == 1 + 2 * curve.size:  // uncompressed: SEC 1 §2.3.3
            shape = .ec(curve, x: Array(point[1...curve.size]), y: Array(point[(1 + curve.size)...]))
        case .okp(let curve, _) where point.count == OctetCurve.size:
            shape = .okp(curve, x: point)
        default: throw OpenSSLErrors.clear(.libraryFailure)
        }
    }

    /// The secret that the recipient will have too.
    func agree(with recipient: EVPKey) throws(JOSEError) -> Secret {
        guard let agreement = KeyAgreement(key, shape) else { throw .libraryFailure }
        return try agreement.agree(with: recipient)
    }
}

extension EphemeralKey: JSONEncodable {
    /// Writes the public half as a JWK.
    func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            switch shape {
            case .ec(let curve, let x, let y):
                writer.member("kty", "EC")
                writer.member("crv", curve.rawValue)
                writer.member("x", Base64URL.encode(x))
                writer.member("y", Base64URL.encode(y))
            case .okp(let curve, let x):
                writer.member("kty", "OKP")
                writer.member("crv", curve.rawValue)
                writer.member("x", Base64URL.encode(x))
            case .rsa: break  // makes no ephemeral keys
            }
        }
    }
}

extension PublicMaterial.Shape {
    /// Reads an `epk`: a public key of the same kind on the same curve, or one could learn the recipient's private
    /// number piece by piece from agreements with points of other curves.
    ///
    /// Throws `invalidKey`.
    func ephemeralKey(_ jwk: JSONObject) throws(JOSEError) -> EVPKey {
        guard jwk["d"] == nil else { throw .invalidKey }
        let type = try jwk.text("kty"), name = try jwk.text("crv")
        switch self {
        case .ec(let curve, _, _) where type == "EC" && name == curve.rawValue:
            return try curve.key(x: jwk.octets("x", count: curve.size), y: jwk.octets("y", count: curve.size))
        case .okp(.x25519, _) where type == "OKP" && name == OctetCurve.x25519.rawValue:
            return try OctetCurve.x25519.publicKey(jwk.octets("x", count: OctetCurve.size))
        default: throw .invalidKey
        }
    }
}
