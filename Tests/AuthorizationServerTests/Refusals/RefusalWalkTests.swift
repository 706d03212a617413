import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

/// Refusals as they happen: the section is the one of the check that failed, and the advice is the nearest valid thing.
@Suite("What an operator is told of each refusal, walked")
struct RefusalWalkTests {
    /// A way to be refused, and what is told of it.
    struct Step: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let section: String
        let advice: String
        let walk: @Sendable (TestServer) async throws -> Refused?

        init(
            _ name: String, _ section: String, _ advice: String,
            _ walk: @escaping @Sendable (TestServer) async throws -> Refused?
        ) {
            (testDescription, self.section, self.advice, self.walk) = (name, section, advice, walk)
        }
    }

    /// What came of it.
    struct Refused: Sendable {
        let error: OAuthError
        var form = FormParameters()
        var client: Client?
    }

    private static func asked(
        _ changes: [Parameter: String?], resources: [String] = []
    )
        -> @Sendable (TestServer)
        async throws -> Refused?
    {
        { server in
            let request = server.request(changes, resources: resources)
            let browser = server.browser()
            let decision = try await AuthorizationEndpoint(server.environment).respond(to: request, from: browser)
            let form = (try? FormParameters(decoding: request)) ?? FormParameters()
            switch decision {
            case .page(let error):
                return Refused(
                    error: error, form: form, client: form[.clientID] == "shop" ? server.client : nil)
            case .answer(let answer, let client):
                return answer.failure.map { Refused(error: $0, form: form, client: client) }
            case .interact, .tooMany: return nil
            }
        }
    }

    /// What a call refuses that gets no further than the form.
    private static func refused(
        _ fields: [Parameter: String] = [:], by client: Client? = nil,
        _ call: (FormParameters) async throws -> Void
    ) async throws -> Refused? {
        let form = FormParameters(fields)
        do {
            try await call(form)
            return nil
        } catch let error as OAuthError {
            return Refused(error: error, form: form, client: client)
        }
    }

    private static func token(
        _ fields: [Parameter: String], _ server: TestServer, _ client: Client? = nil
    )
        async throws -> Refused?
    {
        let client = client ?? server.client
        return try await refused(fields, by: client) {
            _ = try await TokenEndpoint(server.environment).respond(to: $0, from: client)
        }
    }

    private static func code(
        _ code: String, _ server: TestServer, _ client: Client? = nil, verifier: String? = nil
    )
        async throws -> Refused?
    {
        try await token(
            [.grantType: "authorization_code", .code: code, .codeVerifier: verifier ?? TestServer.verifier], server,
            client)
    }

    private static func refresh(
        _ token: String?, _ server: TestServer, _ client: Client? = nil, scope: String? = nil
    )
        async throws -> Refused?
    {
        var fields: [Parameter: String] = [.grantType: "refresh_token", .refreshToken: token ?? ""]
        fields[.scope] = scope
        return try await Self.token(fields, server, client)
    }

    private static func tokens(_ server: TestServer) async throws -> TokenResponse {
        try await server.redeem(server.authorize())
    }

    static let front: [Step] = [
        Step("too long", "RFC 6749 §3.1, §4.1.1", "8192 bytes", asked([.state: String(repeating: "x", count: 9000)])),
        Step("nobody", "RFC 6749 §2.2", "no client has this client_id", asked([.clientID: "nobody"])),
        Step("no client", "RFC 6749 §2.2", "names no client", asked([.clientID: nil])),
        Step(
            "redirect_uri", "RFC 6749 §3.1.2.3", "trailing slash",
            asked([.redirectURI: "https://shop.example/callback/"])),
        Step("response_mode", "Multiple Response Types §2.1", "may be left out", asked([.responseMode: "web_message"])),
        Step("no response_type", "RFC 6749 §3.1.1", "may ask for code", asked([.responseType: nil])),
        Step("response_type", "RFC 6749 §3.1.1", "may ask for code", asked([.responseType: "token"])),
        Step("no scope", "RFC 6749 §3.3", "the request has no scope; the client may ask for", asked([.scope: nil])),
        Step("malformed scope", "appendix A.4", "printable ASCII", asked([.scope: "open\"id"])),
        Step("no such scope", "RFC 6749 §3.3", "not the client's", asked([.scope: "nonsense:x"])),
        Step(
            "code_challenge", "RFC 7636 §4.3", "no code_challenge",
            asked([.codeChallenge: nil, .codeChallengeMethod: nil])),
        Step("plain", "RFC 7636 §4.2, §4.3", "differs from S256", asked([.codeChallengeMethod: "plain"])),
        Step("a short challenge", "RFC 7636 §4.2", "in place of 43", asked([.codeChallenge: "short"])),
        Step("prompt", "Core §3.1.2.1", "prompt may be", asked([.prompt: "sudo"])),
        Step("prompt none and login", "Core §3.1.2.1", "none alone", asked([.prompt: "none login"])),
        Step("silent", "Core §3.1.2.6", "without it", asked([.prompt: "none"])),
        Step("max_age", "Core §3.1.2.1", "digits alone", asked([.maxAge: "-1"])),
        Step("id_token_hint", "Core §3.1.2.1, §3.1.2.2", "it may be expired", asked([.idTokenHint: "x.y.z"])),
        Step("claims", "Core §5.5", "form-encoded once", asked([.claims: "email"])),
        Step("a member of claims", "Core §5.5", "an object each", asked([.claims: #"{"userinfo":["email"]}"#])),
        Step("a claim", "Core §5.5.1", "by null", asked([.claims: #"{"userinfo":{"email":true}}"#])),
        Step("resource", "RFC 8707 §2", "such as https://", asked([:], resources: ["orders"])),
        Step("no such resource", "RFC 8707 §2", "byte for byte", asked([:], resources: ["https://nobody.example"])),
        Step("registration", "Core §7.2.1", "leave registration out", asked([.registration: "{}"])),
        Step("request without keys", "RFC 9101 §6.2", "register jwks", asked([.request: "a.b.c"])),
        Step(
            "request_uri without addresses", "RFC 9101 §5.2", "request_uris",
            asked([.requestURI: "https://a.example/b"])),
    ]

    static let back: [Step] = [
        Step("no grant_type", "RFC 6749 §4.1.3", "registered for", { try await token([:], $0) }),
        Step("grant_type", "RFC 6749 §5.2", "registered for", { try await token([.grantType: "password"], $0) }),
        Step("another's grant_type", "RFC 6749 §5.2", "registered for authorization_code, refresh_token") { server in
            try await token([.grantType: "client_credentials"], server, try await server.register(.open()))
        },
        Step("scope of its own", "RFC 6749 §3.3, §4.4.2", "for itself the client may ask for orders:read") {
            try await token([.grantType: "client_credentials", .scope: "openid"], $0)
        },
        Step("no code", "RFC 6749 §4.1.3", "has no code", { try await token([.grantType: "authorization_code"], $0) }),
        Step("an unknown code", "RFC 6749 §4.1.2", "no code is kept that reads so", { try await code("nonsense", $0) }),
        Step("an expired code", "RFC 6749 §4.1.2", "was 61 seconds old, and is good for 60") { server in
            let late = try await server.authorize()
            server.clock.advance(by: .seconds(61))
            return try await code(late, server)
        },
        Step("a code of another", "RFC 6749 §4.1.3", "issued to shop, and app sent it") { server in
            try await code(server.authorize(), server, try await server.register(.open()))
        },
        Step("a used code", "RFC 6749 §4.1.2, §10.5", "a code is good once") { server in
            let used = try await server.authorize()
            _ = try await server.redeem(used)
            return try await code(used, server)
        },
        Step("another verifier", "RFC 7636 §4.6", "must be the SHA-256") { server in
            try await code(server.authorize(), server, verifier: String(repeating: "b", count: 43))
        },
        Step("no verifier", "RFC 7636 §4.1", "letters, digits", { try await code("c", $0, verifier: "short") }),
        Step("another redirect_uri", "RFC 6749 §4.1.3", "had https://shop.example/callback") { server in
            try await token(
                [
                    .grantType: "authorization_code", .code: server.authorize(), .codeVerifier: TestServer.verifier,
                    .redirectURI: "https://shop.example/other",
                ], server)
        },
        Step(
            "no refresh_token", "RFC 6749 §6", "no refresh_token",
            { try await token([.grantType: "refresh_token"], $0) }),
        Step(
            "an unknown refresh token", "RFC 6749 §6", "no refresh token of this server", { try await refresh("x", $0) }
        ),
        Step("an idle refresh token", "RFC 6749 §6", "not used for too long") { server in
            let old = try await tokens(server).refreshToken
            server.clock.advance(by: server.environment.policy.refreshIdleLifetime + .seconds(1))
            return try await refresh(old, server)
        },
        Step("a refresh token of another", "RFC 6749 §6, §10.4", "issued to shop, and app sent it") { server in
            try await refresh(tokens(server).refreshToken, server, try await server.register(.open()))
        },
        Step("a revoked refresh token", "RFC 6749 §6, RFC 7009 §2.1", "was ended 5 seconds ago") { server in
            let given = try await tokens(server).refreshToken
            _ = try await server.revoke(given)
            server.clock.advance(by: .seconds(5))
            return try await refresh(given, server)
        },
        Step("a used refresh token", "RFC 9700 §4.14.2", "must keep the newest") { server in
            let given = try await tokens(server).refreshToken
            _ = try await server.refresh(given)
            server.clock.advance(by: .seconds(60))
            return try await refresh(given, server)
        },
        Step("more scope than granted", "RFC 6749 §6", "the grant has openid") { server in
            try await refresh(tokens(server).refreshToken, server, scope: "orders:write admin")
        },
        Step("a resource that was not granted", "RFC 8707 §2.2", "resources of the authorization request") { server in
            let resource = try await server.configure(.withNothingOptional("https://orders.example"))
            return try await token(
                [
                    .grantType: "refresh_token", .refreshToken: tokens(server).refreshToken ?? "",
                    .resource: resource.id.rawValue,
                ], server)
        },
        Step("nothing to revoke", "RFC 7009 §2.1", "called token") { server in
            try await refused(by: server.client) {
                _ = try await RevocationEndpoint(server.environment).respond(to: $0, from: server.client)
            }
        },
        Step("revoking another's token", "RFC 7009 §2.1", "issued to shop") { server in
            let other = try await server.register(.open())
            return try await refused([.token: tokens(server).accessToken], by: other) {
                _ = try await RevocationEndpoint(server.environment).respond(to: $0, from: other)
            }
        },
        Step("revoking an ID token", "RFC 7009 §2.2.1", "revoke the refresh token") { server in
            let idToken = try await tokens(server).idToken ?? ""
            return try await refused([.token: idToken], by: server.client) {
                _ = try await RevocationEndpoint(server.environment).respond(to: $0, from: server.client)
            }
        },
        Step("introspecting nothing", "RFC 7662 §2.1", "called token") { server in
            try await refused(by: server.client) {
                _ = try await IntrospectionEndpoint(server.environment).respond(to: $0, from: server.client)
            }
        },
        Step("introspecting without a secret", "RFC 7662 §2.1, §4", "a secret or keys") { server in
            let open = try await server.register(.open())
            return try await refused([.token: "x"], by: open) {
                _ = try await IntrospectionEndpoint(server.environment).respond(to: $0, from: open)
            }
        },
        Step("two ways to authenticate", "RFC 6749 §2.3", "use one of") { _ in
            try await refused([.clientID: "shop", .clientSecret: "x"]) {
                _ = try ClientCredentials(authorization: "Basic eDp5", form: $0)
            }
        },
        Step("no way to authenticate", "RFC 6749 §2.3.1, §5.2", "names no client") { _ in
            try await refused([.grantType: "client_credentials"]) {
                _ = try ClientCredentials(authorization: nil, form: $0)
            }
        },
        Step("no Basic credentials", "RFC 7617 §2", "base64 of client_id:secret") { _ in
            try await refused { _ = try ClientCredentials(authorization: "Basic ***", form: $0) }
        },
        Step("two clients", "RFC 7521 §4.2", "may be left out") { _ in
            try await refused([.clientID: "shop"]) { _ = try ClientCredentials(authorization: "Basic eDp5", form: $0) }
        },
        Step("a token in the address", "RFC 6750 §2.3", "Authorization header") { _ in
            try await refused([.accessToken: "x"]) { _ = try BearerToken(authorization: nil, form: nil, query: $0) }
        },
        Step("two tokens", "RFC 6750 §2", "header alone") { _ in
            try await refused([.accessToken: "x"]) {
                _ = try BearerToken(authorization: "Bearer y", form: $0, query: FormParameters())
            }
        },
        Step("a revoked access token", "RFC 6750 §3.1", "its grant has ended") { server in
            let given = try await tokens(server)
            _ = try await server.revoke(given.refreshToken)
            return try await refused { _ in _ = try await server.userInfo(given.accessToken) }
        },
        Step("an access token of nobody", "Core §5.3", "of no person") { server in
            let own = try await server.token([.grantType: "client_credentials"]).accessToken
            return try await refused { _ in _ = try await server.userInfo(own) }
        },
        Step("a post_logout_redirect_uri", "RP-Initiated Logout §3", "differs from the registered one by the path") {
            server in
            var client = Client.confidential()
            client.postLogoutRedirectURIs = [RedirectURI.registered("https://shop.example/bye")]
            try await server.register(client)
            let fields: [Parameter: String] = [
                .clientID: "shop", .postLogoutRedirectURI: "https://shop.example/elsewhere",
            ]
            let pairs = fields.map { "\($0.key.rawValue)=\(FormParameters.encode($0.value))" }.joined(separator: "&")
            let decision = try await EndSessionEndpoint(server.environment).respond(
                to: Array(pairs.utf8), session: nil, consent: .unasked)
            guard case .page(let error, let found) = decision else { return nil }
            return Refused(error: error, form: FormParameters(fields), client: found)
        },
        Step("a parameter twice", "RFC 6749 §3.1", "more than once came scope, 1 other") { _ in
            let form = try FormParameters(decoding: Array("scope=a&scope=b&canary=1&canary=2".utf8))
            do throws(OAuthError) {
                try form.requireNoRepetition()
                return nil
            } catch { return Refused(error: error, form: form) }
        },
    ]

    @Test(arguments: front + back)
    func theSectionIsOfTheCheckAndTheAdviceIsTheNearestThing(_ step: Step) async throws {
        let server = try await TestServer()
        let refused = try #require(try await step.walk(server), "nothing was refused")
        let told = Explanation(of: refused.error, to: refused.form, from: refused.client)
        #expect(told.section.contains(step.section), "\(told.section)")
        #expect(told.advice.contains(step.advice), "\(told.advice)")
        #expect(told.check == refused.error.summary.description && !told.advice.contains("canary"))
        // It is in the list, section and all.
        let row = "\(refused.error.code) | \(told.check) | \(told.section) | "
        #expect(RefusalList.text.split(separator: "\n").contains { $0.hasPrefix(row) }, "\(row)")
    }

    @Test(
        "What the operator learns of a code or refresh token, its client does not",
        arguments: [
            ["an unknown code", "an expired code"], ["an unknown refresh token", "an idle refresh token"],
        ])
    func theAnswersAreTheSame(_ names: [String]) async throws {
        var answers: Set<String> = []
        var advice: Set<String> = []
        for step in Self.back where names.contains(step.testDescription) {
            let refused = try #require(try await step.walk(try await TestServer()))
            answers.insert("\(refused.error)")
            advice.insert(refused.error.advice ?? "")
        }
        #expect(answers.count == 1 && advice.count == names.count)
    }
}
