import JSON
import Testing

@testable import JOSE

@Suite("RFC 7518 §3.2 HMAC")
struct MACKeyTests {
    private func jwk(_ count: Int, _ algorithm: String = "HS256") -> JSONObject {
        [
            "kty": "oct", "alg": .string(algorithm),
            "k": .string(Base64URL.encode([UInt8](repeating: 0x41, count: count))),
        ]
    }

    @Test(arguments: MACAlgorithm.allCases)
    func theSecretIsAsLongAsTheDigest(_ algorithm: MACAlgorithm) throws {
        let shortest = algorithm.shortestSecret
        #expect(throws: Never.self) { try MACKey(jwk: jwk(shortest, algorithm.rawValue)) }
        #expect(throws: JOSEError.weakKey) { try MACKey(jwk: jwk(shortest - 1, algorithm.rawValue)) }
        #expect(throws: JOSEError.weakKey) { try MACKey(Secret([]), for: algorithm) }
        #expect(throws: Never.self) { try MACKey(Secret([UInt8](repeating: 1, count: 1024)), for: algorithm) }
        #expect(throws: JOSEError.invalidKey) { try MACKey(Secret([UInt8](repeating: 1, count: 1025)), for: algorithm) }
    }

    @Test func readsASymmetricJWKThatNamesItsAlgorithm() throws {
        for (change, error) in [
            (["kty": "EC"], .unsupportedKey), (["kty": .null], .invalidKey), (["alg": "ES256"], .unsupportedKey),
            (["alg": "none"], .unsupportedKey), (["alg": "HS1"], .unsupportedKey), (["use": "enc"], .unsupportedKey),
            (["key_ops": ["sign"]], .unsupportedKey), (["k": 1], .invalidKey), (["k": "A"], .invalidKey),
            (["k": "AA=="], .invalidKey), (["kid": 1], .invalidKey),
        ] as [(JSONObject, JOSEError)] {
            var changed = jwk(64)
            for member in change { changed[member.name] = member.value }
            #expect(throws: error, "\(change)") { try MACKey(jwk: changed) }
        }
        var nameless = jwk(64)
        nameless["alg"] = nil
        #expect(throws: JOSEError.unsupportedKey) { try MACKey(jwk: nameless) }
        nameless["alg"] = "HS512"
        nameless["k"] = nil
        #expect(throws: JOSEError.invalidKey) { try MACKey(jwk: nameless) }
        let key = try MACKey(jwk: jwk(64, "HS512").with("use", "sig").with("kid", "a"))
        #expect(key.algorithm == .hs512 && key.keyID == "a")
    }

    /// RFC 4231 §4.2 and §4.7; the first with its key lengthened by zeros, which HMAC does not tell apart.
    @Test func agreesWithTheExamplesOfTheRFC() throws {
        let short = [UInt8](repeating: 0x0B, count: 20) + [UInt8](repeating: 0, count: 44)
        let long = [UInt8](repeating: 0xAA, count: 131)
        let hashed = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
        for (algorithm, key, message, code) in [
            (.hs256, short, Array("Hi There".utf8), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                .hs384, short, Array("Hi There".utf8),
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"
            ),
            (
                .hs512, short, Array("Hi There".utf8),
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                    + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
            ),
            (.hs256, long, hashed, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        ] as [(MACAlgorithm, [UInt8], [UInt8], String)] {
            let key = try MACKey(Secret(key), for: algorithm)
            #expect(try key.authenticate(message) == bytes(hex: code))
            #expect(try key.isValid(bytes(hex: code), over: message))
            #expect(try !key.isValid(Array(bytes(hex: code).dropLast()), over: message))
        }
    }

    @Test func theNameOfTheSecretCounts() throws {
        let named = try MACKey(Secret([UInt8](repeating: 1, count: 32)), for: .hs256, keyID: "a")
        let nameless = try MACKey(Secret([UInt8](repeating: 1, count: 32)), for: .hs256)
        func token(_ header: String) throws -> CompactJWS {
            let input = Base64URL.encode(Array(header.utf8)) + ".e30"
            return try CompactJWS(
                parsing: input + "." + Base64URL.encode(try named.authenticate(Array(input.utf8))))
        }
        let plain = try token(#"{"alg":"HS256"}"#), own = try token(#"{"alg":"HS256","kid":"a"}"#)
        let other = try token(#"{"alg":"HS256","kid":"b"}"#), typed = try token(#"{"alg":"HS256","typ":"at+jwt"}"#)
        for (token, key) in [(plain, named), (own, named), (plain, nameless), (other, nameless)] {
            #expect(throws: Never.self) { try token.verified(with: key, expecting: .absentOr(.jwt)) }
        }
        #expect(throws: JOSEError.unknownKey) { try other.verified(with: named, expecting: .absentOr(.jwt)) }
        #expect(throws: JOSEError.wrongType) { try typed.verified(with: named, expecting: .absentOr(.jwt)) }
        let longer = try MACKey(Secret([UInt8](repeating: 1, count: 64)), for: .hs512)
        #expect(throws: JOSEError.wrongAlgorithm) { try plain.verified(with: longer, expecting: .absentOr(.jwt)) }
    }
}
