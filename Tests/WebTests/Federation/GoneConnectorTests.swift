import AuthorizationServer
import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Whoever needs a connector that is gone reads so, and goes on")
struct GoneConnectorTests {
    private static let id = ConnectorID(rawValue: "login")
    private static let words = "This way to sign in is no longer offered."

    enum Change: CaseIterable {
        case disabled, removed
    }

    private func take(_ change: Change, _ site: FederationSite) async throws {
        let connectors = site.test.environment.storage.connectors
        switch change {
        case .removed: #expect(try await connectors.remove(Self.id))
        case .disabled:
            var connector = try #require(try await connectors.find(Self.id))
            connector.disabledAt = .noon
            #expect(try await connectors.replace(connector))
        }
        try await site.test.site.reload()
    }

    private func bringBack(_ site: FederationSite) async throws {
        let connectors = site.test.environment.storage.connectors
        var connector = try #require(try await connectors.find(Self.id))
        connector.disabledAt = nil
        #expect(try await connectors.replace(connector))
        try await site.test.site.reload()
    }

    private func grace() -> ScriptedPerson {
        var person = ScriptedPerson("g-1", email: "grace@example.org")
        person.claims["sid"] = "s-1"
        return person
    }

    @Test(arguments: Change.allCases)
    func whoComesBackMeanwhileReadsWhyAndGoesOnOtherwise(_ change: Change) async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let query = try site.provider.authorize(try await site.leave(browser), as: grace())
        let calls = site.provider.calls.count
        try await take(change, site)
        let page = await browser.follow("/federation/login/callback?\(query)")
        #expect(page.status == 200 && page.text.contains(Self.words))
        #expect(page.address(of: "/with/login") == nil)
        // Also by a page of the provider, which posts it without our cookies.
        let fields = try FormParameters(decoding: Array(query.utf8))
        let form = ["code": "c", "state": fields[Parameter("state")] ?? ""]
        let posted = await TestBrowser(site.test).post("/federation/login/callback", form)
        #expect(posted.location?.contains("code") == false)
        #expect(await browser.follow(posted).text.contains(Self.words))
        // Its word counts for nothing, and nothing is asked of it.
        #expect(browser.cookies["__Host-martlet-session"] == nil && site.provider.calls.count == calls)
        // To whoever did not leave here it is no connector at all.
        #expect(await TestBrowser(site.test).get("/federation/login/callback?\(query)").status == 404)
        #expect(await browser.get("/federation/login/callback?state=made-up&code=x").status == 404)
        let end = await browser.submit(page, ["email": TestSite.email, "password": TestSite.password])
        #expect(await browser.follow(end).answer?[.code] != nil)
    }

    @Test func whoeverPressesAnOldButtonReadsItToo() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let start = await browser.follow(site.test.authorize())
        let path = try #require(start.address(of: "/with/login"))
        let calls = site.provider.calls.count
        try await take(.disabled, site)
        for address in [path, "/account/sign-in/with/login", "/account/sign-in/with/login?to=security"] {
            let page = await browser.follow(address)
            #expect(page.status == 200 && page.text.contains(Self.words), "\(address)")
        }
        // In the interaction of another browser it leads nowhere.
        #expect(await TestBrowser(site.test).get(path).location == nil)
        #expect(site.provider.calls.count == calls)
        try await bringBack(site)
        #expect(await browser.get(path).location?.hasPrefix(site.provider.issuer) == true)
        // Nobody makes a page say it of one that is there.
        let page = await browser.get("/account/sign-in?problem=off&with=login")
        #expect(page.status == 200 && !page.text.contains("id=\"connector-problem\""))
    }

    // Disabled because of a breach is when the provider's word that somebody is to go counts most.
    @Test func theProviderStillEndsWhatBeganByIt() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        #expect(try await site.signIn(browser, as: grace()).answer?[.code] != nil)
        try await take(.disabled, site)
        #expect(await browser.get(site.test.authorize(["prompt": "none"])).answer?[.code] != nil)
        func tell(_ claims: JSONObject) async throws -> Int {
            let token = try site.provider.logoutToken(claims)
            return await TestBrowser(site.test).post("/federation/login/logout", ["logout_token": token]).status
        }
        #expect(try await tell(["sub": "g-1", "aud": "another"]) == 400)
        #expect(await browser.get(site.test.authorize(["prompt": "none"])).answer?[.code] != nil)
        #expect(try await tell(["sub": "g-1"]) == 200)
        #expect(await browser.get(site.test.authorize(["prompt": "none"])).answer?[.code] == nil)
    }

    @Test func nobodyIsSentThereToSignOutAndWhoIsThereComesBack() async throws {
        let site = try await FederationSite(["sign_out": true])
        let bye = "https://shop.example/bye"
        func farewell(_ browser: TestBrowser) async throws -> String {
            let code = try #require(try await site.signIn(browser, as: grace()).answer?[.code])
            let idToken = try #require(await site.test.redeem(code).json["id_token"]?.string)
            return "/logout?"
                + ScriptedUpstream.encode([("id_token_hint", idToken), ("post_logout_redirect_uri", bye)])
        }
        let (early, late) = (TestBrowser(site.test), TestBrowser(site.test))
        let away = try #require(await early.get(try await farewell(early)).location)
        #expect(away.hasPrefix(site.provider.issuer + "/logout?"))
        let path = try await farewell(late)
        try await take(.disabled, site)
        #expect(await late.get(path).location == bye)
        // Who has gone there before finds the way on.
        let state = try ScriptedUpstream.query(of: away)[Parameter("state")] ?? ""
        let back = ScriptedUpstream.encode([("state", state)])
        #expect(await early.get("/federation/login/signed-out?" + back).location == bye)
        #expect(await TestBrowser(site.test).get("/federation/login/signed-out?" + back).status == 200)
    }
}
