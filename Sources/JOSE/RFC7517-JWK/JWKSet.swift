public import JSON

/// A set of public keys: RFC 7517 §5.
public struct JWKSet: Sendable, Equatable {
    /// The keys, in the order of the document.
    public let keys: [PublicKey]

    /// A set of these keys; throws `ambiguousKeys` if two have the same `kid`.
    public init(_ keys: [PublicKey]) throws(JOSEError) {
        guard Set(keys.map { Array($0.keyID.utf8) }).count == keys.count else { throw .ambiguousKeys }
        self.keys = keys
    }

    /// Reads a key set.
    ///
    /// Keys of kinds that are not offered are left out, as §5 advises. Malformed and private keys make the whole set
    /// fail: its owner should hear of it.
    public init(_ document: JSONObject) throws(JOSEError) {
        guard let entries = document["keys"]?.array else { throw .invalidKey }
        var keys: [PublicKey] = []
        for entry in entries {
            guard let entry = entry.object else { throw .invalidKey }
            do { keys.append(try PublicKey(jwk: entry)) } catch {
                guard error == .unsupportedKey else { throw error }
            }
        }
        try self.init(keys)
    }
}

extension JWKSet: JSONEncodable {
    /// Writes the set as a JSON document.
    public func encode(to writer: inout JSONWriter) {
        writer.object { $0.member("keys", keys) }
    }
}

extension JWKSet: VerificationKeys {
    /// The key of that `kid`; without one, the key of a set that has no other (OpenID Connect Core §10.1).
    public func publicKey(withID keyID: String?) -> PublicKey? {
        guard let keyID else { return keys.count == 1 ? keys.first : nil }
        return keys.first { $0.keyID.utf8.elementsEqual(keyID.utf8) }
    }
}
