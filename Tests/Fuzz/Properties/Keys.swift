@testable import JOSE
@testable import JSON

extension FuzzTarget {
    /// Keys of others, alone or in a set: RFC 7517 §4, §5.
    ///
    /// The bytes are JSON with shorthands, since chance alone hardly ever makes a point of a curve: `"@x"` and `"@y"`
    /// stand for the coordinates of one on P-256, `"@d"` for its private number, `"@o"` for octets, `"@n"` for a modulus.
    static let keys = FuzzTarget(name: "keys", longestInput: 512) { bytes throws(Violation) in
        guard let document = try? JSONObject(parsing: bytes).filledIn() else { return }
        if let key = try? PublicKey(jwk: document) {
            try checkWritten(key, key.keyID, key.thumbprint) { jwk throws(JOSEError) in
                try PublicKey(jwk: jwk) == key
            }
            try require(document["d"] == nil && document["k"] == nil, "a private key taken for a public one")
            try require(key.serves(.es256) || key.algorithm != .es256, "an algorithm that the key does not serve")
        }
        if let key = try? EncryptionKey(jwk: document) {
            try checkWritten(key, key.keyID, key.thumbprint) { jwk throws(JOSEError) in
                try EncryptionKey(jwk: jwk) == key
            }
        }
        if let set = try? JWKSet(document) {
            try require(set.keys.count <= JWKSet.limit, "a set without end")
            for key in set.keys {
                try require(set.publicKey(withID: key.keyID) == key, "a key that its name does not find")
            }
        }
        // RSA apart, whose factors take long to test.
        guard document["kty"] != "RSA" else { return }
        if let key = try? SigningKey(privateJWK: document) {
            try require((try? DecryptionKey(privateJWK: document)) == nil || document["use"] == nil, "two purposes")
            let message: [UInt8] = [1, 2, 3]
            let signature = (try? key.sign(message.span)) ?? []
            let isValid = try? key.publicKey.isValid(signature.span, over: message.span, by: key.algorithm)
            try require(isValid == true, "a signature that its own key refuses")
        }
        try require(OpenSSLErrors.isEmpty, "an error left in the queue")
    }

    /// Content with signatures as JSON, and beside its payload: RFC 7515 §7.2, RFC 7797.
    ///
    /// As for `tokens`, a 0x1F parts what is encoded first: protected header, payload and signature of the flattened form.
    static let documents = FuzzTarget(name: "documents", longestInput: 384) { bytes throws(Violation) in
        let parts = bytes.split(separator: 0x1F, omittingEmptySubsequences: false).map { Base64URL.encode(Array($0)) }
        var document = bytes
        if parts.count == 3 {
            document = Array(
                #"{"protected":"\#(parts[0])","payload":"\#(parts[1])","signature":"\#(parts[2])"}"#.utf8)
            let compact = try? CompactJWS(parsing: parts.joined(separator: "."))
            let flattened = try? JSONJWS(parsing: document)
            try require(compact == nil || flattened != nil, "one token read and refused")
            let token = parts[0] + ".." + parts[2]
            let payload = Base64URL.decode(parts[1]) ?? []
            if let detached = try? DetachedJWS(parsing: token, over: payload), let compact {
                try require(detached.header == compact.header, "two readings of one header")
            }
        }
        let key = KeyLookup { _ in nil }
        let verified = try? JSONJWS(parsing: document).verified(with: key, expecting: .absentOr(.jwt))
        try require(verified == nil, "verified without a key")
    }

    /// What is written has no private member, and is read as the same key.
    private static func checkWritten(
        _ key: some JSONEncodable, _ keyID: String, _ thumbprint: String, isSame: (JSONObject) throws(JOSEError) -> Bool
    ) throws(Violation) {
        guard let written = try? JSONObject(parsing: key.jsonBytes()) else { throw Violation("no JSON") }
        for member in written {
            try require(
                ["kty", "crv", "x", "y", "n", "e", "kid", "use", "alg"].contains(member.name), "a member too many",
                member.name)
        }
        try require((try? isSame(written)) == true, "another key when read again")
        try require(written["kid"]?.string.map { $0.utf8.elementsEqual(keyID.utf8) } == true, "another name")
        try require(Base64URL.decode(thumbprint)?.count == 32, "a thumbprint that is none")
    }
}

extension JSONObject {
    /// The same with the shorthands put in.
    fileprivate func filledIn() -> JSONObject {
        var filled = self
        for member in self { filled[member.name] = member.value.filledIn() }
        return filled
    }
}

extension JSONValue {
    fileprivate func filledIn() -> JSONValue {
        switch self {
        case .string("@x"): "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
        case .string("@y"): "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
        case .string("@d"): "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
        case .string("@o"): "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        case .string("@n"): .string(String(repeating: "qqqr", count: 85) + "qqs")
        case .array(let values): .array(values.map { $0.filledIn() })
        case .object(let object): .object(object.filledIn())
        default: self
        }
    }
}
