import AuthorizationServer
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Authorization code grant", .spec("RFC 6749 §4.1.3"))
struct AuthorizationCodeGrantTests {
    @Test(.spec("T-01", "T-10", "RFC 6749 §5.1", "OpenID Connect Core §3.1.3.3"))
    func givesTokensForACode() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize(), redirectURI: "https://shop.example/callback")
        let wire = try tokens.wire
        #expect(wire["token_type"]?.string == "Bearer")
        #expect(wire["expires_in"]?.integer == 900)
        #expect(wire["access_token"]?.string == tokens.accessToken)
        #expect(wire["refresh_token"]?.string == tokens.refreshToken)
        #expect(wire["id_token"]?.string == tokens.idToken)
        #expect(tokens.refreshToken != nil)
        #expect(tokens.idToken != nil)
    }

    @Test(.spec("T-11", "RFC 6749 §4.1.2"))
    func revokesWhatACodeIssuedWhenItComesASecondTime() async throws {
        let server = try await TestServer()
        let code = try await server.authorize()
        let tokens = try await server.redeem(code)
        _ = try await server.userInfo(tokens.accessToken)
        #expect(await refusal { try await server.redeem(code) } == .invalidGrant)
        #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .invalidToken)
        #expect(await refusal { try await server.refresh(tokens.refreshToken) } == .invalidGrant)
        #expect(await refusal { try await server.redeem(code) } == .invalidGrant)
    }

    @Test(.spec("T-11"))
    func doesNotRevokeForSomebodyWhoOnlySawTheCode() async throws {
        let server = try await TestServer()
        let other = try await server.register(.confidential("other"))
        let code = try await server.authorize()
        let tokens = try await server.redeem(code)
        #expect(await refusal { try await server.redeem(code, verifier: nil) } == .invalidGrant)
        #expect(await refusal { try await server.redeem(code, from: other) } == .invalidGrant)
        _ = try await server.refresh(tokens.refreshToken)
    }

    @Test(.spec("T-12"))
    func honoursACodeOnceUnderContention() async throws {
        let server = try await TestServer()
        let code = try await server.authorize()
        let outcomes = try await concurrently(20) { await refusal { try await server.redeem(code) } }
        #expect(outcomes.count { $0 == nil } == 1)
        #expect(outcomes.count { $0 == .invalidGrant } == 19)
    }

    @Test(.spec("T-13"))
    func refusesACodeAfterAMinute() async throws {
        let server = try await TestServer()
        let (early, late) = (try await server.authorize(), try await server.authorize())
        server.clock.advance(by: .seconds(59))
        _ = try await server.redeem(early)
        server.clock.advance(by: .seconds(1))
        #expect(await refusal { try await server.redeem(late) } == .invalidGrant)
    }

    @Test(.spec("T-14"))
    func refusesACodeOfAnotherClient() async throws {
        let server = try await TestServer()
        let other = try await server.register(.confidential("other"))
        let code = try await server.authorize()
        #expect(await refusal { try await server.redeem(code, from: other) } == .invalidGrant)
        _ = try await server.redeem(code)
    }

    @Test(
        .spec("T-15"),
        arguments: [
            "https://shop.example/callback/", "https://shop.example/Callback", "https://shop.example:443/callback", "x",
            "https://shop.example/other", "https://shop.example/callback\u{301}",
        ])
    func refusesAnotherRedirectURI(_ address: String) async throws {
        let server = try await TestServer()
        try await server.register(
            .confidential(redirectURIs: ["https://shop.example/callback", "https://shop.example/other"])
        )
        let code = try await server.authorize()
        #expect(await refusal { try await server.redeem(code, redirectURI: address) } == .invalidGrant)
        _ = try await server.redeem(code, redirectURI: "https://shop.example/callback")
    }

    @Test(.spec("T-15", "RFC 8252 §7.3"))
    func wantsThePortThatWasUsed() async throws {
        let server = try await TestServer()
        let app = try await server.register(.open(redirectURIs: ["http://127.0.0.1/cb"]))
        let code = try await server.authorize([.redirectURI: "http://127.0.0.1:5000/cb"], for: app)
        let wrong = await refusal { try await server.redeem(code, redirectURI: "http://127.0.0.1:5001/cb", from: app) }
        #expect(wrong == .invalidGrant)
        _ = try await server.redeem(code, redirectURI: "http://127.0.0.1:5000/cb", from: app)
    }

    @Test(.spec("T-19"))
    func refusesWhenTheAccountWasDisabledMeanwhile() async throws {
        let server = try await TestServer()
        let code = try await server.authorize()
        let another = try await server.authorize(as: server.addUser("ada"))
        _ = try await server.storage.users.disable(server.user.id, at: server.clock.now)
        #expect(await refusal { try await server.redeem(code) } == .invalidGrant)
        _ = try await server.redeem(another)
    }

    @Test(.spec("T-19"))
    func refusesWhenConsentWasWithdrawnMeanwhile() async throws {
        let server = try await TestServer()
        let code = try await server.authorize()
        try await server.storage.consents.withdraw(user: server.user.id, client: server.client.id, at: server.clock.now)
        #expect(await refusal { try await server.redeem(code) } == .invalidGrant)
        _ = try await server.redeem(server.authorize())
    }

    @Test(.spec("RFC 6749 §5.2"))
    func refusesAnUnknownCodeAndNone() async throws {
        let server = try await TestServer()
        #expect(await refusal { try await server.redeem("nothing") } == .invalidGrant)
        #expect(await refusal { try await server.redeem(String(repeating: "c", count: 1_000_000)) } == .invalidGrant)
        #expect(await refusal { try await server.redeem("") } == .invalidRequest)
        #expect(await refusal { try await server.redeem(server.authorize() + "=") } == .invalidGrant)
    }

    @Test(.spec("T-05"))
    func spendsNothingWhenItCannotSign() async throws {
        let server = try await TestServer()
        let code = try await server.authorize()
        let keyless = ServerEnvironment(
            issuer: server.environment.issuer, policy: Policy(), clock: server.clock, random: SeededRandom(),
            storage: server.storage, masterKey: server.masterKey
        )
        let form: [Parameter: String] = [
            .grantType: "authorization_code", .code: code, .codeVerifier: TestServer.verifier,
        ]
        await #expect(throws: KeyRing.LoadError.self) {
            try await TokenEndpoint(keyless).respond(to: FormParameters(form), from: server.client)
        }
        _ = try await server.redeem(code)
    }
}
