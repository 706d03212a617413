internal import JOSE
internal import JSON

/// A public key as authenticators send it: RFC 9052 §7, RFC 9053 §7, RFC 8230 §4, within WebAuthn §6.5.1.
struct COSEKey: Sendable {
    let algorithm: WebAuthnAlgorithm
    private let key: PublicKey

    /// Labels of parameters; what the negative ones mean depends on the type of key.
    private enum Label {
        static let keyType = 1
        static let algorithm = 3
        static let curve = -1
        static let x = -2
        static let y = -3
        static let modulus = -1
        static let exponent = -2
    }

    /// Throws `unsupportedAlgorithm`, `malformedPublicKey` or `weakPublicKey`.
    ///
    /// Just the members that the algorithm has: §6.5.1 allows no other, and each key has one spelling then.
    init(_ map: CBORMap) throws(WebAuthnError) {
        guard let number = map[Label.algorithm]?.integer else { throw .malformedPublicKey }
        guard let algorithm = WebAuthnAlgorithm(rawValue: number) else { throw .unsupportedAlgorithm }
        self.algorithm = algorithm
        var jwk = JSONObject()
        switch algorithm {
        case .es256:
            // §5.8.5: on P-256, and the point is not compressed.
            try Self.check(map, keyType: 2, curve: 1, members: 5)
            jwk["kty"] = "EC"
            jwk["crv"] = "P-256"
            jwk["x"] = try Self.octets(map, Label.x)
            jwk["y"] = try Self.octets(map, Label.y)
        case .edDSA:
            try Self.check(map, keyType: 1, curve: 6, members: 4)
            jwk["kty"] = "OKP"
            jwk["crv"] = "Ed25519"
            jwk["x"] = try Self.octets(map, Label.x)
        case .rs256:
            try Self.check(map, keyType: 3, curve: nil, members: 4)
            jwk["kty"] = "RSA"
            jwk["n"] = try Self.octets(map, Label.modulus)
            jwk["e"] = try Self.octets(map, Label.exponent)
        }
        key = try PublicKey(webAuthn: jwk, algorithm)
    }

    /// Reads one canonical COSE_Key and nothing else.
    init(decoding bytes: [UInt8]) throws(WebAuthnError) {
        guard let map = try? CBORReader.read(bytes).map else { throw .malformedPublicKey }
        try self.init(map)
    }

    /// Whether the signature, in the form of §6.5.5, signs the message.
    func isValid(_ signature: [UInt8], over message: [UInt8]) throws(WebAuthnError) -> Bool {
        try key.isValid(webAuthn: signature, over: message, algorithm)
    }

    private static func check(
        _ map: CBORMap, keyType: Int, curve: Int?, members: Int
    ) throws(WebAuthnError) {
        guard map.entries.count == members, map[Label.keyType]?.integer == keyType else { throw .malformedPublicKey }
        if let curve, map[Label.curve]?.integer != curve { throw .malformedPublicKey }
    }

    private static func octets(_ map: CBORMap, _ label: Int) throws(WebAuthnError) -> JSONValue {
        guard let bytes = map[label]?.bytes else { throw .malformedPublicKey }
        return .string(Base64URL.encode(bytes))
    }
}

extension PublicKey {
    /// A key from the members of a JWK, held to one algorithm; JOSE checks points and lengths.
    init(webAuthn jwk: JSONObject, _ algorithm: WebAuthnAlgorithm) throws(WebAuthnError) {
        var jwk = jwk
        jwk["alg"] = .string(algorithm.signatureAlgorithm.rawValue)
        do { try self.init(jwk: jwk) } catch {
            switch error {
            case .weakKey: throw .weakPublicKey
            case .libraryFailure: throw .libraryFailure
            default: throw .malformedPublicKey
            }
        }
    }

    /// Whether a signature in the form of §6.5.5 signs the message.
    func isValid(
        webAuthn signature: [UInt8], over message: [UInt8], _ algorithm: WebAuthnAlgorithm
    ) throws(WebAuthnError) -> Bool {
        var signature = signature
        if algorithm == .es256 {
            guard let fixed = ECDSASignatureValue.fixed(fromDER: signature) else { return false }
            signature = fixed
        }
        do {
            return try isValid(signature.span, over: message.span, by: algorithm.signatureAlgorithm)
        } catch {
            throw .libraryFailure
        }
    }
}
