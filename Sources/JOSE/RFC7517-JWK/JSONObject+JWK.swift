internal import JSON

extension JSONObject {
    /// A member of a JWK that is a string if it is there at all.
    func text(_ name: String) throws(JOSEError) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw .invalidKey }
        return text
    }

    /// A member of a JWK that holds so many bytes in canonical base64url.
    func octets(_ name: String, count: Int) throws(JOSEError) -> [UInt8] {
        guard let bytes = try text(name).flatMap({ Base64URL.decode($0) }), bytes.count == count else {
            throw .invalidKey
        }
        return bytes
    }

    /// A member of a JWK that holds a positive number in Base64urlUInt: RFC 7518 §2, no zeros in front.
    func number(_ name: String) throws(JOSEError) -> [UInt8] {
        guard let text = try text(name), text.utf8.count <= Base64URL.encodedCount(RSAModulus.sizes.upperBound / 8),
            let bytes = Base64URL.decode(text), let first = bytes.first, first != 0
        else { throw .invalidKey }
        return bytes
    }

    /// The `crv` of a JWK; throws `unsupportedKey` for one that is not offered.
    func curve<Curve: RawRepresentable<String>>(_ type: Curve.Type) throws(JOSEError) -> Curve {
        guard let name = try text("crv") else { throw .invalidKey }
        guard let curve = Curve(rawValue: name) else { throw .unsupportedKey }
        return curve
    }
}
