import JSON
import Testing

@testable import JOSE

@Suite("RFC 7519 JWT")
struct JWTTests {
    static let now: Int64 = 1_800_000_000
    let key: SigningKey

    init() throws { key = try SigningKey.generate() }

    private func verify(_ claims: JSONValue, _ expectation: JWTExpectation) throws(JOSEError) -> VerifiedJWT {
        try VerifiedJWT(JWTSigner(key: key, type: "at+jwt").sign(claims), signedBy: key.publicKey, as: expectation)
    }

    private func expectation(
        issuer: JWTExpectation.Issuer = .exactly("https://issuer.example"),
        audience: JWTExpectation.Audience = .contains("api"),
        expiry: JWTExpectation.Expiry = .required, now: Int64 = now, leeway: Int64 = 10
    ) -> JWTExpectation {
        JWTExpectation(
            type: .exactly("at+jwt"), issuer: issuer, audience: audience, expiry: expiry, now: now, leeway: leeway)
    }

    /// Claims that pass, with some of them changed; `null` removes.
    private func claims(_ change: JSONObject = [:]) -> JSONValue {
        var claims: JSONObject = [
            "iss": "https://issuer.example", "sub": "alice", "aud": ["web", "api"], "exp": .integer(Self.now + 300),
            "nbf": .integer(Self.now), "iat": .integer(Self.now), "jti": "1", "scope": "openid",
        ]
        for member in change { claims[member.name] = member.value.isNull ? nil : member.value }
        return .object(claims)
    }

    @Test func givesTheClaimsOfAGoodToken() throws {
        let jwt = try verify(claims(), expectation())
        #expect(jwt.claims.issuer == "https://issuer.example")
        #expect(jwt.claims.subject == "alice")
        #expect(jwt.claims.audience == ["web", "api"])
        #expect(jwt.claims.expiresAt == Self.now + 300)
        #expect(jwt.claims.notBefore == Self.now && jwt.claims.issuedAt == Self.now)
        #expect(jwt.claims.jwtID == "1")
        #expect(jwt.claims["scope"] == "openid")
        #expect(jwt.header.keyID == key.keyID && jwt.header.type == "at+jwt")
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: JSONObject
        let error: JOSEError
        let neighbour: JSONObject

        init(_ description: String, _ change: JSONObject, _ error: JOSEError, butAccepts neighbour: JSONObject) {
            testDescription = description
            self.change = change
            self.error = error
            self.neighbour = neighbour
        }
    }

    static let refusals: [Refusal] = [
        Refusal("no exp", ["exp": .null], .missingClaim(.expiresAt), butAccepts: ["nbf": .null, "iat": .null]),
        Refusal(
            "exp is now, beyond the leeway", ["exp": .integer(now - 10)], .expired,
            butAccepts: ["exp": .integer(now - 9)]),
        Refusal(
            "exp with a fraction", ["exp": .number(Double(now) - 9.5)], .expired,
            butAccepts: ["exp": .number(Double(now) + 0.5)]),
        Refusal(
            "exp a string", ["exp": "1800000300"], .invalidClaim(.expiresAt), butAccepts: ["exp": .number(1.8e9 + 300)]),
        Refusal(
            "exp huge", ["exp": .number(1e300)], .invalidClaim(.expiresAt), butAccepts: ["exp": 9_007_199_254_740_991]),
        Refusal("exp negative", ["exp": -1], .expired, butAccepts: [:]),
        Refusal("nbf ahead", ["nbf": .integer(now + 11)], .notYetValid, butAccepts: ["nbf": .integer(now + 10)]),
        Refusal("nbf a truth value", ["nbf": true], .invalidClaim(.notBefore), butAccepts: ["nbf": 0]),
        Refusal("iat ahead", ["iat": .integer(now + 11)], .issuedInTheFuture, butAccepts: ["iat": .integer(now + 10)]),
        Refusal("iat an object", ["iat": [:]], .invalidClaim(.issuedAt), butAccepts: ["iat": 0]),
        Refusal("no iss", ["iss": .null], .missingClaim(.issuer), butAccepts: [:]),
        Refusal("other iss", ["iss": "https://issuer.example/"], .wrongIssuer, butAccepts: [:]),
        Refusal("iss in another case", ["iss": "https://Issuer.example"], .wrongIssuer, butAccepts: [:]),
        Refusal("iss a list", ["iss": ["https://issuer.example"]], .invalidClaim(.issuer), butAccepts: [:]),
        Refusal("no aud", ["aud": .null], .missingClaim(.audience), butAccepts: ["aud": "api"]),
        Refusal("empty aud", ["aud": []], .missingClaim(.audience), butAccepts: ["aud": ["api"]]),
        Refusal("other aud", ["aud": "apis"], .wrongAudience, butAccepts: ["aud": ["apis", "api"]]),
        Refusal(
            "aud with a number", ["aud": ["api", 1]], .invalidClaim(.audience), butAccepts: ["aud": ["api", "1"]]),
        Refusal("sub a number", ["sub": 1], .invalidClaim(.subject), butAccepts: ["sub": .null]),
        Refusal("jti a number", ["jti": 1], .invalidClaim(.jwtID), butAccepts: ["jti": .null]),
    ]

    @Test(arguments: refusals)
    func refuses(_ refusal: Refusal) throws {
        #expect(throws: refusal.error) { try verify(claims(refusal.change), expectation()) }
        _ = try verify(claims(refusal.neighbour), expectation())
    }

    @Test func looksAlikeAreNotTheSame() {
        #expect(throws: JOSEError.wrongAudience) {
            try verify(claims(["aud": "caf\u{E9}"]), expectation(audience: .contains("cafe\u{301}")))
        }
        #expect(throws: Never.self) {
            try verify(claims(["aud": "caf\u{E9}"]), expectation(audience: .contains("caf\u{E9}")))
        }
    }

    @Test func waivesOnlyWhatTheCallerWaives() throws {
        let old = claims(["exp": 1000, "nbf": .null])
        #expect(throws: JOSEError.expired) { try verify(old, expectation()) }
        #expect(throws: JOSEError.expired) { try verify(old, expectation(expiry: .optional)) }
        #expect(throws: Never.self) { try verify(old, expectation(expiry: .ignored)) }
        #expect(throws: Never.self) { try verify(claims(["exp": .null]), expectation(expiry: .optional)) }
        #expect(throws: JOSEError.wrongIssuer) {
            try verify(old, expectation(issuer: .exactly("other"), expiry: .ignored))
        }
        #expect(throws: Never.self) {
            try verify(claims(["iss": .null, "aud": .null]), expectation(issuer: .anyone, audience: .anyone))
        }
        #expect(throws: Never.self) { try verify(claims(), expectation(audience: .containsOne(of: ["x", "web"]))) }
        #expect(throws: JOSEError.wrongAudience) { try verify(claims(), expectation(audience: .containsOne(of: []))) }
    }

    @Test func extremeClocksDoNotOverflow() {
        for now in [Int64.min, -1, 0, .max] {
            for leeway in [Int64.min, 0, .max] {
                #expect(throws: JOSEError.self) {
                    try verify(claims(["exp": 1, "nbf": 9_007_199_254_740_990]), expectation(now: now, leeway: leeway))
                }
            }
        }
        #expect(throws: Never.self) { try verify(claims(), expectation(leeway: 0)) }
    }

    @Test(arguments: ["", "[]", "1", "{", #"{"exp":1,"exp":2}"#, "{\"a\":\"\u{0}\"}", "{} {}", "null"])
    func refusesAPayloadThatIsNoStrictObject(payload: String) throws {
        let signed = try JWTSigner(key: key, type: "at+jwt").sign(bytes: payload.utf8.span)
        #expect(throws: JOSEError.malformedClaims) {
            try VerifiedJWT(signed, signedBy: key.publicKey, as: expectation())
        }
        _ = try verify(claims(), expectation())
    }

    @Test func unverifiedClaimsAreReadableAndNoMore() throws {
        let attacker = try SigningKey.generate()
        let token = try JWTSigner(key: attacker, type: "at+jwt").sign(claims())
        let jwt = try UnverifiedJWT(parsing: token)
        #expect(try jwt.unverifiedClaims().subject == "alice")
        #expect(jwt.header.keyID == attacker.keyID)
        #expect(throws: JOSEError.unknownKey) { try jwt.verified(with: key.publicKey, as: expectation()) }
        #expect(throws: Never.self) { try jwt.verified(with: attacker.publicKey, as: expectation()) }
    }

    /// RFC 7519 §5.2: what it holds is another token, whose claims nobody has verified.
    @Test func aNestedTokenIsNoSetOfClaims() throws {
        let payload = String(decoding: claims().jsonBytes(), as: UTF8.self)
        func token(_ header: String) throws -> String { try Example.token(header: header, payload: payload, key: key) }
        for type in ["JWT", "jwt", "application/jwt"] {
            let nested = try token(#"{"alg":"ES256","typ":"at+jwt","cty":"\#(type)"}"#)
            #expect(throws: JOSEError.wrongType) {
                try VerifiedJWT(nested, signedBy: key.publicKey, as: expectation())
            }
        }
        let plain = try token(#"{"alg":"ES256","typ":"at+jwt","cty":"json"}"#)
        #expect(try VerifiedJWT(plain, signedBy: key.publicKey, as: expectation()).header.contentType == "json")
    }

    /// An attacker who cannot sign learns nothing about the claims, and a broken payload costs no work.
    @Test func theSignatureIsCheckedBeforeTheClaims() throws {
        let token = try Example.token(header: #"{"alg":"ES256","typ":"at+jwt"}"#, payload: "{", key: .generate())
        #expect(throws: JOSEError.invalidSignature) {
            try VerifiedJWT(token, signedBy: key.publicKey, as: expectation())
        }
    }
}
