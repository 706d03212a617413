import AuthorizationServer
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("What an operator is told of a refusal")
struct ExplanationTests {
    private static func explain(
        _ changes: [Parameter: String?], of client: Client = .confidential()
    ) async throws -> Explanation {
        let server = try await TestServer()
        try await server.register(client)
        let request = server.request(changes, for: client)
        let decision = try await AuthorizationEndpoint(server.environment).respond(
            to: request, from: server.browser())
        let refusal: OAuthError
        switch decision {
        case .page(let error): refusal = error
        case .answer(let answer, _): refusal = try #require(answer.failure)
        case .interact, .tooMany: throw WrongTurn()
        }
        return Explanation(of: refusal, to: try FormParameters(decoding: request), from: client)
    }

    private static let base = "https://shop.example/callback"

    @Test(arguments: [
        (base + "/", "differs from the registered one by a trailing slash: \(base)"),
        ("https://SHOP.example/callback", "by the case of letters"), ("http://shop.example/callback", "by the scheme"),
        ("https://shop.example:8443/callback", "by the port"), ("https://www.shop.example/callback", "by the host"),
        (base + "/more", "by more of a path"), ("https://shop.example/other", "by the path"),
        (base + "?a=b", "by a query"), (base + "#x", "by a fragment"), (base + " ", "by white space"),
        ("https://evil.example/x?y#z", "resembles none of the registered ones: \(base)"),
    ])
    func theNearestAddressIsNamedWithItsDifference(_ uri: String, _ advice: String) async throws {
        let explanation = try await Self.explain([.redirectURI: uri])
        #expect(explanation.advice.contains(advice), "\(explanation.advice)")
        #expect(explanation.section.contains("RFC 6749 §3.1.2.3"))
        #expect(explanation.received.contains("redirect_uri (\(uri.utf8.count) bytes)"))
    }

    @Test(
        arguments: [
            ([.redirectURI: nil], "the request has no redirect_uri; registered is \(base)"),
            ([.codeChallengeMethod: nil], "which means plain; it must be S256"),
            ([.codeChallenge: String(repeating: "a", count: 42)], "has 42 characters in place of 43"),
            ([.codeChallenge: String(repeating: "a", count: 43) + "="], "no padding"),
            ([.codeChallenge: nil, .codeChallengeMethod: nil], "the request has no code_challenge"),
            ([.responseType: "token"], "the client may ask for code"),
            ([.scope: "nonsense:x admin"], "2 of the scopes are not the client's; it may ask for"),
        ] as [([Parameter: String?], String)])
    func whatWouldHaveBeenRightIsSaid(_ changes: [Parameter: String?], _ advice: String) async throws {
        let explanation = try await Self.explain(changes)
        #expect(explanation.advice.contains(advice), "\(explanation.advice)")
        #expect(!explanation.section.isEmpty)
    }

    @Test func whatIsSecretOrPersonalShowsItsLengthAlone() async throws {
        let canary = "canary-0123456789"
        let changes: [Parameter: String?] = [
            .responseType: "token", .state: canary, .nonce: canary, .loginHint: canary, .idTokenHint: canary,
            .codeChallenge: canary, .clientSecret: canary, .codeVerifier: canary, .code: canary,
            .claims: canary, Parameter("password"): canary, .scope: "openid", Parameter("display"): canary,
            .acrValues: canary,
            .uiLocales: canary, .maxAge: canary, .resource: canary, Parameter(canary): "x",
        ]
        let explanation = try await Self.explain(changes)
        #expect(!"\(explanation)".contains("canary"))
        #expect(explanation.received.contains("state (17 bytes)") && explanation.received.contains("scope=openid"))
        // What stands in the wrong field is no better.
        for field in [Parameter.scope, .redirectURI, .responseMode, .prompt, .grantType] {
            #expect(
                !"\(try await Self.explain([.responseType: "token", field: canary]))".contains("canary"), "\(field)")
        }
        let long = try await Self.explain([.responseType: String(repeating: "x", count: 5000)])
        #expect(long.received.allSatisfy { $0.utf8.count < 300 })
    }
}
