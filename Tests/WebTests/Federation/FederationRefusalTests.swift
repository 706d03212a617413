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
        // The count of the network is in the store, for all nodes.
        site.test.clock.advance(by: .seconds(60))
        #expect(try await site.signIn(TestBrowser(site.test), as: grace).text.contains("from your network"))
        site.test.clock.advance(by: .seconds(600))
        #expect(try await site.signIn(TestBrowser(site.test), as: grace).answer?[.code] != nil)
    }

    // A whole organization comes from one network on one day.
    @Test func whoIsOfAKnownDomainIsNotCountedByNetwork() async throws {
        let site = try await FederationSite(["domains": ["example.org"]])
        for number in 0..<40 {
            let person = ScriptedPerson("g-\(number)", email: "g\(number)@example.org")
            #expect(try await site.signIn(TestBrowser(site.test), as: person).answer?[.code] != nil)
            site.test.clock.advance(by: .seconds(3))
        }
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
        for address in [path, "/account/sign-in/with/login", "/federation/login/callback?\(query)"] {
            #expect(await browser.follow(address).text.contains("no longer offered"), "\(address)")
        }
        let posted = await browser.post("/federation/login/callback", ["code": "c", "state": "s"])
        #expect(posted.location == "/federation/login/callback?state=s")
        #expect(await browser.follow(posted).status == 404)
        #expect(await !browser.follow(site.test.authorize()).text.contains("/with/login"))
        connector.disabledAt = nil
        #expect(try await connectors.replace(connector))
        try await site.test.site.reload()
        #expect(await browser.follow("/federation/login/callback?\(query)").answer?[.code] != nil)
    }

    /// Signs in at a provider, whose page posts the answer; it comes from another site, and so without cookies.
    private func post(
        _ site: FederationSite, _ browser: TestBrowser, _ changes: [String: String] = [:]
    ) async throws -> Page {
        let query = try site.provider.authorize(try await site.leave(browser), as: ScriptedPerson())
        let fields = try FormParameters(decoding: Array(query.utf8))
        var form = changes
        for name in ["code", "state", "iss"] where form[name] == nil { form[name] = fields[Parameter(name)] }
        let cookies = browser.cookies
        browser.cookies = [:]
        let moved = await browser.post(
            "/federation/login/callback", form, headers: ["Origin": "https://login.example"])
        browser.cookies.merge(cookies) { new, _ in new }
        return moved
    }

    @Test(.spec("OAuth 2.0 Form Post Response Mode §2"))
    func aPostedAnswerNeverStandsInAnAddress() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let moved = try await post(site, browser, ["user": #"{"name":{"firstName":"Ada","lastName":"Lovelace"}}"#])
        #expect(moved.status == 303)
        let location = try #require(moved.location)
        #expect(!location.contains("code") && !location.contains("Ada") && location.contains("callback?state="))
        let line = try #require(moved.response.headers["Set-Cookie"])
        #expect(line.contains("HttpOnly") && line.contains("Secure") && line.contains("Max-Age=60"))
        #expect(!line.contains("code-1"))
        #expect(await browser.follow(moved).answer?[.code] != nil)
        #expect(browser.cookies.keys.allSatisfy { !$0.hasSuffix("martlet-answer") })
    }

    @Test func aPostedAnswerCountsForItsOwnStateAlone() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let first = try await post(site, browser)
        // What another page posts meanwhile takes its place in the browser, and neither is the other's.
        let second = try await post(site, browser)
        #expect(await browser.follow(first).answer?[.code] == nil)
        let third = try await post(site, browser)
        let other = try #require(third.location?.replacing("/login/", with: "/other/"))
        let cookies = browser.cookies
        #expect(await browser.get(other).status == 403)
        browser.cookies = cookies
        #expect(await TestBrowser(site.test).follow(third).status == 403)
        #expect(await browser.follow(third).answer?[.code] != nil)
        #expect(await browser.follow(second).answer?[.code] == nil)
    }

    @Test(arguments: [["state": ""], ["code": String(repeating: "c", count: 4000)]])
    func whatIsNoAnswerIsNotKept(_ changes: [String: String]) async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let moved = try await post(site, browser, changes)
        #expect(moved.status == 403 && moved.response.headers["Set-Cookie"] == nil)
        #expect(try await post(site, browser).status == 303)
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
