public import JSON

/// A set of public keys: RFC 7517 §5.
public struct JWKSet: Sendable, Equatable {
    /// The keys that verify, in the order of the document.
    public let keys: [PublicKey]

    /// The keys to encrypt to, in the order of the document.
    ///
    /// A key that says nothing about its use stands in both lists, if its kind allows both.
    public let encryptionKeys: [EncryptionKey]

    /// How many keys a set may have.
    public static let limit = 100

    /// A set of these keys.
    ///
    /// Throws `ambiguousKeys` if two for one purpose have the same `kid`, `oversize` for too many.
    public init(_ keys: [PublicKey], encryptionKeys: [EncryptionKey] = []) throws(JOSEError) {
        guard keys.count <= Self.limit, encryptionKeys.count <= Self.limit else { throw .oversize }
        guard Self.areDistinct(keys.map(\.keyID)), Self.areDistinct(encryptionKeys.map(\.keyID)) else {
            throw .ambiguousKeys
        }
        self.keys = keys
        self.encryptionKeys = encryptionKeys
    }

    /// Reads a key set.
    ///
    /// Keys of kinds that are not offered are left out, as §5 advises. Malformed, weak and private keys make the whole
    /// set fail: its owner should hear of it.
    public init(_ document: JSONObject) throws(JOSEError) {
        guard let entries = document["keys"]?.array else { throw .invalidKey }
        guard entries.count <= Self.limit else { throw .oversize }
        var keys: [PublicKey] = []
        var encryptionKeys: [EncryptionKey] = []
        for entry in entries {
            guard let entry = entry.object else { throw .invalidKey }
            do { keys.append(try PublicKey(jwk: entry)) } catch {
                guard error == .unsupportedKey else { throw error }
            }
            do { encryptionKeys.append(try EncryptionKey(jwk: entry)) } catch {
                guard error == .unsupportedKey else { throw error }
            }
        }
        try self.init(keys, encryptionKeys: encryptionKeys)
    }

    private static func areDistinct(_ names: [String]) -> Bool {
        Set(names.map { Array($0.utf8) }).count == names.count
    }
}

extension JWKSet: JSONEncodable {
    /// Writes the set as a JSON document, the keys that verify first.
    public func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.array("keys") { writer in
                for key in keys { writer.element(key) }
                for key in encryptionKeys where key.isDeclared { writer.element(key) }
            }
        }
    }
}

extension JWKSet: VerificationKeys {
    /// The key of that `kid`; without one, the key of a set that has no other (OpenID Connect Core §10.1).
    public func publicKey(withID keyID: String?) -> PublicKey? {
        guard let keyID else { return keys.count == 1 ? keys.first : nil }
        return keys.first { sameBytes($0.keyID, keyID) }
    }
}
