import AuthorizationServer
import JOSE
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

    @Test(.spec("L-02", "OpenID Connect Core §8.1"))
    func knowsByAPairwiseSubjectWhoIsMeant() async throws {
        let server = try await TestServer()
        var shop = server.client
        shop.metadata.subjectType = .pairwise
        try await server.register(shop)
        let browser = try await server.signIn()
        func tokens() async throws -> TokenResponse {
            try await server.redeem(
                try await server.authorizeSilently([.scope: "openid"], for: shop, in: browser), from: shop)
        }
        func signOut(_ hint: String, _ session: Session?) async throws -> String? {
            let form = EndSessionTests.bye.merging([.idTokenHint: hint]) { $1 }
            let pairs = form.map { "\($0.key.rawValue)=\(FormParameters.encode($0.value))" }
            let decision = try await EndSessionEndpoint(server.environment).respond(
                to: Array(pairs.joined(separator: "&").utf8), session: session, consent: .unasked)
            guard case .signedOut(let location, _, _) = decision else { return nil }
            return location
        }
        let first = try await tokens()
        let hint = try #require(first.idToken)
        let claims = try UnverifiedJWT(parsing: hint).unverifiedClaims()
        #expect(claims.subject != server.user.id.rawValue && claims.jwtID != nil)
        let again = try await server.refresh(first.refreshToken, from: shop)
        server.clock.advance(by: server.environment.policy.sessionIdleLifetime + .seconds(120))
        let other = try await server.signIn(server.addUser("ada"))
        let theirs = try #require(
            try await server.redeem(
                try await server.authorizeSilently([.scope: "openid"], for: shop, in: other), from: shop
            ).idToken)
        // Of somebody else it ends nothing.
        #expect(try await signOut(theirs, nil) == "https://shop.example/bye")
        let last = try await server.refresh(again.refreshToken, from: shop)
        #expect(try await signOut(hint, nil) == "https://shop.example/bye")
        #expect(await refusal { try await server.refresh(last.refreshToken, from: shop) } == .invalidGrant)
        // While the session goes on, it is known by its own name.
        let second = try await server.signIn()
        let living = try #require(
            try await server.redeem(
                try await server.authorizeSilently([.scope: "openid"], for: shop, in: second), from: shop
            ).idToken)
        #expect(try await signOut(living, second.session) == "https://shop.example/bye")
        let session = try #require(second.session)
        #expect(try await server.storage.sessions.find(session.digest, at: server.clock.now) == nil)
    }

    @Test(.spec("Front-Channel Logout §2", "Back-Channel Logout §2.7"))
    func endsASessionThatLetsNobodyInAnyMoreForWhoeverMeansIt() async throws {
        let scene = try await Scene()
        let server = scene.server
        var shop = server.client
        shop.metadata.frontchannelLogoutURI = WebAddress("https://shop.example/out")
        try await server.register(shop)
        _ = try await server.authorizeSilently([.scope: "openid"], for: shop, in: scene.browser)
        let endpoint = EndSessionEndpoint(server.environment)
        // Any page can lead a browser here.
        let unasked = try await endpoint.respond(
            to: [], session: nil, lapsed: scene.browser.session, consent: .unasked)
        guard case .confirm = unasked else {
            Issue.record("not asked")
            return
        }
        let isThere = try await scene.isSignedIn
        #expect(isThere)
        let decision = try await endpoint.respond(
            to: [], session: nil, lapsed: scene.browser.session, consent: .confirmed)
        guard case .signedOut(nil, nil, let frames) = decision else {
            Issue.record("not signed out")
            return
        }
        #expect(frames.map(\.address) == ["https://shop.example/out"])
        #expect(try await !scene.isSignedIn)
        let told = try await server.storage.participations.list(after: nil, limit: 9)
        #expect(told.map(\.clientID) == [shop.id])
    }

    @Test(.spec("L-02", "L-11"))
    func takesAHintForTheProofThatASessionWhichLapsedIsMeant() async throws {
        let scene = try await Scene()
        let form = Array("id_token_hint=\(scene.hint)".utf8)
        let endpoint = EndSessionEndpoint(scene.server.environment)
        let other = try await scene.server.signIn(scene.server.addUser("ada"))
        let theirs = try await endpoint.respond(to: form, session: nil, lapsed: other.session, consent: .unasked)
        guard case .confirm = theirs else {
            Issue.record("the hint of somebody else")
            return
        }
        let own = try await endpoint.respond(
            to: form, session: nil, lapsed: scene.browser.session, consent: .unasked)
        guard case .signedOut = own else {
            Issue.record("not signed out")
            return
        }
        let isThere = try await scene.isSignedIn
        #expect(!isThere)
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
