import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Prompts and hints through whole flows", .spec("OpenID Connect Core §3.1.2.1", "OpenID Connect Core §3.1.2.6"))
struct PromptTests {
    @Test(.spec("A-30"), arguments: ["none login", "consent none", "none select_account", "none none login"])
    func noneStandsAlone(_ prompt: String) async throws {
        let server = try await TestServer()
        #expect(try await server.decide([.prompt: prompt], from: server.browser()).answer?[.error] == "invalid_request")
    }

    @Test(.spec("A-31"))
    func noneShowsNoPage() async throws {
        let server = try await TestServer()
        #expect(try await server.decide([.prompt: "none"], from: server.browser()).answer?[.error] == "login_required")
        let browser = try await server.signIn()
        #expect(try await server.decide([.prompt: "none"], from: browser).answer?[.error] == "consent_required")
        _ = try await server.authorizeSilently([:], in: browser)
        #expect(try await server.decide([.prompt: "none"], from: browser).answer?[.code] != nil)
        #expect(try await server.decide([.prompt: "none none"], from: browser).answer?[.code] != nil)
        server.clock.advance(by: .seconds(61))
        let stale = try await server.decide([.prompt: "none", .maxAge: "60"], from: browser).answer
        #expect(stale?[.error] == "login_required")
        #expect(stale?[.state] == "af0ifjsldkj")
    }

    @Test(.spec("A-97"))
    func noneIsNotEnoughForANativeApplication() async throws {
        let server = try await TestServer()
        let app = try await server.register(.open(redirectURIs: ["http://127.0.0.1/cb"], party: .first))
        let browser = try await server.signIn()
        try await server.storage.consents.remember(
            app.scopes, user: server.user.id, client: app.id, at: server.clock.now)
        #expect(
            try await server.decide([.prompt: "none"], for: app, from: browser).answer?[.error] == "consent_required")
    }

    @Test(.spec("A-33", "A-38"), arguments: [[.prompt: "login"], [.maxAge: "0"]] as [[Parameter: String?]])
    func loginWantsANewSignIn(_ changes: [Parameter: String?]) async throws {
        let server = try await TestServer()
        let browser = try await server.signIn()
        _ = try await server.authorizeSilently([:], in: browser)
        server.clock.advance(by: .seconds(30))
        let id = try #require(try await server.decide(changes, from: browser).interaction)
        let interactions = Interactions(server.environment)
        // Reloading, or choosing the session that is there, does not skip it.
        #expect(try await interactions.step(of: id, from: browser).name == "sign-in")
        #expect(try await interactions.choose(try #require(browser.session), for: id, from: browser).name == "sign-in")
        server.clock.advance(by: .seconds(30))
        let again = try await server.signIn(in: browser)
        let answer = try await interactions.choose(try #require(again.session), for: id, from: again).answer
        let claims = try await server.redeem(try #require(answer?[.code])).idClaims
        #expect(claims?["auth_time"]?.integer == server.clock.now.seconds)
    }

    @Test(.spec("A-38"))
    func maxAgeLetsARecentSignInPass() async throws {
        let server = try await TestServer()
        let browser = try await server.signIn()
        _ = try await server.authorizeSilently([:], in: browser)
        server.clock.advance(by: .seconds(600))
        #expect(try await server.decide([.maxAge: "600"], from: browser).answer?[.code] != nil)
        #expect(try await server.decide([.maxAge: "599"], from: browser).interaction != nil)
    }

    @Test(.spec("A-35"))
    func selectAccountAsksWhichEvenWithOneSession() async throws {
        let server = try await TestServer()
        let browser = try await server.signIn()
        _ = try await server.authorizeSilently([:], in: browser)
        let interactions = Interactions(server.environment)
        let id = try #require(try await server.decide([.prompt: "select_account"], from: browser).interaction)
        #expect(try await interactions.step(of: id, from: browser).name == "account")
        let answer = try await interactions.choose(try #require(browser.session), for: id, from: browser).answer
        #expect(answer?[.code] != nil)
    }

    @Test(.spec("A-40"))
    func hintLetsNobodyElseIn() async throws {
        let server = try await TestServer()
        let ada = try await server.addUser("ada")
        let hint = try #require(try await server.redeem(server.authorize(as: ada)).idToken)
        let browser = try await server.signIn()
        _ = try await server.authorizeSilently([:], in: browser)
        let silent = try await server.decide([.idTokenHint: hint, .prompt: "none"], from: browser).answer
        #expect(silent?[.error] == "login_required")
        let interactions = Interactions(server.environment)
        let id = try #require(try await server.decide([.idTokenHint: hint], from: browser).interaction)
        // Whoever else signs in is asked again, and posted consent changes nothing.
        let wrong = try await server.signIn(in: browser)
        #expect(try await interactions.choose(try #require(wrong.session), for: id, from: wrong).name == "sign-in")
        #expect(try await interactions.decide(.allow, on: id, from: wrong).name == "sign-in")
        let right = try await server.signIn(ada, in: browser)
        let answer = try await interactions.choose(try #require(right.session), for: id, from: right).answer
        let tokens = try await server.redeem(try #require(answer?[.code]))
        #expect(try tokens.idClaims?.subject == "u_ada")
        #expect(try await server.decide([.idTokenHint: hint, .prompt: "none"], from: right).answer?[.code] != nil)
    }

    @Test(.spec("A-41"))
    func hintMayBeOldAndOfAnotherClient() async throws {
        let server = try await TestServer()
        let app = try await server.register(.open())
        let hint = try #require(try await server.redeem(server.authorize(for: app), from: app).idToken)
        server.clock.advance(by: .seconds(30 * 86_400))
        let browser = try await server.signIn()
        _ = try await server.authorizeSilently([:], in: browser)
        #expect(try await server.decide([.idTokenHint: hint, .prompt: "none"], from: browser).answer?[.code] != nil)
    }

    @Test(.spec("A-41", "J-13"))
    func hintIsRefusedWhenForged() async throws {
        let server = try await TestServer()
        let browser = try await server.signIn()
        let hint = try #require(try await server.redeem(server.authorize()).idToken)
        let parts = hint.split(separator: ".").map(String.init)
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"
        let claims = "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiJ1X2FkYSIsImF1ZCI6InNob3AifQ"
        for forged in [
            "\(none).\(parts[1]).", "\(none).\(claims).", "\(parts[0]).\(claims).\(parts[2])", parts[1], hint + "x",
        ] {
            let answer = try await server.decide([.idTokenHint: forged], from: browser).answer
            #expect(answer?[.error] == "invalid_request")
        }
    }
}
