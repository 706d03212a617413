import AuthorizationServer
import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("A disabled connector is dead in every flow")
struct DisabledConnectorTests {
    private static let grace = ScriptedPerson("g-1", email: "grace@example.org")

    private func set(_ site: FederationSite, isEnabled: Bool) async throws {
        let connectors = site.test.environment.storage.connectors
        var connector = try #require(try await connectors.find(ConnectorID(rawValue: "login")))
        connector.disabledAt = isEnabled ? nil : .noon
        #expect(try await connectors.replace(connector))
        try await site.test.site.reload()
    }

    /// Disabled first, and then as it was.
    private func inBothStates(
        _ site: FederationSite, _ body: (_ isEnabled: Bool) async throws -> Void
    ) async throws {
        for isEnabled in [false, true] {
            try await set(site, isEnabled: isEnabled)
            try await body(isEnabled)
        }
    }

    @Test(arguments: [
        ["login_hint": "grace@example.org"], ["domain_hint": "example.org"], ["acr_values": "idp:login"], [:],
    ])
    func nobodyIsSentThere(_ request: [String: String]) async throws {
        let site = try await FederationSite(["home_domains": ["example.org"], "direct_clients": ["shop"]])
        try await inBothStates(site) { isEnabled in
            let page = await TestBrowser(site.test).follow(site.test.authorize(request.mapValues(Optional.some)))
            #expect((page.location?.hasPrefix(site.provider.issuer) == true) == isEnabled)
            #expect(isEnabled || page.text.contains("id=\"password\""))
        }
    }

    @Test func noPageOffersIt() async throws {
        let site = try await FederationSite()
        try await inBothStates(site) { isEnabled in
            let page = await TestBrowser(site.test).follow("/account/security")
            #expect((page.address(of: "/with/login") != nil) == isEnabled)
            let security = try await site.security(TestBrowser(site.test))
            #expect(security.text.contains("id=\"connect-login\"") == isEnabled)
            #expect(security.text.contains("id=\"connect-other\""))
        }
    }

    @Test func nothingIsLinkedToIt() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let page = try await site.security(browser)
        let fields = ["csrf": page.hiddenFields["csrf"] ?? "", "connector": "login"]
        // Whoever is under way comes back to a page that says so.
        let away = try #require(await browser.post("/account/security/links/add", fields).location)
        let query = try site.provider.authorize(away, as: Self.grace)
        try await set(site, isEnabled: false)
        #expect(await browser.post("/account/security/links/add", fields).location == "/account/security")
        let back = await browser.follow("/federation/login/callback?\(query)")
        #expect(back.text.contains("id=\"connect-other\"") && back.text.contains("no longer offered"))
        #expect(try await site.links(of: site.test.user.id).isEmpty)
        try await set(site, isEnabled: true)
        _ = await browser.follow("/federation/login/callback?\(query)")
        #expect(try await site.links(of: site.test.user.id) == ["login g-1"])
    }

    @Test func itsTokensAreHandedOutNoMore() async throws {
        let scope = try #require(Scope("upstream:login"))
        let site = try await FederationSite(["keep_tokens": true], scopes: TestSite.scopes.union([scope]))
        let browser = TestBrowser(site.test)
        let page = await browser.follow(site.test.authorize(["scope": "openid upstream:login"]))
        let away = await browser.get(try #require(page.address(of: "/with/login")))
        let query = try site.provider.authorize(try #require(away.location), as: Self.grace)
        let code = try #require(await browser.follow("/federation/login/callback?\(query)").answer?[.code])
        let token = try #require(await site.test.redeem(code).json["access_token"]?.string)
        let client = TestBrowser(site.test)
        client.headers.set("Authorization", "Bearer " + token)
        try await inBothStates(site) { isEnabled in
            #expect((await client.get("/federation/login/token").status == 200) == isEnabled)
        }
    }

    @Test func signingOutLeadsThereNoMore() async throws {
        let site = try await FederationSite(["sign_out": true])
        try await inBothStates(site) { isEnabled in
            try await set(site, isEnabled: true)
            let browser = TestBrowser(site.test)
            _ = try await site.signIn(browser, as: Self.grace)
            try await set(site, isEnabled: isEnabled)
            let away = await browser.submit(await browser.follow("/logout"), ["decision": "sign-out"])
            #expect((away.location?.hasPrefix(site.provider.issuer) == true) == isEnabled)
            #expect(browser.cookies["__Host-martlet-session"] == nil)
        }
    }

    // What waits for the second factor began there: it rests, and goes on where the connector comes back in time.
    @Test(arguments: [true, false])
    func nobodyComesInByASecondFactorThatIsUnderWay(_ hasClient: Bool) async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let link = LinkedIdentity(
            connector: ConnectorID(rawValue: "login"), subject: "g-1", userID: site.test.user.id, email: nil, name: nil,
            linkedAt: .noon, lastUsedAt: nil)
        #expect(try await site.test.environment.storage.links.link(link) == .linked)
        let secret = try await site.test.turnOn(TestBrowser(site.test)).secret
        let start = await browser.follow(hasClient ? site.test.authorize() : "/account")
        let away = await browser.get(try #require(start.address(of: "/with/login")))
        let query = try site.provider.authorize(try #require(away.location), as: Self.grace)
        let page = await browser.follow("/federation/login/callback?\(query)")
        #expect(page.text.contains("name=\"code\""))
        try await inBothStates(site) { isEnabled in
            _ = await browser.follow(await browser.submit(page, ["code": try site.test.code(secret)]))
            #expect((browser.cookies["__Host-martlet-session"] != nil) == isEnabled)
        }
    }

    // Another node has disabled it a moment ago, and this one does not know it yet.
    @Test func whoComesBackInThatMomentIsNotLetIn() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let query = try site.provider.authorize(try await site.leave(browser), as: Self.grace)
        let connectors = site.test.environment.storage.connectors
        var connector = try #require(try await connectors.find(ConnectorID(rawValue: "login")))
        connector.disabledAt = .noon
        #expect(try await connectors.replace(connector))
        #expect(await browser.follow("/federation/login/callback?\(query)").answer == nil)
        #expect(browser.cookies["__Host-martlet-session"] == nil)
        connector.disabledAt = nil
        #expect(try await connectors.replace(connector))
        #expect(try await site.signIn(browser, as: Self.grace).answer?[.code] != nil)
    }
}
