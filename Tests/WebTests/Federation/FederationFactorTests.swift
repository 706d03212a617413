import AuthorizationServer
import FederationTesting
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Signing in by a connector: second factors")
struct FederationFactorTests {
    private func linked(_ settings: JSONObject) async throws -> (FederationSite, ScriptedPerson) {
        let site = try await FederationSite(settings)
        let person = ScriptedPerson("ada-there", email: TestSite.email)
        let link = LinkedIdentity(
            connector: ConnectorID(rawValue: "login"), subject: "ada-there", userID: site.test.user.id, email: nil,
            name: nil, linkedAt: .noon, lastUsedAt: nil)
        #expect(try await site.test.environment.storage.links.link(link) == .linked)
        _ = try await site.test.turnOn(TestBrowser(site.test))
        return (site, person)
    }

    @Test func anAccountWithASecondFactorIsAskedForIt() async throws {
        let (site, person) = try await linked([:])
        let browser = TestBrowser(site.test)
        let page = try await site.signIn(browser, as: person)
        #expect(page.status == 200 && page.text.contains("name=\"code\""))
        #expect(browser.cookies["__Host-martlet-session"] == nil)
    }

    @Test(
        arguments: [("stated", ["pwd", "mfa"], true), ("stated", ["pwd"], false), ("always", [], true)]
            as [(String, [String], Bool)])
    func unlessTheConnectorIsBelievedToHaveAsked(
        _ trust: String, _ methods: [String], _ isEnough: Bool
    ) async throws {
        let (site, ada) = try await linked(["second_factor": .string(trust)])
        var person = ada
        person.claims["amr"] = .array(methods.map { .string($0) })
        let end = try await site.signIn(TestBrowser(site.test), as: person)
        #expect((end.answer?[.code] != nil) == isEnough)
    }

    // What clients are told of a factor that the provider has asked for: that there were two, never that one was a passkey.
    @Test(
        .spec("OpenID Connect Core §2"),
        arguments: [
            ("stated", ["pwd", "otp", "mfa"], ["pwd", "otp", "mfa"]), ("stated", ["mfa", "pop"], ["mfa"]),
            ("always", ["pop"], ["mfa"]),
        ] as [(String, [String], [String])])
    func aFactorOfABelievedProviderIsToldToClients(
        _ trust: String, _ methods: [String], _ told: [String]
    ) async throws {
        let (site, ada) = try await linked(["second_factor": .string(trust)])
        var person = ada
        person.claims["amr"] = .array(methods.map { .string($0) })
        let browser = TestBrowser(site.test)
        let code = try #require(try await site.signIn(browser, as: person).answer?[.code])
        let idToken = try #require(await site.test.redeem(code).json["id_token"]?.string)
        let claims = try UnverifiedJWT(parsing: idToken).unverifiedClaims()
        #expect(claims["amr"]?.array?.compactMap(\.string) == told)
        #expect(claims["acr"]?.string == AuthenticationContext.multipleFactors.rawValue)
        // Who demands two factors is content with it, and who demands one that cannot be phished is not.
        func isAnswered(_ context: AuthenticationContext) async -> Bool {
            let wish = #"{"id_token":{"acr":{"essential":true,"value":"\#(context.rawValue)"}}}"#
            return await browser.follow(site.test.authorize(["claims": wish])).answer?[.code] != nil
        }
        #expect(await isAnswered(.multipleFactors))
        #expect(await !isAnswered(.phishingResistant))
    }

    // A provider that has known the browser for long proves nothing that is fresh.
    @Test(arguments: [(nil, false), (-3600, false), (0, true)] as [(Int64?, Bool)])
    func anOldProofOpensNoPageThatWantsAFreshOne(_ age: Int64?, _ isFresh: Bool) async throws {
        let site = try await FederationSite()
        let link = LinkedIdentity(
            connector: ConnectorID(rawValue: "login"), subject: "ada-there", userID: site.test.user.id, email: nil,
            name: nil, linkedAt: .noon, lastUsedAt: nil)
        #expect(try await site.test.environment.storage.links.link(link) == .linked)
        var person = ScriptedPerson("ada-there", email: TestSite.email)
        if let age { person.claims["auth_time"] = .integer(site.test.clock.now.seconds + age) }
        let browser = TestBrowser(site.test)
        #expect(try await site.signIn(browser, as: person).answer?[.code] != nil)
        let page = await browser.follow("/account/security")
        #expect(page.text.contains("name=\"password\"") == !isFresh)
        #expect(await browser.get(site.test.authorize(["prompt": "none"])).answer?[.code] != nil)
        // Nor does it meet a client that asks for one.
        let asked = await browser.follow(site.test.authorize(["max_age": "600"]))
        #expect((asked.answer?[.code] != nil) == isFresh)
    }

    // A sign-out everywhere ends what was proven before it, but keeps nobody out.
    @Test func whoWasSignedOutEverywhereComesInAgain() async throws {
        let site = try await FederationSite()
        let link = LinkedIdentity(
            connector: ConnectorID(rawValue: "login"), subject: "ada-there", userID: site.test.user.id, email: nil,
            name: nil, linkedAt: .noon, lastUsedAt: nil)
        let storage = site.test.environment.storage
        #expect(try await storage.links.link(link) == .linked)
        #expect(try await storage.users.setPassword("$new", of: site.test.user.id, at: site.test.clock.now))
        site.test.clock.advance(by: .seconds(60))
        let person = ScriptedPerson("ada-there", email: TestSite.email)
        // Shortly after, an old proof would pass for a fresh one: then by the account's own way.
        let soon = try await site.signIn(TestBrowser(site.test), as: person)
        #expect(soon.answer == nil && soon.text.contains("id=\"password\""))
        site.test.clock.advance(by: .seconds(600))
        let browser = TestBrowser(site.test)
        #expect(try await site.signIn(browser, as: person).answer?[.code] != nil)
        #expect(await browser.follow("/account/security").text.contains("name=\"password\""))
        // One session, and no second beside it.
        #expect(try await storage.sessions.list(of: site.test.user.id, at: site.test.clock.now).count == 1)
    }

    @Test func aCodeMakesNoOldProofFresh() async throws {
        let site = try await FederationSite()
        var person = ScriptedPerson("ada-there", email: TestSite.email)
        person.claims["auth_time"] = .integer(site.test.clock.now.seconds - 3600)
        let link = LinkedIdentity(
            connector: ConnectorID(rawValue: "login"), subject: "ada-there", userID: site.test.user.id, email: nil,
            name: nil, linkedAt: .noon, lastUsedAt: nil)
        #expect(try await site.test.environment.storage.links.link(link) == .linked)
        let secret = try await site.test.turnOn(TestBrowser(site.test)).secret
        let browser = TestBrowser(site.test)
        let page = try await site.signIn(browser, as: person)
        site.test.clock.advance(by: .seconds(60))
        #expect(
            await browser.follow(await browser.submit(page, ["code": try site.test.code(secret)])).answer?[.code]
                != nil)
        #expect(await browser.follow("/account/security").text.contains("name=\"password\""))
    }

    // The record hangs on what was proven, and not on a cookie.
    @Test func aSessionIsKnownToItsProviderWhateverCookieIsDropped() async throws {
        let site = try await FederationSite()
        let person = ScriptedPerson("ada-there", email: TestSite.email)
        let connector = ConnectorID(rawValue: "login")
        let link = LinkedIdentity(
            connector: connector, subject: "ada-there", userID: site.test.user.id, email: nil, name: nil,
            linkedAt: .noon, lastUsedAt: nil)
        let storage = site.test.environment.storage
        #expect(try await storage.links.link(link) == .linked)
        let secret = try await site.test.turnOn(TestBrowser(site.test)).secret
        let browser = TestBrowser(site.test)
        let page = try await site.signIn(browser, as: person)
        browser.cookies["__Host-martlet-link"] = nil
        #expect(
            await browser.follow(await browser.submit(page, ["code": try site.test.code(secret)])).answer?[.code]
                != nil)
        #expect(
            try await storage.upstreamSessions.list(connector, subject: "ada-there", at: site.test.clock.now).count == 1
        )
    }

    // What was proven elsewhere is no password here.
    @Test func theSessionSaysHowItWasOpened() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        _ = try await site.signIn(browser, as: ScriptedPerson("g-1", email: "grace@example.org"))
        let user = try #require(try await site.test.environment.storage.users.find(Email("grace@example.org")!))
        let sessions = try await site.test.environment.storage.sessions.list(of: user.id, at: site.test.clock.now)
        #expect(sessions.count == 1 && sessions[0].methods == [])
    }
}
