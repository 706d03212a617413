import JOSE
import JSON

/// Questions about encryption: RFC 7516, RFC 7519 §5.2.
enum Encryption {
    nonisolated(unsafe) private static var keys: [DecryptionKey] = []  // the program has one thread

    /// Makes a key pair of a `kind`.
    static func generate(_ question: Question) throws -> JSONObject {
        guard let kind = DecryptionKey.Kind(rawValue: try question.text("kind")) else {
            throw Question.Malformed(description: "no such kind")
        }
        return keep(try DecryptionKey.generate(kind))
    }

    /// Reads a private `jwk`.
    static func importKey(_ question: Question) throws -> JSONObject {
        keep(try DecryptionKey(privateJWK: question.object("jwk")))
    }

    private static func keep(_ key: DecryptionKey) -> JSONObject {
        keys.append(key)
        let jwk = try? JSONObject(parsing: key.publicKey.jsonBytes())
        return ["number": .integer(Int64(keys.count - 1)), "jwk": .object(jwk ?? [:])]
    }

    /// Encrypts `plaintext` with `alg` and `enc` to a public `jwk`, or under the symmetric one.
    static func encrypt(_ question: Question) throws -> JSONObject {
        let algorithm = try algorithm(question), plaintext = try question.bytes("plaintext")
        guard let encryption = ContentEncryption(rawValue: try question.text("enc")) else {
            throw JOSEError.wrongAlgorithm
        }
        let jwk = try question.object("jwk")
        let type: JWSType? = question.has("nested") ? .jwt : nil
        let encrypter =
            if jwk["kty"] == "oct" {
                try JWEEncrypter(under: shared(jwk, algorithm), encryption: encryption, contentType: type)
            } else {
                try JWEEncrypter(
                    to: EncryptionKey(jwk: jwk), algorithm: algorithm, encryption: encryption, contentType: type)
            }
        return ["token": .string(try encrypter.encrypt(plaintext.span))]
    }

    /// Decrypts `token` with the key of `number`, or with the symmetric `jwk`.
    static func decrypt(_ question: Question) throws -> JSONObject {
        let jwe = try CompactJWE(parsing: question.text("token"))
        let opened =
            if question.has("number") {
                try jwe.decrypted(with: keys[question.integer("number")], allowing: .toPublicKey)
            } else {
                try jwe.decrypted(under: shared(question.object("jwk"), algorithm(question)))
            }
        return ["plaintext": .string(opened.plaintext.withBytes { Base64URL.encode($0) })]
    }

    /// Decrypts `token` with the key of `number` and verifies the JWT in it with `signer`; answers its `sub`.
    static func nested(_ question: Question) throws -> JSONObject {
        let jwt = try VerifiedJWT(
            nested: question.text("token"), decryptedWith: keys[question.integer("number")], allowing: .toPublicKey,
            signedBy: PublicKey(jwk: question.object("signer")),
            as: JWTExpectation(
                type: .absentOr(.jwt), algorithms: .oneOf(SignatureAlgorithm.allCases), issuer: .anyone,
                audience: .anyone, expiry: .optional, now: 0, leeway: 0))
        return ["sub": .string(jwt.claims.subject ?? "")]
    }

    private static func shared(
        _ jwk: JSONObject, _ algorithm: KeyManagementAlgorithm
    ) throws -> SharedEncryptionKey {
        guard let secret = jwk["k"]?.string.flatMap({ Base64URL.decode($0) }) else {
            throw Question.Malformed(description: "no k")
        }
        return try SharedEncryptionKey(Secret(secret), algorithm: algorithm, keyID: jwk["kid"]?.string)
    }

    private static func algorithm(_ question: Question) throws -> KeyManagementAlgorithm {
        guard let algorithm = KeyManagementAlgorithm(rawValue: try question.text("alg")) else {
            throw JOSEError.wrongAlgorithm
        }
        return algorithm
    }
}
