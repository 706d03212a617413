import AuthorizationServer
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("RP-initiated logout", .spec("OpenID Connect RP-Initiated Logout §2"))
struct EndSessionTests {
    private struct Scene {
        let server: TestServer
        let browser: Browser
        let hint: String

        init() async throws {
            server = try await TestServer()
            browser = try await server.signIn()
            hint = try #require(
                try await server.redeem(server.authorizeSilently([.scope: "openid"], in: browser)).idToken)
        }

        func ask(
            _ form: [Parameter: String], in browser: Browser? = nil, consent: EndSessionEndpoint.Consent = .unasked
        ) async throws -> Result {
            let pairs = form.map { "\($0.key.rawValue)=\(FormParameters.encode($0.value))" }
            return try await ask(pairs.joined(separator: "&"), in: browser ?? self.browser, consent: consent)
        }

        func ask(
            _ form: String, in browser: Browser, consent: EndSessionEndpoint.Consent = .unasked
        ) async throws -> Result {
            let endpoint = EndSessionEndpoint(server.environment)
            switch try await endpoint.respond(to: Array(form.utf8), session: browser.session, consent: consent) {
            case .confirm(_, let client, _): return Result(name: "confirm", client: client?.id.rawValue)
            case .signedOut(let location, let client, _):
                return Result(name: "signed out", location: location, client: client?.id.rawValue)
            case .page(let error, _): return Result(name: error.code.rawValue)
            }
        }

        var isSignedIn: Bool {
            get async throws {
                guard let session = browser.session else { return false }
                return try await server.storage.sessions.find(session.digest, at: server.clock.now) != nil
            }
        }
    }

    private struct Result: Equatable {
        let name: String
        var location: String?
        var client: String?
    }

    private static let bye: [Parameter: String] = [.postLogoutRedirectURI: "https://shop.example/bye"]

    @Test(.spec("L-02", "L-12"))
    func signsOutAndReturnsToTheClientWithItsState() async throws {
        let scene = try await Scene()
        let state = "a b&c=d/é"
        let form = EndSessionTests.bye.merging([.idTokenHint: scene.hint, .state: state]) { $1 }
        let result = try await scene.ask(form)
        #expect(result.location == "https://shop.example/bye?state=" + FormParameters.encode(state))
        #expect(try await !scene.isSignedIn)
        let after = Browser(secret: scene.browser.secret, session: nil)
        #expect(try await scene.server.decide([.prompt: "none"], from: after).answer?[.error] == "login_required")
    }

    @Test(.spec("L-03"))
    func takesAnExpiredHint() async throws {
        let scene = try await Scene()
        scene.server.clock.advance(by: .seconds(10 * 3600))
        let result = try await scene.ask(EndSessionTests.bye.merging([.idTokenHint: scene.hint]) { $1 })
        #expect(result == Result(name: "signed out", location: "https://shop.example/bye", client: "shop"))
    }

    @Test(.spec("Back-Channel Logout §2.7"))
    func endsWhatHangsOnASessionThatHasEndedByItself() async throws {
        let scene = try await Scene()
        let server = scene.server
        let tokens = try await server.redeem(server.authorizeSilently([.scope: "openid"], in: scene.browser))
        let away = Browser(secret: server.environment.newSecret(), session: nil)
        // Somebody uses it, in another browser than this.
        #expect(try await scene.ask([.idTokenHint: scene.hint], in: away).name == "signed out")
        let next = try await server.refresh(tokens.refreshToken)
        server.clock.advance(by: server.environment.policy.sessionIdleLifetime + .seconds(120))
        // Without a hint nobody knows whose session it was.
        #expect(try await scene.ask([.clientID: "shop"], in: away).name == "signed out")
        let last = try await server.refresh(next.refreshToken)
        #expect(try await scene.ask([.idTokenHint: scene.hint], in: away).name == "signed out")
        await #expect(throws: OAuthError.self) { try await server.refresh(last.refreshToken) }
    }

    @Test(.spec("Front-Channel Logout §2", "Back-Channel Logout §2.7"))
    func endsASessionThatLetsNobodyInAnyMoreUnasked() async throws {
        let scene = try await Scene()
        let server = scene.server
        var shop = server.client
        shop.metadata.frontchannelLogoutURI = WebAddress("https://shop.example/out")
        try await server.register(shop)
        _ = try await server.authorizeSilently([.scope: "openid"], for: shop, in: scene.browser)
        let endpoint = EndSessionEndpoint(server.environment)
        let decision = try await endpoint.respond(
            to: [], session: nil, lapsed: scene.browser.session, consent: .unasked)
        guard case .signedOut(nil, nil, let frames) = decision else {
            Issue.record("not signed out")
            return
        }
        #expect(frames.map(\.address) == ["https://shop.example/out"])
        #expect(try await !scene.isSignedIn)
        let told = try await server.storage.participations.list(after: nil, limit: 9)
        #expect(told.map(\.clientID) == [shop.id])
    }

    @Test(.spec("L-04", "L-09", "L-11"))
    func asksThePersonWhereNothingProvesThatTheyWantIt() async throws {
        let scene = try await Scene()
        #expect(try await scene.ask([:]) == Result(name: "confirm"))
        #expect(try await scene.ask([.clientID: "shop"]) == Result(name: "confirm", client: "shop"))
        let elsewhere = try await scene.server.signIn()
        #expect(try await scene.ask([.idTokenHint: scene.hint], in: elsewhere).name == "confirm")
        let ada = try await scene.server.signIn(scene.server.addUser("ada"))
        #expect(try await scene.ask([.idTokenHint: scene.hint], in: ada).name == "confirm")
        #expect(try await scene.isSignedIn)
        #expect(try await scene.ask([:], consent: .confirmed) == Result(name: "signed out"))
        #expect(try await !scene.isSignedIn)
    }

    @Test(.spec("L-05", "RP-Initiated Logout §3"))
    func sendsNobodyAnywhereWithoutAHint() async throws {
        let scene = try await Scene()
        let form = EndSessionTests.bye.merging([.clientID: "shop"]) { $1 }
        #expect(try await scene.ask(form, consent: .confirmed).location == nil)
        #expect(try await scene.ask(EndSessionTests.bye, consent: .confirmed).name == "invalid_request")
    }

    @Test(
        .spec("L-06"),
        arguments: [
            "https://shop.example/bye/", "https://shop.example/Bye", "https://shop.example/bye?x=1",
            "https://evil.example/bye",
            "https://shop.example/callback", "https://shop.example/bye#", "//evil.example", "javascript:alert(1)",
            "/bye",
            "https://shop.example/bye\u{301}", "https://app.example/bye",
        ])
    func sendsNobodyToAnUnregisteredAddress(_ address: String) async throws {
        let scene = try await Scene()
        let form: [Parameter: String] = [.idTokenHint: scene.hint, .postLogoutRedirectURI: address]
        #expect(try await scene.ask(form) == Result(name: "invalid_request"))
        #expect(try await scene.ask(form, consent: .confirmed) == Result(name: "invalid_request"))
        #expect(try await scene.isSignedIn)
    }

    @Test(.spec("L-07"))
    func refusesAHintThatIsNotOurs() async throws {
        let scene = try await Scene()
        let other = try await TestServer(seed: 7)
        let foreign = try #require(try await other.redeem(other.authorize()).idToken)
        let access = try await scene.server.redeem(scene.server.authorize()).accessToken
        let parts = scene.hint.split(separator: ".")
        let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.\(parts[1])."
        for hint in [
            foreign, access, unsigned, scene.hint.dropLast() + "B", "\(parts[0]).\(parts[1]).", "x", scene.hint + "\n",
        ] {
            let form = EndSessionTests.bye.merging([.idTokenHint: String(hint)]) { $1 }
            #expect(try await scene.ask(form) == Result(name: "invalid_request"))
        }
        #expect(try await scene.isSignedIn)
    }

    @Test(.spec("L-08"))
    func refusesAClientThatIsNotTheOneOfTheHint() async throws {
        let scene = try await Scene()
        try await scene.server.register(.open())
        #expect(try await scene.ask([.idTokenHint: scene.hint, .clientID: "app"]).name == "invalid_request")
        #expect(try await scene.ask([.idTokenHint: scene.hint, .clientID: "shop"]).name == "signed out")
    }

    @Test(.spec("L-10"))
    func isFineWithNobodySignedIn() async throws {
        let scene = try await Scene()
        let nobody = scene.server.browser()
        #expect(try await scene.ask([:], in: nobody) == Result(name: "signed out"))
        let form = EndSessionTests.bye.merging([.idTokenHint: scene.hint]) { $1 }
        #expect(try await scene.ask(form, in: nobody).location == "https://shop.example/bye")
    }

    @Test(.spec("H-09", "H-12"), arguments: ["state=1&state=2", "id_token_hint=a&id_token_hint=b", "x=%", "x=%FF"])
    func refusesAMalformedRequest(_ form: String) async throws {
        let scene = try await Scene()
        #expect(try await scene.ask(form, in: scene.browser) == Result(name: "invalid_request"))
        #expect(try await scene.isSignedIn)
    }
}
