import JSON
import Testing

@testable import JOSE

@Suite("RFC 7519 §5.2 nested JWT")
struct NestedJWTTests {
    static let now: Int64 = 1_800_000_000
    let signing: SigningKey
    let decryption: DecryptionKey
    let expectation = JWTExpectation(
        type: .exactly("oauth-authz-req+jwt"), issuer: .exactly("client"),
        audience: .contains("https://issuer.example"),
        now: now, leeway: 10)
    let claims: JSONValue = [
        "iss": "client", "aud": "https://issuer.example", "exp": .integer(now + 60), "scope": "openid",
    ]

    init() throws {
        signing = try SigningKey.generate()
        decryption = try DecryptionKey.generate(.p256)
    }

    private func encrypt(_ content: String, contentType: JWSType? = .jwt) throws -> String {
        try JWEEncrypter(
            to: decryption.publicKey, algorithm: .ecdhES, encryption: .a256GCM, contentType: contentType
        ).encrypt(content)
    }

    private func verify(_ token: String, limit: Int = CompactJWE.limit) throws(JOSEError) -> VerifiedJWT {
        try VerifiedJWT(
            nested: token, decryptedWith: decryption, allowing: .toPublicKey, signedBy: signing.publicKey,
            as: expectation, limit: limit)
    }

    private func signed(_ claims: JSONValue? = nil, by key: SigningKey? = nil) throws -> String {
        try JWTSigner(key: key ?? signing, type: "oauth-authz-req+jwt").sign(claims ?? self.claims)
    }

    @Test func isVerifiedByItsInnerSignature() throws {
        let jwt = try verify(encrypt(signed()))
        #expect(jwt.claims["scope"] == "openid" && jwt.claims.issuer == "client")
        #expect(jwt.key == signing.publicKey)
        #expect(jwt.header.type == "oauth-authz-req+jwt")
    }

    /// Everybody can encrypt to a public key: it proves nothing about the claims.
    @Test func encryptionIsNoSignature() throws {
        let attacker = try SigningKey.generate()
        let forged = try encrypt(signed(by: attacker))
        #expect(throws: JOSEError.unknownKey) { try verify(forged) }
        let named = try Example.token(
            header: #"{"alg":"ES256","typ":"oauth-authz-req+jwt"}"#, payload: #"{"iss":"client"}"#, key: attacker)
        #expect(throws: JOSEError.invalidSignature) { try verify(encrypt(named)) }
        let bare = #"{"iss":"client","aud":"https://issuer.example","exp":1800000060}"#
        #expect(throws: JOSEError.malformedToken) { try verify(encrypt(bare)) }
        let unsigned = Base64URL.encode(Array(#"{"alg":"none"}"#.utf8)) + "." + Base64URL.encode(Array(bare.utf8)) + "."
        #expect(throws: JOSEError.self) { try verify(encrypt(unsigned)) }
        #expect(throws: Never.self) { try verify(encrypt(signed())) }
    }

    @Test func mustSayThatItHoldsAJWT() throws {
        let inner = try signed()
        for type: JWSType? in [nil, "at+jwt", "text", "", "JWT/JWT", "application/x/jwt"] {
            #expect(throws: JOSEError.wrongType, "\(type?.name ?? "none")") {
                try verify(encrypt(inner, contentType: type))
            }
        }
        for type: JWSType in ["JWT", "jwt", "application/jwt"] {
            #expect(throws: Never.self, "\(type.name)") { try verify(encrypt(inner, contentType: type)) }
        }
    }

    @Test func theInnerTokenIsHeldToTheSameRules() throws {
        let expired: JSONValue = [
            "iss": "client", "aud": "https://issuer.example", "exp": .integer(Self.now - 60), "scope": "openid",
        ]
        #expect(throws: JOSEError.expired) { try verify(encrypt(signed(expired))) }
        let typeless = try JWTSigner(key: signing, type: "at+jwt").sign(claims)
        #expect(throws: JOSEError.wrongType) { try verify(encrypt(typeless)) }
        let critical = try Example.token(
            header: #"{"alg":"ES256","typ":"oauth-authz-req+jwt","crit":["exp"],"exp":1}"#, payload: "{}", key: signing)
        #expect(throws: JOSEError.criticalExtension) { try verify(encrypt(critical)) }
        #expect(throws: Never.self) { try verify(encrypt(signed())) }
    }

    /// One level: a JWE in a JWE is not opened, nor a JWE in a JWS.
    @Test func nestsOnlyOnce() throws {
        let once = try encrypt(signed())
        let twice = try encrypt(once)
        #expect(throws: JOSEError.malformedToken) { try verify(twice) }
        #expect(throws: JOSEError.malformedToken) { try verify(signed()) }
        #expect(throws: JOSEError.malformedToken) {
            try VerifiedJWT(once, signedBy: signing.publicKey, as: expectation)
        }
        #expect(throws: Never.self) { try verify(once) }
    }

    @Test func boundsBothTokens() throws {
        func claims(_ count: Int) -> JSONValue {
            [
                "iss": "client", "aud": "https://issuer.example", "exp": .integer(Self.now + 60),
                "x": .string(String(repeating: "a", count: count)),
            ]
        }
        let large = try encrypt(signed(claims(13_000)))
        #expect(throws: JOSEError.oversize) { try verify(large) }  // within the limit of the JWE, not of the JWS
        let small = try encrypt(signed(claims(11_000)))
        #expect(throws: JOSEError.oversize) { try verify(small, limit: 16_000) }
        #expect(throws: Never.self) { try verify(small) }
    }

    /// Where the inner token says whose keys to fetch: it can be read first, and is not believed.
    @Test func canBeReadBeforeItIsVerified() throws {
        let jwe = try CompactJWE(parsing: encrypt(signed())).decrypted(with: decryption, allowing: .toPublicKey)
        let jwt = try UnverifiedJWT(in: jwe)
        #expect(try jwt.unverifiedClaims().issuer == "client")
        let other = try SigningKey.generate()
        #expect(throws: JOSEError.unknownKey) { try jwt.verified(with: other.publicKey, as: expectation) }
        #expect(try jwt.verified(with: signing.publicKey, as: expectation).claims.issuer == "client")
    }

    /// RFC 7520 §6.
    @Test(.enabled(if: Vectors.exist, Vectors.absence))
    func opensTheCookbook() throws {
        let example = try Vectors.document("jose-cookbook/6.nesting_signatures_and_encryption.json")
        let signing = try #require(example["sign"]), encryption = try #require(example["encrypt"])
        let key = try DecryptionKey(privateJWK: try #require(encryption["input"]?["key"]?.object))
        let signer = try SigningKey(privateJWK: try #require(signing["input"]?["key"]?.object), algorithm: .ps256)
        let token = try #require(encryption["output"]?["compact"]?.string)
        func verify(at now: Int64) throws(JOSEError) -> VerifiedJWT {
            try VerifiedJWT(
                nested: token, decryptedWith: key, allowing: .toPublicKey, signedBy: signer.publicKey,
                as: JWTExpectation(
                    type: .exactly(.jwt), issuer: .exactly("hobbiton.example"), audience: .anyone, now: now, leeway: 0))
        }
        #expect(try verify(at: 1_300_819_379).claims["http://example.com/is_root"] == true)
        #expect(throws: JOSEError.expired) { try verify(at: 1_300_819_380) }
        let jwe = try CompactJWE(parsing: token).decrypted(with: key, allowing: .toPublicKey)
        #expect(jwe.text == signing["output"]?["compact"]?.string)
    }
}
