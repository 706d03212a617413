import AuthorizationServer
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("A person's way through a request")
struct InteractionsTests {
    private struct Scene {
        let server: TestServer
        let browser: Browser
        let id: String
        var interactions: Interactions { Interactions(server.environment) }

        init(_ changes: [Parameter: String?] = [:], client: Client? = nil, signedIn: Bool = false) async throws {
            server = try await TestServer()
            if let client { try await server.register(client) }
            browser = signedIn ? try await server.signIn() : server.browser()
            id = try #require(try await server.decide(changes, for: client, from: browser).interaction)
        }

        /// Signs in on the page of the interaction.
        func signIn(_ person: User? = nil) async throws -> (Browser, InteractionStep) {
            let browser = try await server.signIn(person, in: browser)
            return (browser, try await interactions.choose(try #require(browser.session), for: id, from: browser))
        }
    }

    @Test(.spec("A-96", "OpenID Connect Core §3.1.2.4"))
    func leadsFromSignInOverConsentToTheAnswer() async throws {
        let scene = try await Scene()
        #expect(try await scene.interactions.step(of: scene.id, from: scene.browser).name == "sign-in")
        let (browser, step) = try await scene.signIn()
        guard case .consent(let pending, let session, let new) = step else { throw WrongTurn() }
        #expect(pending.client.id == scene.server.client.id)
        #expect(pending.redirectURI.rawValue == "https://shop.example/callback")
        #expect(session.userID == scene.server.user.id)
        #expect(new == [.openid, .profile])
        let answer = try await scene.interactions.decide(.allow, on: scene.id, from: browser).answer
        #expect(answer?[.state] == "af0ifjsldkj")
        _ = try await scene.server.redeem(try #require(answer?[.code]))
        // What was allowed is remembered, and more is asked for by itself.
        #expect(try await scene.server.decide(from: browser).answer?[.code] != nil)
        let more = try #require(try await scene.server.decide([.scope: "openid email"], from: browser).interaction)
        guard case .consent(_, _, let rest) = try await scene.interactions.step(of: more, from: browser) else {
            throw WrongTurn()
        }
        #expect(rest == [.email])
    }

    @Test(.spec("A-14"))
    func tellsTheClientOfARefusal() async throws {
        let scene = try await Scene()
        let (browser, _) = try await scene.signIn()
        let answer = try await scene.interactions.decide(.deny, on: scene.id, from: browser).answer
        #expect(answer?[.error] == "access_denied")
        #expect(answer?[.state] == "af0ifjsldkj")
        #expect(answer?[.code] == nil)
        let remembered = try await scene.server.storage.consents.find(
            user: scene.server.user.id, client: scene.server.client.id)
        #expect(remembered.isEmpty)
        #expect(try await scene.interactions.step(of: scene.id, from: browser).end == .finished)
        #expect(try await scene.interactions.decide(.allow, on: scene.id, from: browser).end == .finished)
    }

    @Test(.spec("A-14"))
    func neverTurnsARefusalIntoASuccess() async throws {
        let scene = try await Scene()
        let (browser, _) = try await scene.signIn()
        // Meanwhile the same was allowed in another tab, so this page is not due any more.
        let other = try #require(try await scene.server.decide(from: browser).interaction)
        #expect(try await scene.interactions.decide(.allow, on: other, from: browser).answer?[.code] != nil)
        let answer = try await scene.interactions.decide(.deny, on: scene.id, from: browser).answer
        #expect(answer?[.error] == "access_denied")
        #expect(answer?[.code] == nil)
    }

    @Test(.spec("CVE-2026-49443", "ASVS 2.3.1"))
    func takesNoConsentBeforeItsTime() async throws {
        let scene = try await Scene()
        #expect(try await scene.interactions.decide(.allow, on: scene.id, from: scene.browser).name == "sign-in")
        let choice = try await Scene([.prompt: "select_account"], signedIn: true)
        #expect(try await choice.interactions.decide(.allow, on: choice.id, from: choice.browser).name == "account")
        let login = try await Scene([.prompt: "login"], signedIn: true)
        #expect(try await login.interactions.decide(.allow, on: login.id, from: login.browser).name == "sign-in")
        let (browser, step) = try await login.signIn()
        #expect(step.name == "consent")
        #expect(try await login.interactions.decide(.allow, on: login.id, from: browser).answer?[.code] != nil)
    }

    @Test(.spec("A-98", "CVE-2022-39222", "CVE-2026-9689", "THREATS session fixation"))
    func staysInTheBrowserInWhichItBegan() async throws {
        let scene = try await Scene()
        let victim = try await scene.server.signIn()
        let interactions = scene.interactions
        for browser in [victim, Browser(secret: nil, session: victim.session), Browser(secret: "", session: nil)] {
            #expect(try await interactions.step(of: scene.id, from: browser).end == .otherBrowser)
            let session = try #require(victim.session)
            #expect(try await interactions.choose(session, for: scene.id, from: browser).end == .otherBrowser)
            #expect(try await interactions.decide(.allow, on: scene.id, from: browser).end == .otherBrowser)
            #expect(try await interactions.decide(.deny, on: scene.id, from: browser).end == .otherBrowser)
        }
        #expect(try await scene.signIn().1.name == "consent")
    }

    @Test(.spec("A-99"))
    func doesNotDisturbASecondRequestInTheSameBrowser() async throws {
        let scene = try await Scene([.state: "one"])
        let app = try await scene.server.register(.open())
        let two = try #require(
            try await scene.server.decide([.state: "two"], for: app, from: scene.browser).interaction)
        let (browser, first) = try await scene.signIn()
        #expect(first.name == "consent")
        let second = try await scene.interactions.step(of: two, from: browser)
        #expect(second.name == "consent")
        let answerTwo = try #require(try await scene.interactions.decide(.allow, on: two, from: browser).answer)
        let answerOne = try #require(try await scene.interactions.decide(.allow, on: scene.id, from: browser).answer)
        #expect(answerOne[.state] == "one")
        #expect(answerOne.redirectURI.rawValue == "https://shop.example/callback")
        #expect(answerTwo[.state] == "two")
        #expect(answerTwo.redirectURI.rawValue == "https://app.example/callback")
        _ = try await scene.server.redeem(try #require(answerTwo[.code]), from: app)
        _ = try await scene.server.redeem(try #require(answerOne[.code]))
    }

    @Test(.spec("P-11", "RFC 6749 §4.1.2"))
    func answersOnce() async throws {
        let scene = try await Scene()
        let (browser, _) = try await scene.signIn()
        let outcomes = try await concurrently(20) { [interactions = scene.interactions, id = scene.id] in
            try await interactions.decide(.allow, on: id, from: browser)
        }
        #expect(outcomes.count { $0.answer?[.code] != nil } == 1)
        #expect(outcomes.count { $0.end == .finished } == 19)
        #expect(try await scene.interactions.step(of: scene.id, from: browser).end == .finished)
        let session = try #require(browser.session)
        #expect(try await scene.interactions.choose(session, for: scene.id, from: browser).end == .finished)
    }

    @Test(.spec("RFC 6749 §4.1.2"))
    func answersOnceAlsoWhenAnotherTabIsFaster() async throws {
        func slow(_ scene: Scene) -> Interactions {
            let environment = scene.server.environment
            return Interactions(
                ServerEnvironment(
                    issuer: environment.issuer, policy: environment.policy, clock: scene.server.clock,
                    random: environment.random, storage: scene.server.storage.overtaken(),
                    masterKey: scene.server.masterKey
                )
            )
        }
        for decision in [ConsentDecision.allow, .deny] {
            let scene = try await Scene()
            let (browser, _) = try await scene.signIn()
            #expect(try await slow(scene).decide(decision, on: scene.id, from: browser).end == .finished)
        }
        let chosen = try await Scene()
        let browser = try await chosen.server.signIn(in: chosen.browser)
        let session = try #require(browser.session)
        #expect(try await slow(chosen).choose(session, for: chosen.id, from: browser).end == .finished)
        let allowed = try await Scene([.prompt: "consent"], client: .confidential(party: .first), signedIn: true)
        #expect(try await slow(allowed).step(of: allowed.id, from: allowed.browser).name == "consent")
        let silent = try await Scene(client: .confidential(party: .first))
        let signedIn = try await silent.server.signIn(in: silent.browser)
        #expect(try await slow(silent).step(of: silent.id, from: signedIn).end == .finished)
    }

    @Test func endsWhenItsLifetimeIsOver() async throws {
        let scene = try await Scene()
        scene.server.clock.advance(by: scene.server.environment.policy.interactionLifetime - .seconds(1))
        #expect(try await scene.interactions.step(of: scene.id, from: scene.browser).name == "sign-in")
        scene.server.clock.advance(by: .seconds(1))
        #expect(try await scene.interactions.step(of: scene.id, from: scene.browser).end == .gone)
        #expect(try await scene.interactions.step(of: "nothing", from: scene.browser).end == .gone)
        #expect(try await scene.interactions.step(of: "", from: scene.browser).end == .gone)
    }

    @Test(.spec("A-02", "A-20"))
    func checksTheRequestAnewAtEveryStep() async throws {
        let scene = try await Scene()
        let (browser, _) = try await scene.signIn()
        try await scene.server.register(.confidential(redirectURIs: ["https://shop.example/moved"]))
        // The stored request went with the client it belonged to.
        #expect(try await scene.interactions.decide(.allow, on: scene.id, from: browser).end == .gone)
        var client = Client.confidential()
        try await scene.server.register(client)
        let id = try #require(try await scene.server.decide(from: browser).interaction)
        client.redirectURIs = [.registered("https://shop.example/moved")]
        let moved = try await TestServer(storage: scene.server.storage.replacing(client))
        let step = try await Interactions(moved.environment).decide(.allow, on: id, from: browser)
        #expect(step.end == .withdrawn)
        #expect(try await scene.interactions.decide(.allow, on: id, from: browser).answer?[.code] != nil)
    }
}

/// Clients of which one is not as stored.
private struct ChangedClients: ClientStore {
    let store: any ClientStore
    let changed: Client
    func insert(_ client: Client) async throws -> Bool { false }
    func find(_ id: ClientID) async throws -> Client? { id == changed.id ? changed : try await store.find(id) }
    func list() async throws -> [Client] { try await store.list() }
    func scopes() async throws -> ScopeSet { try await store.scopes() }
    func replace(_ client: Client) async throws -> Bool { false }
    func remove(_ id: ClientID) async throws -> Bool { false }
}

/// Interactions that somebody else finishes as soon as they were looked up.
private struct OvertakenInteractions: InteractionStore {
    let store: any InteractionStore
    func insert(_ interaction: Interaction) async throws { try await store.insert(interaction) }
    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Interaction? {
        let found = try await store.find(digest, at: now)
        _ = try await store.finish(digest, at: now)
        return found
    }
    func choose(_ session: SessionID, for digest: TokenDigest, at now: Timestamp) async throws -> Bool {
        try await store.choose(session, for: digest, at: now)
    }
    func finish(_ digest: TokenDigest, at now: Timestamp) async throws -> Bool {
        try await store.finish(digest, at: now)
    }
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await store.sweep(expiredBy: now, limit: limit)
    }
}

extension Storage {
    fileprivate func overtaken() -> Storage {
        replacing(\.interactions, by: OvertakenInteractions(store: interactions))
    }

    fileprivate func replacing(_ client: Client) -> Storage {
        replacing(\.clients, by: ChangedClients(store: clients, changed: client))
    }
}
