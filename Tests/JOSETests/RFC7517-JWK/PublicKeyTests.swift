import JSON
import Testing

@testable import JOSE

@Suite("RFC 7517 keys")
struct PublicKeyTests {
    @Test func readsAndWritesAJWK() throws {
        let key = try PublicKey(jwk: Example.jwk)
        #expect(key.algorithm == .es256)
        let written = try JSONObject(parsing: key.jsonBytes())
        #expect(
            written["kty"] == "EC" && written["crv"] == "P-256" && written["use"] == "sig" && written["alg"] == "ES256")
        #expect(written["x"] == Example.jwk["x"] && written["y"] == Example.jwk["y"])
        #expect(written["kid"]?.string == key.thumbprint)
        #expect(written.count == 7)
        #expect(try PublicKey(jwk: written) == key)
    }

    @Test func keepsTheNameItsOwnerGave() throws {
        let key = try PublicKey(jwk: Example.jwk(["kid": "mine"]))
        #expect(key.keyID == "mine")
        #expect(key.thumbprint == (try PublicKey(jwk: Example.jwk)).thumbprint)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: JSONObject
        let error: JOSEError

        init(_ description: String, _ change: JSONObject, _ error: JOSEError) {
            testDescription = description
            self.change = change
            self.error = error
        }
    }

    static let refusals: [Refusal] = [
        Refusal("private member d", ["d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"], .privateKey),
        Refusal("private member even if empty", ["d": .null], .privateKey),
        Refusal("symmetric member", ["k": "AAAA"], .privateKey),
        Refusal("no type", ["kty": .null], .invalidKey),
        Refusal("other type", ["kty": "oct"], .unsupportedKey),
        Refusal("type in another case", ["kty": "ec"], .unsupportedKey),
        Refusal("other curve", ["crv": "P-384"], .invalidKey),
        Refusal("unknown curve", ["crv": "secp256k1"], .unsupportedKey),
        Refusal("curve of the wrong kind", ["crv": 256], .invalidKey),
        Refusal("x too short", ["x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVA"], .invalidKey),
        Refusal("x with a leading zero too many", ["x": "AH_NzidwsMRdQYPL7m_bS3tYBzM1e-nvE7rPbjx70VRF"], .invalidKey),
        Refusal("x padded", ["x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU="], .invalidKey),
        Refusal("x no base64url", ["x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVE+"], .invalidKey),
        Refusal("x a number", ["x": 1], .invalidKey),
        Refusal("y of another point", ["y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"], .invalidKey),
        Refusal("y beyond the field", ["y": "__________________________________________8"], .invalidKey),
        Refusal("both zero", ["x": zero, "y": zero], .invalidKey),
        Refusal("other algorithm", ["alg": "RS256"], .unsupportedKey),
        Refusal("algorithm none", ["alg": "none"], .unsupportedKey),
        Refusal("for encryption", ["use": "enc"], .unsupportedKey),
        Refusal("not for verifying", ["key_ops": ["sign"]], .unsupportedKey),
        Refusal("operations of the wrong kind", ["key_ops": "verify"], .invalidKey),
        Refusal("name of the wrong kind", ["kid": 1], .invalidKey),
    ]

    @Test(arguments: refusals)
    func refuses(_ refusal: Refusal) throws {
        #expect(throws: refusal.error) { try PublicKey(jwk: Example.jwk(refusal.change)) }
        #expect(OpenSSLErrors.isEmpty)
        _ = try PublicKey(jwk: Example.jwk(["use": "sig", "alg": "ES256", "key_ops": ["verify"], "x5t": "ignored"]))
    }

    @Test(arguments: ["kty", "crv", "x", "y"])
    func refusesAKeyWithout(_ member: String) throws {
        var jwk = Example.jwk
        jwk[member] = nil
        #expect(throws: JOSEError.invalidKey) { try PublicKey(jwk: jwk) }
    }

    @Test(.enabled(if: Vectors.exist, Vectors.absence))
    func tellsTheKeysOfTheCookbookApart() throws {
        func error(_ name: String) throws -> JOSEError? {
            let jwk = try #require(try Vectors.document("jose-cookbook/jwk/\(name).json").object)
            do { _ = try PublicKey(jwk: jwk) } catch { return error }
            return nil
        }
        #expect(try error("3_1.ec_public_key") == nil)
        #expect(try error("3_2.ec_private_key") == .privateKey)
        #expect(try error("3_3.rsa_public_key") == nil)
        #expect(try error("3_4.rsa_private_key") == .privateKey)
        #expect(try error("3_5.symmetric_key_mac_computation") == .privateKey)
        #expect(try error("3_6.symmetric_key_encryption") == .privateKey)
    }
}

private let zero: JSONValue = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

@Suite("RFC 7517 key sets")
struct JWKSetTests {
    @Test func readsWhatItWrites() throws {
        let set = try JWKSet([SigningKey.generate().publicKey, SigningKey.generate().publicKey])
        let document = try JSONObject(parsing: set.jsonBytes())
        #expect(document["keys"]?.array?.count == 2)
        #expect(try JWKSet(document) == set)
        #expect(try JWKSet(["keys": []]).keys.isEmpty)
    }

    @Test func findsAKeyByItsName() throws {
        let first = try SigningKey.generate().publicKey, second = try SigningKey.generate().publicKey
        let both = try JWKSet([first, second]), one = try JWKSet([first])
        #expect(both.publicKey(withID: second.keyID) == second)
        #expect(both.publicKey(withID: "other") == nil)
        #expect(both.publicKey(withID: nil) == nil, "which of the two?")
        #expect(one.publicKey(withID: nil) == first)
        #expect(one.publicKey(withID: second.keyID) == nil)
        #expect(first.publicKey(withID: nil) == first)
        #expect(first.publicKey(withID: second.keyID) == nil)
        #expect(KeyLookup { _ in second }.publicKey(withID: "any") == second)
    }

    @Test func leavesOutKeysItCannotUse() throws {
        let set = try JWKSet([
            "keys": [["kty": "AKP", "pub": "AQAB"], ["kty": "EC", "crv": "secp256k1"], .object(Example.jwk)]
        ])
        #expect(set.keys.count == 1)
    }

    @Test func refusesPrivateMalformedAndAmbiguousKeys() throws {
        #expect(throws: JOSEError.privateKey) { try JWKSet(["keys": [.object(Example.jwk(["d": "AA"]))]]) }
        #expect(throws: JOSEError.invalidKey) { try JWKSet(["keys": [.object(Example.jwk(["x": "AA"]))]]) }
        #expect(throws: JOSEError.invalidKey) { try JWKSet(["keys": ["a"]]) }
        #expect(throws: JOSEError.invalidKey) { try JWKSet(["keys": [:]]) }
        #expect(throws: JOSEError.invalidKey) { try JWKSet([:]) }
        #expect(throws: JOSEError.ambiguousKeys) {
            try JWKSet(["keys": [.object(Example.jwk), .object(Example.jwk)]])
        }
        #expect(throws: Never.self) {
            try JWKSet(["keys": [.object(Example.jwk), .object(Example.jwk(["kid": "b"]))]])
        }
    }
}
