import AuthorizationServer
import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Whose home a connector is")
struct FederationHomeTests {
    private func visit(_ site: FederationSite, _ hint: String?) async -> Page {
        await TestBrowser(site.test).follow(site.test.authorize(["login_hint": hint]))
    }

    @Test func whoIsNamedByTheClientIsSentThereAtOnce() async throws {
        let site = try await FederationSite(["home_domains": ["corp.example"]])
        let away = try #require(await visit(site, "Grace@Corp.example").location)
        #expect(away.hasPrefix(site.provider.issuer + "/authorize?"))
        #expect(try ScriptedUpstream.query(of: away)[Parameter("login_hint")] == "Grace@Corp.example")
        for hint in ["grace@example.org", "grace@sub.corp.example", "corp.example"] {
            #expect(await visit(site, hint).text.contains("id=\"password\""))
        }
        #expect(await visit(site, nil).text.contains("id=\"email\""))
    }

    @Test func whoDoesNotGetInThereIsShownThePage() async throws {
        let site = try await FederationSite(["home_domains": ["corp.example"]])
        let browser = TestBrowser(site.test)
        let away = await browser.follow(site.test.authorize(["login_hint": "grace@corp.example"]))
        let state = try ScriptedUpstream.query(of: try #require(away.location))[Parameter("state")] ?? ""
        let query = ScriptedUpstream.encode([
            ("error", "access_denied"), ("state", state), ("iss", site.provider.issuer),
        ])
        let page = await browser.follow("/federation/login/callback?\(query)")
        #expect(page.status == 200 && page.text.contains("id=\"password\""))
        site.provider.misbehave(.dead)
        site.test.clock.advance(by: .seconds(7200))
        for _ in 0..<4 { _ = await visit(site, "grace@corp.example") }
        #expect(await visit(site, "grace@corp.example").text.contains("id=\"password\""))
    }

    @Test(
        arguments: [
            (["domain_hint": "Corp.example"], true), (["domain_hint": "other.example"], false),
            (["acr_values": "1 idp:login"], true), (["acr_values": "idp:nobody login"], false),
        ] as [([String: String], Bool)])
    func theClientMayNameIt(_ parameters: [String: String], _ isSent: Bool) async throws {
        let site = try await FederationSite(["home_domains": ["corp.example"]])
        let page = await TestBrowser(site.test).follow(site.test.authorize(parameters))
        #expect((page.location?.hasPrefix(site.provider.issuer) ?? false) == isSent)
        #expect((page.status == 200) == !isSent)
    }

    @Test func itMayBeSetForAClient() async throws {
        let direct = try await FederationSite(["direct_clients": ["shop"]])
        #expect(await visit(direct, nil).location?.hasPrefix(direct.provider.issuer) == true)
        let other = try await FederationSite(["direct_clients": ["another"]])
        #expect(await visit(other, nil).status == 200)
    }

    // It has no button, and its address leads nowhere: a client that is not served gets nobody signed in by it.
    @Test func aClientThatIsNotServedHasNoneOfIt() async throws {
        let site = try await FederationSite(["clients": ["another"]])
        let browser = TestBrowser(site.test)
        let page = await browser.follow(site.test.authorize(["acr_values": "idp:login"]))
        #expect(page.status == 200 && !page.text.contains("/with/login\"") && page.text.contains("/with/other\""))
        let other = try #require(page.address(of: "/with/other"))
        #expect(await browser.get(other.replacing("/with/other", with: "/with/login")).status == 404)
        // People's own pages have it: it may be the only way into their account.
        let own = await TestBrowser(site.test).follow("/account/security")
        #expect(own.address(of: "/with/login") != nil)
        let served = try await FederationSite(["clients": ["shop"]])
        #expect(await visit(served, nil).address(of: "/with/login") != nil)
    }

    @Test(arguments: ["/account/security", nil])
    func theAddressIsAskedForFirst(_ path: String?) async throws {
        let site = try await FederationSite(["home_domains": ["corp.example"]])
        let browser = TestBrowser(site.test)
        let start = path ?? site.test.authorize()
        var page = await browser.follow(start)
        #expect(page.text.contains("id=\"email\"") && !page.text.contains("id=\"password\""))
        // The browser goes on from the form to the provider, which its policy must allow.
        #expect(page.response.headers["Content-Security-Policy"]?.contains("form-action 'self' https:") == true)
        let away = await browser.follow(await browser.submit(page, ["email": "grace@corp.example"]))
        #expect(away.location?.hasPrefix(site.provider.issuer + "/authorize?") == true)
        page = await browser.submit(await browser.follow(start), ["email": TestSite.email])
        #expect(page.status == 200 && page.text.contains("id=\"password\"") && page.text.contains(TestSite.email))
        let end = await browser.submit(page, ["email": TestSite.email, "password": TestSite.password])
        #expect(end.status == 303 && browser.cookies["__Host-martlet-session"] != nil)
    }

    // Nobody types it twice, or picks another account there by mistake.
    @Test(arguments: ["/account/security", nil])
    func theTypedAddressGoesAlong(_ path: String?) async throws {
        let site = try await FederationSite(["home_domains": ["corp.example"]])
        let (browser, other) = (TestBrowser(site.test), TestBrowser(site.test))
        func hint(_ page: Page) throws -> String? {
            try ScriptedUpstream.query(of: try #require(page.location))[Parameter("login_hint")]
        }
        let page = await browser.follow(path ?? site.test.authorize())
        let way = try #require(await browser.submit(page, ["email": "grace@corp.example"]).location)
        #expect(!way.contains("grace") && way.contains("hint="))
        #expect(try hint(await browser.get(way)) == "grace@corp.example")
        // What somebody else typed elsewhere, or long ago, is nobody's hint here.
        let theirs = try #require(await other.follow("/account/security").address(of: "/with/login"))
        let foreign = theirs + "&hint=" + String(way.split(separator: "hint=").last ?? "")
        #expect(try hint(await other.get(foreign)) == nil)
        site.test.clock.advance(by: .seconds(600))
        #expect(try hint(await browser.get(way)) == nil)
    }

    // Whoever has a password gets in by it, whatever the home of their address says.
    @Test(arguments: [.refusesTheClient, .dead, nil] as [ScriptedUpstream.Misbehaviour?])
    func thePasswordIsWithinReach(_ misbehaviour: ScriptedUpstream.Misbehaviour?) async throws {
        let site = try await FederationSite(["home_domains": ["example.org"]])
        let browser = TestBrowser(site.test)
        var page = await browser.follow("/account/security")
        let withPassword = try #require(page.attribute("id=\"with-password\" href=\""))
        if let misbehaviour {
            let away = await browser.follow(await browser.submit(page, ["email": "grace@example.org"]))
            let query = try site.provider.authorize(try #require(away.location), as: ScriptedPerson("g-1"))
            site.provider.misbehave(misbehaviour)
            page = await browser.follow("/federation/login/callback?\(query)")
        } else {
            page = await browser.get(withPassword.replacing("&amp;", with: "&"))
        }
        #expect(page.status == 200 && page.text.contains("id=\"password\""))
        _ = await browser.submit(page, ["email": TestSite.email, "password": TestSite.password])
        #expect(browser.cookies["__Host-martlet-session"] != nil)
    }

    @Test func theLastChoiceComesFirst() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        func order(_ page: Page) throws -> Bool {
            let (login, other) = (
                try #require(page.text.firstRange(of: "/with/login")),
                try #require(page.text.firstRange(of: "/with/other"))
            )
            return login.lowerBound < other.lowerBound
        }
        #expect(try order(await browser.follow(site.test.authorize())))
        _ = try await site.signIn(browser, as: ScriptedPerson("o-1", email: "o@example.org"), by: "other")
        browser.cookies["__Host-martlet-session"] = nil
        let page = await browser.follow(site.test.authorize())
        #expect(try !order(page))
        #expect(page.text.contains("You chose this the last time."))
    }
}
