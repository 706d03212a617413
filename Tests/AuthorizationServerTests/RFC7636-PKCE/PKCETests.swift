import AuthorizationServer
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("RFC 7636 PKCE")
struct PKCETests {
    struct Attempt: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let verifier: String?
        let refusal: OAuthError.Code
        init(_ description: String, _ verifier: String?, _ refusal: OAuthError.Code) {
            testDescription = description
            self.verifier = verifier
            self.refusal = refusal
        }
    }

    @Test(
        .spec("RFC 7636 §4.6", "T-16", "T-18"),
        arguments: [
            Attempt("no verifier", nil, .invalidGrant),
            Attempt("an empty verifier", "", .invalidGrant),
            Attempt("another verifier", String(repeating: "b", count: 43), .invalidGrant),
            Attempt("the verifier and more", String(repeating: "v", count: 44), .invalidGrant),
            Attempt("the challenge", CodeChallenge.s256(TestServer.verifier).rawValue, .invalidGrant),
            Attempt("too short", String(repeating: "v", count: 42), .invalidRequest),
            Attempt("too long", String(repeating: "v", count: 129), .invalidRequest),
            Attempt("a megabyte", String(repeating: "v", count: 1_000_000), .invalidRequest),
            Attempt("outside the grammar", String(repeating: "v", count: 42) + "+", .invalidRequest),
            Attempt("another script", String(repeating: "v", count: 42) + "\u{212A}", .invalidRequest),
        ])
    func refusesTheWrongVerifier(_ attempt: Attempt) async throws {
        let server = try await TestServer()
        let code = try await server.authorize()
        #expect(await refusal { try await server.redeem(code, verifier: attempt.verifier) } == attempt.refusal)
        _ = try await server.redeem(code)  // a failed proof does not burn the code
    }

    @Test(
        .spec("RFC 7636 §4.1"),
        arguments: [
            String(repeating: "v", count: 43), String(repeating: "Z", count: 128),
            "-._~0123456789-._~0123456789-._~0123456789-._~",
        ])
    func takesEveryVerifierOfTheGrammar(_ verifier: String) async throws {
        let server = try await TestServer()
        let code = try await server.authorize([.codeChallenge: CodeChallenge.s256(verifier).rawValue])
        _ = try await server.redeem(code, verifier: verifier)
    }

    @Test(.spec("RFC 7636 B"))
    func agreesWithTheExampleOfTheSpecification() {
        let challenge = CodeChallenge.s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(challenge.rawValue == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test(
        .spec("RFC 9700 §2.1.1", "A-60", "A-64", "T-17", "CVE-2023-48228"),
        arguments: [
            Client.confidential(party: .first), .confidential(), .open(party: .first), .open(),
            .open(redirectURIs: ["http://127.0.0.1/cb"]), .open(redirectURIs: ["com.example.app:/cb"]),
        ])
    func cannotBeLeftOutByAnyClient(_ client: Client) async throws {
        let server = try await TestServer()
        try await server.register(client)
        let bare: [Parameter: String?] = [.codeChallenge: nil, .codeChallengeMethod: nil]
        #expect(try await server.decide(bare, for: client, from: server.browser()).answer?[.error] == "invalid_request")
        let code = try await server.authorize(for: client)
        #expect(await refusal { try await server.redeem(code, verifier: nil, from: client) } == .invalidGrant)
        _ = try await server.redeem(code, from: client)
    }

    @Test(.spec("RFC 9700 §4.5", "THREATS code injection"))
    func bindsACodeToTheRequestOfItsOwnSession() async throws {
        let server = try await TestServer()
        let mine = try await server.authorize([.codeChallenge: CodeChallenge.s256(TestServer.verifier).rawValue])
        let theirs = try await server.authorize([
            .codeChallenge: CodeChallenge.s256(String(repeating: "t", count: 43)).rawValue
        ])
        #expect(await refusal { try await server.redeem(theirs) } == .invalidGrant)
        _ = try await server.redeem(mine)
    }

    @Test(.spec("A-60", "A-63", "A-64", "RFC 9700 §2.1.1"))
    func isLeftOutOnlyByAClientThatKeepsASecretAndMay() async throws {
        let server = try await TestServer()
        var metadata = ClientMetadata()
        metadata.compatibility = [.pkceOptional]
        var lenient = Client.confidential("lenient")
        lenient.metadata = metadata
        try await server.register(lenient)
        var app = Client.open("app")
        app.metadata = metadata
        try await server.register(app)
        let bare: [Parameter: String?] = [.codeChallenge: nil, .codeChallengeMethod: nil]
        for client in [server.client, app] {
            let answer = try await server.decide(bare, for: client, from: server.browser()).answer
            #expect(answer?[.error] == "invalid_request")
        }
        let half = try await server.decide([.codeChallenge: nil], for: lenient, from: server.browser()).answer
        #expect(half?[.error] == "invalid_request")

        let uri = lenient.redirectURIs[0].rawValue
        let code = try await server.authorize(bare, for: lenient)
        // Nothing but the redirect URI binds such a code, and whoever brings a verifier asked otherwise.
        for (verifier, redirectURI) in [(nil, nil), (TestServer.verifier, uri)] as [(String?, String?)] {
            let refusal = await refusal {
                try await server.redeem(code, verifier: verifier, redirectURI: redirectURI, from: lenient)
            }
            #expect(refusal == .invalidGrant)
        }
        _ = try await server.redeem(code, verifier: nil, redirectURI: uri, from: lenient)
        // Whoever sends a challenge is held to it.
        let bound = try await server.authorize(for: lenient)
        #expect(
            await refusal { try await server.redeem(bound, verifier: nil, redirectURI: uri, from: lenient) }
                == .invalidGrant)
        _ = try await server.redeem(bound, from: lenient)
    }
}
