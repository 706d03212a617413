import JSON
import Testing

@testable import JOSE

@Suite("RFC 7518 §3.3 and §3.5 RSA")
struct RSATests {
    static let exponent: [UInt8] = [1, 0, 1]

    private static func modulus(bits: Int, last: UInt8 = 1) -> [UInt8] {
        var bytes = [UInt8](repeating: 0x5A, count: (bits + 7) / 8)
        bytes[0] = 1 << UInt8((bits - 1) % 8)
        bytes[bytes.count - 1] = last
        return bytes
    }

    private func error(_ modulus: [UInt8], _ exponent: [UInt8]) -> JOSEError? {
        do { try RSAModulus.check(modulus, exponent: exponent) } catch { return error }
        return nil
    }

    @Test(arguments: [
        (1024, JOSEError.weakKey), (2047, .weakKey), (2048, nil), (2049, nil), (8192, nil), (8193, .invalidKey),
        (16_384, .invalidKey),
    ])
    func modulesHaveASoundLength(_ bits: Int, _ expected: JOSEError?) throws {
        let modulus = Self.modulus(bits: bits)
        #expect(error(modulus, Self.exponent) == expected)
        let jwk: JSONObject = ["kty": "RSA", "n": .string(Base64URL.encode(modulus)), "e": "AQAB"]
        if bits < 10_000, let expected, expected == .weakKey {
            #expect(throws: expected) { try PublicKey(jwk: jwk) }
            #expect(throws: expected) { try JWKSet(["keys": [.object(jwk)]]) }
        } else if expected != nil {
            #expect(throws: JOSEError.invalidKey) { try PublicKey(jwk: jwk) }
        } else {
            #expect(throws: Never.self) { try PublicKey(jwk: jwk) }
        }
    }

    @Test(
        arguments: [
            ([1, 0, 1], nil), ([1, 0, 3], nil), ([0xFF, 0xFF, 0xFF, 0xFF], nil),
            ([1], JOSEError.invalidKey), ([3], .weakKey), ([17], .weakKey), ([0xFF, 0xFF], .weakKey),
            ([1, 0, 0], .invalidKey), ([1, 0, 2], .invalidKey), ([], .invalidKey), ([0], .invalidKey),
            ([0, 1, 0, 1], .invalidKey), ([1, 0, 0, 0, 1], .invalidKey),
        ] as [([UInt8], JOSEError?)])
    func exponentsAreOddAndNeitherSmallNorLarge(_ exponent: [UInt8], _ expected: JOSEError?) {
        #expect(error(Self.modulus(bits: 2048), exponent) == expected)
    }

    @Test func evenAndPaddedModulesAreRefused() {
        #expect(error(Self.modulus(bits: 2048, last: 2), Self.exponent) == .invalidKey)
        #expect(error([0] + Self.modulus(bits: 2048), Self.exponent) == .invalidKey)
        #expect(error([], Self.exponent) == .invalidKey)
        #expect(error(Self.modulus(bits: 2048), Self.exponent) == nil)
    }

    @Test func numbersAreCanonical() throws {
        let jwk = RFC7515ExamplesTests.rsa
        let n = try #require(jwk["n"]?.string)
        for (name, value) in [
            ("n", n + "="), ("n", "AA" + n), ("n", ""), ("n", String(n.dropLast())), ("e", "AAEAAQ"), ("e", "AQAB="),
            ("e", ""), ("n", String(repeating: "A", count: 100_000)),
        ] {
            #expect(throws: JOSEError.self, "\(name) \(value.prefix(9))") {
                try PublicKey(jwk: jwk.with(name, .string(value)))
            }
        }
        for name in ["n", "e"] {
            var without = jwk
            without[name] = nil
            #expect(throws: JOSEError.invalidKey) { try PublicKey(jwk: without) }
        }
        let key = try PublicKey(jwk: jwk)
        let written = try JSONObject(parsing: key.jsonBytes())
        #expect(written["n"] == jwk["n"] && written["e"] == jwk["e"])
    }

    @Test func privateNumbersMustFitTogether() throws {
        let pkcs8 = Array(try #require(Base64.decode(Self.private2048)))
        let key = try SigningKey(pkcs8: pkcs8, algorithm: .rs256)
        let message = Array("message".utf8)
        let signature = try key.sign(message)
        #expect(try key.publicKey.isValid(signature, over: message))
        #expect(throws: JOSEError.unsupportedKey) { try SigningKey(pkcs8: pkcs8) }
        #expect(throws: JOSEError.unsupportedKey) { try SigningKey(pkcs8: pkcs8, algorithm: .es256) }
        #expect(throws: JOSEError.invalidKey) { try SigningKey(pkcs8: pkcs8 + [0], algorithm: .rs256) }
        for place in [300, 500, 700, 900, 1100] {
            var changed = pkcs8
            changed[place] ^= 1
            #expect(throws: JOSEError.invalidKey, "\(place)") { try SigningKey(pkcs8: changed, algorithm: .rs256) }
        }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test(.enabled(if: Vectors.exist, Vectors.absence))
    func aPrivateJWKHasAllItsFactors() throws {
        let jwk = try #require(try Vectors.document("jose-cookbook/jwk/3_4.rsa_private_key.json").object)
        let key = try SigningKey(privateJWK: jwk, algorithm: .ps384)
        #expect(key.keyID == "bilbo.baggins@hobbiton.example" && key.algorithm == .ps384)
        let message = Array("message".utf8)
        #expect(try key.publicKey.isValid(key.sign(message), over: message))
        for name in ["d", "p", "q", "dp", "dq", "qi"] {
            var without = jwk
            without[name] = nil
            #expect(throws: JOSEError.invalidKey, "\(name)") { try SigningKey(privateJWK: without, algorithm: .ps384) }
            let other = jwk.with(name, name == "d" ? jwk["dp"] ?? .null : jwk["d"] ?? .null)
            #expect(throws: JOSEError.invalidKey, "\(name)") { try SigningKey(privateJWK: other, algorithm: .ps384) }
        }
        #expect(throws: JOSEError.unsupportedKey) {
            try SigningKey(privateJWK: jwk.with("oth", []), algorithm: .ps384)
        }
        #expect(throws: JOSEError.unsupportedKey) { try SigningKey(privateJWK: jwk) }
        #expect(throws: JOSEError.unsupportedKey) {
            try SigningKey(privateJWK: jwk.with("alg", "RS256"), algorithm: .ps384)
        }
        #expect(try SigningKey(privateJWK: jwk.with("alg", "RS256")).algorithm == .rs256)
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test(
        .enabled(if: Vectors.exist, Vectors.absence),
        arguments: [
            ("rsa_signature_2048_sha256_test", SignatureAlgorithm.rs256, "keyJwk", 259),
            ("rsa_pss_2048_sha256_mgf1_32_test", .ps256, "publicKeyJwk", 108),
        ])
    func agreesWithWycheproof(
        _ name: String, _ algorithm: SignatureAlgorithm, _ member: String, _ count: Int
    ) throws {
        let tests = try Vectors.wycheproof(name)
        #expect(tests.count == count)
        var keys: [String: PublicKey] = [:]
        for (group, test) in tests {
            let jwk = try #require(group[member]?.object)
            guard jwk["e"] == "AQAB" else {
                #expect(throws: JOSEError.weakKey) { try PublicKey(jwk: jwk) }
                continue
            }
            let modulus = try #require(jwk["n"]?.string)
            let key = try keys[modulus] ?? PublicKey(jwk: jwk)
            keys[modulus] = key
            let signature = try test.hex("sig"), message = try test.hex("msg")
            let isValid = try key.isValid(signature.span, over: message.span, by: algorithm)
            // One is called acceptable: PKCS #1 without the NULL of old encoders. It is not what RFC 8017 writes.
            #expect(isValid == test.isValid, "\(test.number)")
        }
        #expect(keys.count == 1 && OpenSSLErrors.isEmpty)
    }

    /// Made with: openssl genrsa 2048.
    static let private2048 =
        "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDNFDjQbvbWHa/0kumIFIGkITm1wvg4d9yHAaeQbfpZJUewdJiP"
        + "ZBorkj+280rMy58neLZ8pZAwKhP1Voz9JCOhWlzRPupRki086YjcD/1Zn8A935ifDnWT67BniV4zNF5JER/7Exn2nMBcRIYui1D+"
        + "KDkHWle0FHeeeX5OavyWGIX8LMZFts6vAf0xCeq3V7Bn1LHbn7vfgnY60jG8jGU5WHWnj2Igl3PFv6zAj0o60CP/amm5EdqeFx4B"
        + "vrKSri5N2EH3XTTeV2Ot2UxRHkxd0WAVcMGHY7CaV9RuixnGFsPy2qvjC0Zc59ueyXW40YdArkJj/tI6avAmx3U61FrTAgMBAAEC"
        + "ggEAKHxXgv6FCFwwAm6GX/D8bvSIOhPVgQBYruZquB6eD79GWdWK0LQIXpWusmVxXODN+LLiA9WDk56a9hIyHz9lMVNvg3eSNqxO"
        + "9fl8pUUa1PiusQhVTwFBwQQEfUwnJqCuBGq3D5ADziW/6/czLjkesi4qpAL30XtA6i49+ykv2EmAkzWCsHo44OLmUTCkiCC6jjiY"
        + "T7PDI8hZkltTSBKNa3fLLu272cj1GfMsnfMWFzw0fCvSSI/VWXMK4Mv/x/EeQrmA9QCjJnzis7AZUhTynxxYmM87bEq+ox0sLDOr"
        + "U6K1Q/9FqVMHKD0yNPMtqdvIy4W8wL9ukIxk5/cCPcHLoQKBgQDteLggq0JFizuMoe1s7fEniDWdQkCa9FjTWf32SjiRXqe10Ofe"
        + "DaoxJnP957iBZp668ZBwLGCfKuxRn0IVm9UlgoYNJikZpcCIMWnnLByRjQNbCtxdLeqb/0wRXI531L+sd7mg1BbBXu7OZbw5lcSR"
        + "Y++/jJYGY8qZctbgYgzZ6QKBgQDdFH2DaYZG/aF+co9WtmuB48sddSkYJG901yfHWa0xuMqoMuvX+pzehfaWzcOrdYcXms5AiV2n"
        + "snoOrFpUyJu7MamXL8CWtQv4j6blhFVp2PAO/a6f4JK0pKBfwOd4XWoRsHabh2cdSOr0aFB/Wf1Gw5Cj4CbDDbGGOS9XN0edWwKB"
        + "gQC6mCjWQruIOadJEdOlzDG5hmXac7ygBW/mYsgTRq68S0wsqUIIUWRxym1KDVIFG8WNz1JXUgd6Chg26pTatd/94VnD60BQTtXC"
        + "LlGwvBCWrd79IsOU1AeNHEWBPuETd7BErK7HmN9oglfTBk2oUe5q78PrF2SrEK6ZdIszNNg0QQKBgQDAnZiZRPg7o8DvVUpzZy4V"
        + "le0idjBem2gMKWS79/LAzlqq3urCWtQPwDHOw+mF2jjgJP0sF0Jk2Eglvp5ZHgsotiUm1vD5nTWX0zi64Wg1d0/4D6f0HYpUHtan"
        + "dn91TBYc4V0FNpxtVFl4peX0fuf/nmXHkYTUDnssEWigmUYo3wKBgD79IOIUosKXzTJcnN1VzI6fKNDtFLhWKD8aoQNVejej5T/y"
        + "3gOIn5cvmzI354GDe/oYkS0BQ2O47xusQDN5iupl/Z4rd2lQhWCNHcSzrHooQf4ZyN1jqe0V/uysV4t3UpQ8nWWoXXMfx02Tb3C3"
        + "acTt//yrw/5AcRo4DuOe+DGQ"
}
