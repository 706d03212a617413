import JSON
import Testing

@testable import JOSE

@Suite("RFC 7515 compact JWS")
struct CompactJWSTests {
    let key: SigningKey
    let payload = #"{"iss":"https://issuer.example"}"#

    init() throws { key = try SigningKey.generate() }

    private func verify(_ token: String, type: JWSType.Expectation = .absentOr(.jwt)) throws(JOSEError) -> VerifiedJWS {
        try CompactJWS(parsing: token).verified(with: key.publicKey, expecting: type)
    }

    @Test func verifiesTheExampleOfAppendixA3() throws {
        let key = try PublicKey(jwk: Example.jwk)
        let jws = try CompactJWS(parsing: Example.token).verified(with: key, expecting: .absentOr(.jwt))
        #expect(
            jws.payload
                == Array("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}".utf8))
        #expect(jws.header == JOSEHeaderTests.header(algorithm: "ES256"))
        #expect(throws: JOSEError.invalidSignature) { try verify(Example.token) }
    }

    @Test func verifiesWhatItSigns() throws {
        let token = try JWTSigner(key: key, type: "at+jwt").sign(["iss": "a", "exp": 1] as JSONValue)
        let jws = try verify(token, type: .exactly("at+jwt"))
        #expect(String(decoding: jws.payload, as: UTF8.self) == #"{"iss":"a","exp":1}"#)
        #expect(jws.header.type == "at+jwt" && jws.header.keyID == key.keyID && jws.header.algorithm == "ES256")
        #expect(jws.key == key.publicKey)
    }

    @Test func refusesAnyOtherCharacterInAnyPlace() throws {
        let token = try JWTSigner(key: key, type: nil).sign(bytes: payload.utf8.span)
        let characters = Array(token.utf8)
        for place in characters.indices {
            for replacement in Array("A-_.= \n\u{0}".utf8) + [characters[place] ^ 1]
            where replacement != characters[place] {
                var changed = characters
                changed[place] = replacement
                #expect(throws: JOSEError.self) { try verify(String(decoding: changed, as: UTF8.self)) }
            }
            #expect(throws: JOSEError.self) { try verify(String(token.dropLast(place + 1))) }
            #expect(throws: JOSEError.self) { try verify(String(token.dropFirst(place + 1))) }
        }
        #expect(throws: Never.self) { try verify(token) }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test func refusesAllButThreeCanonicalSegments() throws {
        let token = try JWTSigner(key: key, type: nil).sign(bytes: payload.utf8.span)
        let parts = token.split(separator: ".").map(String.init)
        for wrong in [
            "", ".", "..", "...", parts[0], parts[0] + "." + parts[1], token + ".", "." + token, token + ".e30",
            token + "=", token + " ", " " + token, parts[0] + "=." + parts[1] + "." + parts[2],
            parts[0] + ".." + parts[2], parts[0] + "." + parts[1] + ".", "." + parts[1] + "." + parts[2],
        ] {
            #expect(throws: JOSEError.self, "\(wrong)") { try verify(wrong) }
        }
        #expect(throws: Never.self) { try verify(token) }
    }

    @Test func refusesALongTokenAndALongHeader() throws {
        let signer = JWTSigner(key: key, type: nil)
        let small = try signer.sign(bytes: [UInt8](repeating: 32, count: 11_000).span)
        let large = try signer.sign(bytes: [UInt8](repeating: 32, count: 13_000).span)
        #expect(throws: Never.self) { try verify(small) }
        #expect(throws: JOSEError.oversize) { try verify(large) }
        #expect(throws: Never.self) { try CompactJWS(parsing: large, limit: 20_000) }

        let padding = String(repeating: "a", count: 9000)
        let long = try Example.token(header: #"{"alg":"ES256","x":"\#(padding)"}"#, payload: "{}", key: key)
        #expect(throws: JOSEError.oversize) { try verify(long) }
        let short = try Example.token(
            header: #"{"alg":"ES256","x":"\#(padding.dropLast(1000))"}"#, payload: "{}", key: key)
        #expect(throws: Never.self) { try verify(short) }
    }

    @Test func theKeyDecidesTheAlgorithm() throws {
        for algorithm in ["none", "None", "", "HS256", "ES384", "RS256", "PS256", "EdDSA", "es256", "ES256 "] {
            let token = try Example.token(header: #"{"alg":"\#(algorithm)"}"#, payload: payload, key: key)
            #expect(throws: JOSEError.wrongAlgorithm, "\(algorithm)") { try verify(token) }
            let unsigned = String(token[...token.lastIndex(of: ".")!])
            #expect(throws: JOSEError.self) { try verify(unsigned) }
        }
        #expect(throws: Never.self) {
            try verify(Example.token(header: #"{"alg":"ES256"}"#, payload: payload, key: key))
        }
    }

    /// The public key is no secret: an HMAC under it proves nothing.
    @Test func refusesAnHMACUnderThePublicKey() throws {
        let input = Base64URL.encode(Array(#"{"alg":"HS256"}"#.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        for secret in [key.publicKey.jsonBytes(), Array(key.keyID.utf8)] {
            let code = HMACSHA256(key: Secret(secret)).authenticate(Array(input.utf8))
            #expect(throws: JOSEError.wrongAlgorithm) { try verify(input + "." + code.base64URL) }
        }
    }

    @Test func refusesSignaturesThatAreNotRThenS() throws {
        let token = try JWTSigner(key: key, type: nil).sign(bytes: payload.utf8.span)
        let dot = try #require(token.lastIndex(of: "."))
        let signature = try #require(Base64URL.decode(String(token[token.index(after: dot)...])))
        let der = try #require(ECDSASignature.der(fromFixed: signature))
        let (r, s) = (signature.prefix(32), signature.suffix(32))
        let zero = [UInt8](repeating: 0, count: 32)
        let wrong: [[UInt8]] = [
            der, zero + s, r + zero, zero + zero, EllipticCurve.p256.order + s, r + EllipticCurve.p256.order,
            [UInt8](repeating: 0xFF, count: 64),
            Array(s + r), [0] + signature, signature + [0], Array(signature.dropLast()), [],
        ]
        for signature in wrong {
            #expect(throws: JOSEError.invalidSignature) { try verify(token[...dot] + Base64URL.encode(signature)) }
        }
        #expect(throws: Never.self) { try verify(token) }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test func aKeyBroughtAlongIsIgnored() throws {
        let attacker = try SigningKey.generate()
        let jwk = String(decoding: attacker.publicKey.jsonBytes(), as: UTF8.self)
        for member in [
            #""jwk":\#(jwk)"#, #""jku":"https://evil.example/""#, #""x5u":"https://evil.example/""#, #""x5c":["AA"]"#,
        ] {
            let header = #"{"alg":"ES256","kid":"\#(key.keyID)",\#(member)}"#
            #expect(throws: JOSEError.invalidSignature) {
                try verify(Example.token(header: header, payload: payload, key: attacker))
            }
            #expect(throws: Never.self) { try verify(Example.token(header: header, payload: payload, key: key)) }
        }
    }

    @Test func asksForTheKeyOfTheToken() throws {
        let other = try SigningKey.generate()
        let token = try JWTSigner(key: other, type: nil).sign(bytes: payload.utf8.span)
        #expect(throws: JOSEError.unknownKey) { try verify(token) }
        let set = try JWKSet([key.publicKey, other.publicKey])
        #expect(throws: Never.self) { try CompactJWS(parsing: token).verified(with: set, expecting: .absentOr(.jwt)) }
        let nameless = try Example.token(header: #"{"alg":"ES256"}"#, payload: payload, key: other)
        #expect(throws: JOSEError.unknownKey) {
            try CompactJWS(parsing: nameless).verified(with: set, expecting: .absentOr(.jwt))
        }
    }

    @Test func compressedContentIsRefused() throws {
        for header in [#"{"alg":"ES256","zip":"DEF"}"#, #"{"alg":"ES256","zip":null}"#] {
            #expect(throws: JOSEError.malformedHeader) {
                try verify(Example.token(header: header, payload: payload, key: key))
            }
        }
        #expect(throws: Never.self) {
            try verify(Example.token(header: #"{"alg":"ES256","gzip":"DEF"}"#, payload: payload, key: key))
        }
    }

    @Test(.enabled(if: Vectors.exist, Vectors.absence), arguments: [("jws_ec", 15), ("jws_rsa", 13), ("jws_aes", 17)])
    func agreesWithWycheproof(_ group: String, _ count: Int) throws {
        let tests = try Vectors.wycheproof("json_web_crypto_test").filter { $0.group["comment"]?.string == group }
        #expect(tests.count == count)
        for (group, test) in tests {
            // One is a JSON serialization, offered where compact ones are read.
            let token = test["jws"]?.string ?? String(decoding: test["jws"]?.jsonBytes() ?? [], as: UTF8.self)
            let jws: VerifiedJWS?
            if let jwk = group["public"]?.object {
                let key = try PublicKey(jwk: jwk)
                jws = try? CompactJWS(parsing: token).verified(with: key, expecting: .absentOr(.jwt))
            } else {
                let key = try MACKey(jwk: try #require(group["private"]?.object))
                jws = try? CompactJWS(parsing: token).verified(with: key, expecting: .absentOr(.jwt))
            }
            #expect((jws != nil) == test.isValid, "\(test.number)")
        }
    }

    /// A key whose factors can be found, and sets that mix secrets with public keys.
    @Test(.enabled(if: Vectors.exist, Vectors.absence))
    func refusesTheKeysOfWycheproofThatNobodyShouldHave() throws {
        let tests = try Vectors.wycheproof("json_web_crypto_test")
        let weak = try #require(tests.first { $0.group["comment"] == "jws_rsa_roca_key" })
        #expect(throws: JOSEError.weakKey) { try PublicKey(jwk: try #require(weak.group["public"]?.object)) }
        for name in ["jws_mixedSymmetryKeyset", "jws_keyset"] {
            let mixed = try #require(tests.first { $0.group["comment"]?.string == name })
            #expect(throws: JOSEError.privateKey) { try JWKSet(try #require(mixed.group["private"]?.object)) }
        }
        let sound = try #require(tests.first { $0.group["comment"] == "jws_rsa" })
        #expect(throws: Never.self) { try PublicKey(jwk: try #require(sound.group["public"]?.object)) }
    }
}
