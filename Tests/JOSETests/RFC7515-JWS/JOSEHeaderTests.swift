import Testing

@testable import JOSE

@Suite("RFC 7515 header")
struct JOSEHeaderTests {
    static func header(algorithm: String) -> JOSEHeader? {
        try? JOSEHeader(parsing: Array(#"{"alg":"\#(algorithm)"}"#.utf8))
    }

    @Test(arguments: [
        ("", JOSEError.malformedHeader),
        ("[]", .malformedHeader),
        ("{}", .malformedHeader),
        (#""ES256""#, .malformedHeader),
        (#"{"alg":null}"#, .malformedHeader),
        (#"{"alg":["ES256"]}"#, .malformedHeader),
        (#"{"alg":"ES256","alg":"ES256"}"#, .malformedHeader),
        (#"{"alg":"ES256","\u0061lg":"none"}"#, .malformedHeader),
        (#"{"alg":"ES256","kid":1}"#, .malformedHeader),
        (#"{"alg":"ES256","kid":null}"#, .malformedHeader),
        (#"{"alg":"ES256","typ":true}"#, .malformedHeader),
        (#"{"alg":"ES256"} x"#, .malformedHeader),
        ("\u{FEFF}" + #"{"alg":"ES256"}"#, .malformedHeader),
        (#"{"alg":"ES256","a":[[[[[[[[]]]]]]]]}"#, .malformedHeader),
        (#"{"ALG":"ES256"}"#, .malformedHeader),
        (#"{"alg":"ES256","cty":1}"#, .malformedHeader),
        (#"{"alg":"ES256","b64":false}"#, .malformedHeader),
        (#"{"alg":"ES256","zip":"DEF"}"#, .malformedHeader),
        (#"{"alg":"ES256","crit":["exp"],"exp":1}"#, .criticalExtension),
        (#"{"alg":"ES256","crit":["b64"],"b64":false}"#, .criticalExtension),
        (#"{"alg":"ES256","crit":[]}"#, .criticalExtension),
        (#"{"alg":"ES256","crit":null}"#, .criticalExtension),
    ])
    func refuses(text: String, error: JOSEError) throws {
        #expect(throws: error) { try JOSEHeader(parsing: Array(text.utf8)) }
        let header = try JOSEHeader(parsing: Array(#" {"kid":"k","typ":"JWT","alg":"ES256","more":[1]} "#.utf8))
        #expect(header.keyID == "k" && header.type == "JWT" && header.algorithm == "ES256")
    }

    @Test(arguments: [
        ("at+jwt", true), ("AT+JWT", true), ("application/at+jwt", true), ("Application/At+Jwt", true),
        ("JWT", false), ("at+jwt ", false), ("application/application/at+jwt", false), ("", false),
        ("application/", false),
        ("at+jwt;a=b", false), ("logout+jwt", false), ("text/at+jwt", false),
    ])
    func comparesTypes(type: String, isSame: Bool) {
        #expect(JWSType.Expectation.exactly("at+jwt").allows(type) == isSame)
        #expect(JWSType.Expectation.absentOr("at+jwt").allows(type) == isSame)
        #expect(JWSType.Expectation.exactly("application/at+jwt").allows(type) == isSame)
    }

    @Test func aTypeMayBeMissingOnlyWhereThatIsSaid() {
        #expect(!JWSType.Expectation.exactly("at+jwt").allows(nil))
        #expect(JWSType.Expectation.absentOr("at+jwt").allows(nil))
    }

    @Test func aTokenOfAnotherTypeIsRefused() throws {
        let key = try SigningKey.generate()
        let token = try CompactJWS(parsing: JWTSigner(key: key, type: "logout+jwt").sign("x"))
        #expect(throws: JOSEError.wrongType) { try token.verified(with: key.publicKey, expecting: .exactly("at+jwt")) }
        #expect(throws: JOSEError.wrongType) { try token.verified(with: key.publicKey, expecting: .absentOr(.jwt)) }
        #expect(throws: Never.self) { try token.verified(with: key.publicKey, expecting: .exactly("logout+jwt")) }
    }
}
