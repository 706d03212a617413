import AuthorizationServer
import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Signing in by a connector: what goes wrong")
struct FederationRefusalTests {
    // An answer of a provider accepts nothing: the account is made where the terms are, and the provider linked to it.
    @Test func whoHasToAcceptTermsMakesTheAccountByHand() async throws {
        let terms = try await FederationSite(mail: MailDesk.parts(terms: "https://id.example/terms"))
        let grace = ScriptedPerson("g-1", email: "grace@example.org")
        let page = try await terms.signIn(TestBrowser(terms.test), as: grace)
        #expect(page.text.contains("Create one and accept its terms.") && page.text.contains("/sign-up"))
        #expect(try await terms.test.environment.storage.users.find(Email("grace@example.org")!) == nil)
        let none = try await FederationSite(mail: MailDesk.parts())
        #expect(try await none.signIn(TestBrowser(none.test), as: grace).answer?[.code] != nil)
    }

    @Test func accountsOfOneNetworkAreLimited() async throws {
        let site = try await FederationSite()
        for number in 0..<30 {
            let person = ScriptedPerson("g-\(number)", email: "g\(number)@example.org")
            #expect(try await site.signIn(TestBrowser(site.test), as: person).answer?[.code] != nil)
        }
        let grace = ScriptedPerson("g-31", email: "grace@example.org")
        let page = try await site.signIn(TestBrowser(site.test), as: grace)
        #expect(page.text.contains("from your network"))
        // Who has an account comes in, and after a while the next one too.
        #expect(
            try await site.signIn(TestBrowser(site.test), as: ScriptedPerson("g-1", email: "g1@example.org"))
                .answer?[.code] != nil)
        site.test.clock.advance(by: .seconds(60))
        #expect(try await site.signIn(TestBrowser(site.test), as: grace).answer?[.code] != nil)
    }

    @Test func theAnswerOfAnotherBrowserSignsNobodyIn() async throws {
        let site = try await FederationSite()
        let (mallory, victim) = (TestBrowser(site.test), TestBrowser(site.test))
        let query = try site.provider.authorize(
            try await site.leave(mallory), as: ScriptedPerson("mallory", email: "mallory@example.org"))
        _ = await victim.follow(site.test.authorize())
        let page = await victim.follow("/federation/login/callback?\(query)")
        #expect(page.status == 403)
        #expect(victim.cookies["__Host-martlet-session"] == nil)
        // Where it began it works, once.
        #expect(await mallory.follow("/federation/login/callback?\(query)").answer?[.code] != nil)
        let again = await mallory.follow("/federation/login/callback?\(query)")
        #expect(again.answer == nil)
    }

    @Test func twoConnectorsDoNotMix() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let query = try site.provider.authorize(try await site.leave(browser), as: ScriptedPerson())
        #expect(await browser.follow("/federation/other/callback?\(query)").status == 403)
        #expect(await browser.follow("/federation/login/callback?\(query)").answer?[.code] != nil)
    }

    @Test func aDisabledConnectorIsDeadInEveryFlow() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let start = await browser.follow(site.test.authorize())
        let path = try #require(start.address(of: "/with/login"))
        let query = try site.provider.authorize(try await site.leave(browser), as: ScriptedPerson())
        let connectors = site.test.environment.storage.connectors
        var connector = try #require(try await connectors.find(ConnectorID(rawValue: "login")))
        connector.disabledAt = .noon
        #expect(try await connectors.replace(connector))
        try await site.test.site.reload()
        #expect(await browser.get(path).status == 404)
        #expect(await browser.get("/account/sign-in/with/login").status == 404)
        #expect(await browser.get("/federation/login/callback?\(query)").status == 404)
        #expect(await browser.post("/federation/login/callback", ["code": "c", "state": "s"]).status == 404)
        #expect(await !browser.follow(site.test.authorize()).text.contains("/with/login"))
        connector.disabledAt = nil
        #expect(try await connectors.replace(connector))
        try await site.test.site.reload()
        #expect(await browser.follow("/federation/login/callback?\(query)").answer?[.code] != nil)
    }

    @Test func aPostedAnswerComesBackAsAnAddress() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let query = try site.provider.authorize(try await site.leave(browser), as: ScriptedPerson())
        let fields = try FormParameters(decoding: Array(query.utf8))
        var form: [String: String] = [:]
        for name in ["code", "state", "iss"] { form[name] = fields[Parameter(name)] }
        // Another site posts it, and so it comes without cookies.
        let cookies = browser.cookies
        browser.cookies = [:]
        let moved = await browser.post(
            "/federation/login/callback", form, headers: ["Origin": "https://login.example"])
        #expect(moved.status == 303)
        browser.cookies = cookies
        #expect(await browser.follow(moved).answer?[.code] != nil)
    }

    @Test(arguments: [
        (ScriptedUpstream.Misbehaviour.otherNonce, "could not be verified"),
        (.slowTokenAnswer, "does not answer"), (.refusesTheClient, "does not work right now"),
        (.refusesTheCode, "took too long"),
    ])
    func whatGoesWrongIsSaidAndAnotherWayIsThere(
        _ misbehaviour: ScriptedUpstream.Misbehaviour, _ words: String
    ) async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let query = try site.provider.authorize(try await site.leave(browser), as: ScriptedPerson())
        site.provider.misbehave(misbehaviour)
        let page = await browser.follow("/federation/login/callback?\(query)")
        #expect(page.status == 200 && page.text.contains(words))
        #expect(page.text.contains("id=\"password\"") && page.text.contains("/with/other"))
        #expect(!site.test.failures.texts.isEmpty)
        // The other ways still work.
        let end = await browser.submit(page, ["email": TestSite.email, "password": TestSite.password])
        #expect(await browser.follow(end).answer?[.code] != nil)
    }

    @Test func whoCancelsThereIsToldSoKindly() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let address = try await site.leave(browser)
        let state = try ScriptedUpstream.query(of: address)[Parameter("state")] ?? ""
        let query = ScriptedUpstream.encode([
            ("error", "access_denied"), ("state", state), ("iss", site.provider.issuer),
        ])
        let page = await browser.follow("/federation/login/callback?\(query)")
        #expect(page.text.contains("cancelled there"))
        #expect(site.test.failures.texts.isEmpty)
    }

    @Test func aDeadProviderIsSaidToRestAndDelaysNobody() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        site.provider.misbehave(.dead)
        let start = await browser.follow(site.test.authorize())
        let path = try #require(start.address(of: "/with/login"))
        for _ in 0..<3 { #expect(await browser.follow(path).text.contains("does not answer")) }
        let asked = site.provider.calls.count
        let page = await browser.follow(path)
        #expect(page.text.contains("Another way works meanwhile") && site.provider.calls.count == asked)
        #expect(try await site.signIn(TestBrowser(site.test), by: "other").answer?[.code] != nil)
    }

    @Test(arguments: ["problem=declined&with=nobody", "problem=%3Cb%3E&with=login", "with=login", "problem=declined"])
    func aPageSaysNothingThatAnAddressMakesUp(_ query: String) async throws {
        let site = try await FederationSite()
        let page = await TestBrowser(site.test).get("/account/sign-in?\(query)")
        #expect(page.status == 200 && !page.text.contains("id=\"connector-problem\"") && !page.text.contains("<b>"))
        let said = await TestBrowser(site.test).get("/account/sign-in?problem=declined&with=login")
        #expect(said.text.contains("id=\"connector-problem\""))
    }
}
