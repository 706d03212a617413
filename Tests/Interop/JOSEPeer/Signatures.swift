import JOSE
import JSON

/// Questions about keys and signatures: RFC 7515, RFC 7517, RFC 7638, RFC 7797.
///
/// A signing key has no JSON form, so one that was made or imported here is known by a number.
enum Signatures {
    nonisolated(unsafe) private static var keys: [SigningKey] = []  // the program has one thread

    /// Makes a key for `alg`.
    static func generate(_ question: Question) throws -> JSONObject {
        keep(try SigningKey.generate(algorithm(question.text("alg"))))
    }

    /// Reads a private key: `jwk`, or `pkcs8` in base64url; with an `alg` if it has none of its own.
    static func importKey(_ question: Question) throws -> JSONObject {
        let named = question.has("alg") ? try algorithm(question.text("alg")) : nil
        if question.has("jwk") {
            return keep(try SigningKey(privateJWK: question.object("jwk"), algorithm: named))
        }
        let pkcs8 = try question.bytes("pkcs8")
        return keep(try SigningKey(pkcs8: pkcs8.span, algorithm: named))
    }

    /// The thumbprint of a public `jwk`.
    static func thumbprint(_ question: Question) throws -> JSONObject {
        let jwk = try question.object("jwk")
        do {
            return ["thumbprint": .string(try PublicKey(jwk: jwk).thumbprint)]
        } catch JOSEError.unsupportedKey {
            return ["thumbprint": .string(try EncryptionKey(jwk: jwk).thumbprint)]
        }
    }

    /// Signs `payload` with the key of `number`; `form` is `compact`, `detached` or `unencoded`.
    static func sign(_ question: Question) throws -> JSONObject {
        let key = keys[try question.integer("number")]
        let payload = try question.bytes("payload")
        let token =
            switch try question.text("form") {
            case "detached": try DetachedJWS.sign(payload, as: .base64URL, with: key, type: nil)
            case "unencoded": try DetachedJWS.sign(payload, as: .none, with: key, type: nil)
            default: try JWTSigner(key: key, type: .jwt).sign(bytes: payload.span)
            }
        return ["token": .string(token)]
    }

    /// Verifies `token` with a public `jwk` or a symmetric one, allowing `algs`; a `payload` beside it is detached.
    static func verify(_ question: Question) throws -> JSONObject {
        let token = try question.text("token"), jwk = try question.object("jwk")
        let algorithms = AllowedAlgorithms.oneOf(
            try question.texts("algs").compactMap(SignatureAlgorithm.init(rawValue:)))
        let type = JWSType.Expectation.absentOr(.jwt)
        let verified: VerifiedJWS
        if jwk["kty"] == "oct" {
            let key = try MACKey(jwk: jwk)
            if question.has("payload") {
                verified = try DetachedJWS(parsing: token, over: question.bytes("payload"))
                    .verified(with: key, expecting: type)
            } else if token.hasPrefix("{") {
                verified = try JSONJWS(parsing: Array(token.utf8)).verified(with: key, expecting: type)
            } else {
                verified = try CompactJWS(parsing: token).verified(with: key, expecting: type)
            }
        } else {
            let key = try PublicKey(jwk: jwk)
            if question.has("payload") {
                verified = try DetachedJWS(parsing: token, over: question.bytes("payload"))
                    .verified(with: key, allowing: algorithms, expecting: type)
            } else if token.hasPrefix("{") {
                verified = try JSONJWS(parsing: Array(token.utf8))
                    .verified(with: key, allowing: algorithms, expecting: type)
            } else {
                verified = try CompactJWS(parsing: token).verified(with: key, allowing: algorithms, expecting: type)
            }
        }
        return ["payload": .string(Base64URL.encode(verified.payload))]
    }

    private static func keep(_ key: SigningKey) -> JSONObject {
        keys.append(key)
        let jwk = try? JSONObject(parsing: key.publicKey.jsonBytes())
        return ["number": .integer(Int64(keys.count - 1)), "jwk": .object(jwk ?? [:])]
    }

    private static func algorithm(_ name: String) throws -> SignatureAlgorithm {
        guard let algorithm = SignatureAlgorithm(rawValue: name) else {
            throw Question.Malformed(description: "no algorithm \(name)")
        }
        return algorithm
    }
}
