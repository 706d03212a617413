import JOSE
import Testing

@testable import TokenVerifier

@Suite("RFC 6750 bearer tokens")
struct BearerTokenTests {
    @Test(arguments: ["Bearer abc.DEF-_~+/123==", "bearer abc.DEF-_~+/123==", "BEARER   abc.DEF-_~+/123=="])
    func areReadFromTheHeader(_ field: String) throws {
        #expect(try BearerToken(authorization: [field]).text == "abc.DEF-_~+/123==")
    }

    @Test(
        arguments: [
            ([], .missingToken), (["Basic abc"], .missingToken), (["DPoP abc"], .missingToken), ([""], .missingToken),
            (["Bearer"], .malformedRequest), (["Bearer "], .malformedRequest), (["Bearer a b"], .malformedRequest),
            (["Bearer a,b"], .malformedRequest), (["Bearer =a"], .malformedRequest),
            (["Bearer a=b"], .malformedRequest),
            (["Bearer a\n"], .malformedRequest), (["Bearer é"], .malformedRequest),
            (["Bearer a", "Bearer b"], .malformedRequest), (["Bearer a", "Basic b"], .malformedRequest),
        ] as [([String], TokenRefusal)])
    func areRefused(_ fields: [String], _ refusal: TokenRefusal) {
        #expect(throws: refusal) { try BearerToken(authorization: fields) }
    }

    @Test func areNotPrinted() throws {
        let token = try BearerToken(authorization: ["Bearer canary"])
        #expect(!"\(token) \(String(reflecting: token))".contains("canary"))
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!dumped.contains("canary"))
    }
}

@Suite("RFC 6750 answers")
struct TokenRefusalTests {
    @Test(
        arguments: [
            (.missingToken, 401, "Bearer realm=\"api\""),
            (
                .malformedRequest, 400,
                "Bearer realm=\"api\", error=\"invalid_request\", error_description=\"the token is missing or came twice\""
            ),
            (
                .invalidToken(.jwt(.expired)), 401,
                "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"the token has expired\""
            ),
            (
                .invalidToken(.jwt(.invalidSignature)), 401,
                "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"the token is not valid here\""
            ),
            (
                .insufficientScope(["a", "b"]), 403,
                "Bearer realm=\"api\", error=\"insufficient_scope\", "
                    + "error_description=\"the token lacks a scope\", scope=\"a b\""
            ),
            (.keysUnavailable(.timedOut), 503, nil),
        ] as [(TokenRefusal, Int, String?)])
    func sayWhatIsWrong(_ refusal: TokenRefusal, _ status: Int, _ challenge: String?) {
        #expect(refusal.status == status)
        #expect(refusal.challenge(realm: "api") == challenge)
    }

    @Test func cannotBeBrokenByTheirWords() {
        let challenge = TokenRefusal.insufficientScope(["a\"b\r\n", "c\\"]).challenge(realm: "x\", y=\"\u{7F}é")
        #expect(challenge?.contains("realm=\"x, y=\"") == true)
        #expect(challenge?.hasSuffix("scope=\"ab c\"") == true)
    }
}
