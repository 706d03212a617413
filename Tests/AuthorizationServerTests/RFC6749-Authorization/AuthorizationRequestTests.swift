import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Authorization requests", .spec("RFC 6749 §4.1.1", "OpenID Connect Core §3.1.2.1"))
struct AuthorizationRequestTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let changes: [Parameter: String?]
        let refusal: OAuthError.Code
        init(_ description: String, _ changes: [Parameter: String?], _ refusal: OAuthError.Code) {
            testDescription = description
            self.changes = changes
            self.refusal = refusal
        }
    }

    @Test(
        .spec("A-02", "A-23", "RFC 6749 §4.1.2.1"),
        arguments: [
            Mistake("no client", [.clientID: nil], .invalidRequest),
            Mistake("unknown client", [.clientID: "nobody"], .invalidRequest),
            Mistake("client outside the grammar", [.clientID: "sh\u{F6}p"], .invalidRequest),
            Mistake("no redirect URI with openid", [.redirectURI: nil], .invalidRequest),
            Mistake("unregistered redirect URI", [.redirectURI: "https://evil.example/callback"], .invalidRequest),
            Mistake("another client's redirect URI", [.redirectURI: "https://app.example/callback"], .invalidRequest),
            Mistake("both wrong", [.redirectURI: "https://evil.example/", .responseType: nil], .invalidRequest),
        ])
    func sendsNobodyAnywhereBeforeClientAndAddressAreProven(_ mistake: Mistake) async throws {
        let server = try await TestServer()
        try await server.register(.open())
        #expect(try await server.decide(mistake.changes, from: server.browser()).page == mistake.refusal)
        #expect(try await server.decide(from: server.browser()).interaction != nil)
    }

    @Test(
        .spec("A-03", "A-04", "A-11", "A-12", "A-60", "A-61", "A-62", "A-63", "A-70", "A-71"),
        arguments: [
            Mistake("no response type", [.responseType: nil], .invalidRequest),
            Mistake("token", [.responseType: "token"], .unsupportedResponseType),
            Mistake("id_token", [.responseType: "id_token"], .unsupportedResponseType),
            Mistake("code token", [.responseType: "code token"], .unsupportedResponseType),
            Mistake("code id_token", [.responseType: "code id_token"], .unsupportedResponseType),
            Mistake("code in capitals", [.responseType: "CODE"], .unsupportedResponseType),
            Mistake("no challenge", [.codeChallenge: nil], .invalidRequest),
            Mistake("method without challenge", [.codeChallenge: nil, .codeChallengeMethod: "S256"], .invalidRequest),
            Mistake("no method, which means plain", [.codeChallengeMethod: nil], .invalidRequest),
            Mistake("plain", [.codeChallengeMethod: "plain"], .invalidRequest),
            Mistake("unknown method", [.codeChallengeMethod: "s256"], .invalidRequest),
            Mistake("short challenge", [.codeChallenge: String(repeating: "a", count: 42)], .invalidRequest),
            Mistake("long challenge", [.codeChallenge: String(repeating: "a", count: 44)], .invalidRequest),
            Mistake("challenge in base64", [.codeChallenge: String(repeating: "a", count: 42) + "+"], .invalidRequest),
            Mistake("request object", [.request: "eyJ"], .requestNotSupported),
            Mistake("request_uri", [.requestURI: "https://evil.example/"], .requestURINotSupported),
            Mistake("both", [.request: "eyJ", .requestURI: "https://evil.example/"], .invalidRequest),
            Mistake("registration", [.registration: "{}"], .registrationNotSupported),
            Mistake("unknown response mode", [.responseMode: "query.jwt"], .invalidRequest),
            Mistake("no scope", [.scope: nil], .invalidScope),
            Mistake("unknown prompt", [.prompt: "create"], .invalidRequest),
            Mistake("negative max_age", [.maxAge: "-1"], .invalidRequest),
            Mistake("fractional max_age", [.maxAge: "1.5"], .invalidRequest),
            Mistake("max_age in words", [.maxAge: "day"], .invalidRequest),
            Mistake("max_age with a sign", [.maxAge: "+1"], .invalidRequest),
            Mistake("max_age in other digits", [.maxAge: "\u{661}"], .invalidRequest),
            Mistake("max_age beyond counting", [.maxAge: String(repeating: "9", count: 100)], .invalidRequest),
            Mistake("id_token_hint of nobody", [.idTokenHint: "eyJ"], .invalidRequest),
        ])
    func tellsTheClientWhatIsWrong(_ mistake: Mistake) async throws {
        let server = try await TestServer()
        let answer = try #require(try await server.decide(mistake.changes, from: server.browser()).answer)
        #expect(answer[.error] == mistake.refusal.rawValue)
        #expect(answer[.code] == nil)
        #expect(answer[.state] == "af0ifjsldkj")
        #expect(answer[.issuer] == "https://id.example")
        #expect(answer.mode == .query)
        #expect(try await server.decide(from: server.browser()).interaction != nil)
    }

    @Test(.spec("H-09", "RFC 6749 §3.1"), arguments: ["state", "scope", "nonce", "prompt", "code_challenge", "x"])
    func refusesARepeatedParameter(_ name: String) async throws {
        let server = try await TestServer()
        let endpoint = AuthorizationEndpoint(server.environment)
        let form = server.request([Parameter(name): "S256"]) + Array("&\(name)=other".utf8)
        let answer = try #require(try await endpoint.respond(to: form, from: server.browser()).answer)
        #expect(answer[.error] == "invalid_request")
        #expect(answer[.state] == (name == "state" ? nil : "af0ifjsldkj"))
    }

    @Test(
        .spec("H-09", "A-20"), arguments: ["client_id=shop", "redirect_uri=https%3A%2F%2Fevil.example", "client_id="])
    func sendsNobodyAnywhereWhenClientOrAddressComeTwice(_ extra: String) async throws {
        let server = try await TestServer()
        let endpoint = AuthorizationEndpoint(server.environment)
        for form in [server.request() + Array("&\(extra)".utf8), Array("\(extra)&".utf8) + server.request()] {
            #expect(try await endpoint.respond(to: form, from: server.browser()).page == .invalidRequest)
        }
        #expect(try await endpoint.respond(to: server.request(), from: server.browser()).interaction != nil)
    }

    @Test(
        .spec("A-10"),
        arguments: [
            [Parameter("display"): "wap"], [Parameter("ui_locales"): "tlh"], [Parameter("claims_locales"): "tlh"],
            [.loginHint: "nobody@example.org"], [Parameter("acr_values"): "urn:x"], [Parameter("foo"): "bar"],
            [Parameter("claims"): "{}"], [.nonce: nil], [.state: nil], [.maxAge: "0"], [.maxAge: "9999999999"],
        ] as [[Parameter: String?]])
    func ignoresWhatItDoesNotKnow(_ changes: [Parameter: String?]) async throws {
        let server = try await TestServer()
        #expect(try await server.decide(changes, from: server.browser()).interaction != nil)
    }

    @Test(.spec("A-04"))
    func refusesAClientThatIsNotRegisteredForCodes() async throws {
        let server = try await TestServer()
        let machine = try await server.register(.confidential("machine", grantTypes: [.clientCredentials]))
        #expect(try await server.decide(for: machine, from: server.browser()).answer?[.error] == "unauthorized_client")
    }

    @Test(.spec("A-23", "RFC 6749 §3.1.2.3"))
    func knowsTheOnlyAddressOfAPlainOAuthClient() async throws {
        let server = try await TestServer()
        let plain: [Parameter: String?] = [.scope: "orders:read", .redirectURI: nil]
        #expect(try await server.decide(plain, from: server.browser()).interaction != nil)
        let code = try await server.authorize(plain)
        _ = try await server.redeem(code)
        let two = try await server.register(
            .confidential("two", redirectURIs: ["https://a.example/", "https://b.example/"]))
        #expect(try await server.decide(plain, for: two, from: server.browser()).page == .invalidRequest)
        #expect(try await server.decide([.scope: "orders:read"], for: two, from: server.browser()).interaction != nil)
    }

    @Test(.spec("H-12", "H-14", "THREATS hash-length DoS"))
    func refusesWhatIsMalformedOrTooLong() async throws {
        let server = try await TestServer()
        let endpoint = AuthorizationEndpoint(server.environment)
        let junk: [[UInt8]] = [
            [], [0xFF], Array("client_id=%".utf8), server.request() + [0x26, 0x78, 0x3D, 0xFF],
            server.request([.state: String(repeating: "s", count: 1_000_000)]),
            server.request([.scope: String(repeating: "openid ", count: 150_000)]),
            Array(String(repeating: "a=b&", count: 4000).utf8) + server.request(),
        ]
        for form in junk {
            #expect(try await endpoint.respond(to: form, from: server.browser()).page == .invalidRequest)
        }
        let longest = server.request([.state: String(repeating: "s", count: 7_000)])
        #expect(try await endpoint.respond(to: longest, from: server.browser()).interaction != nil)
    }

    @Test(.spec("A-15", "RFC 6749 §4.1.2.1"))
    func tellsTheClientOfAFailureOfOurs() async throws {
        let storage = Storage.inMemory()
        let server = try await TestServer(
            storage: storage.replacing(\.interactions, by: BrokenInteractions(error: Broken())))
        let answer = try #require(try await server.decide(from: server.browser()).answer)
        #expect(answer[.error] == "server_error")
        #expect(answer[.state] == "af0ifjsldkj")
        #expect(answer.failure?.cause != nil)

        let busy = BrokenInteractions(error: StorageError.busy)
        let other = try await TestServer(storage: Storage.inMemory().replacing(\.interactions, by: busy))
        #expect(try await other.decide(from: other.browser()).answer?[.error] == "temporarily_unavailable")
    }
}

private struct Broken: Error {}

private struct BrokenInteractions: InteractionStore {
    let error: any Error
    func insert(_ interaction: Interaction) async throws { throw error }
    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Interaction? { throw error }
    func choose(_ session: SessionID, for digest: TokenDigest, at now: Timestamp) async throws -> Bool { throw error }
    func finish(_ digest: TokenDigest, at now: Timestamp) async throws -> Bool { throw error }
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int { throw error }
}
