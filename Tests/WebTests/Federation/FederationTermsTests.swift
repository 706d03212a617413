import AuthorizationServer
import FederationTesting
import HTTP
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("New accounts by a connector where there are terms")
struct FederationTermsTests {
    private static let grace = ScriptedPerson("g-1", email: "grace@example.org", name: "Grace Hopper")

    private func site(_ settings: JSONObject = [:]) async throws -> FederationSite {
        try await FederationSite(settings, mail: MailDesk.parts(terms: "https://id.example/terms"))
    }

    private func account(_ site: FederationSite) async throws -> User? {
        try await site.test.environment.storage.users.find(#require(Email("grace@example.org")))
    }

    @Test func thereIsNoAccountBeforeTheTermsAreAccepted() async throws {
        let site = try await site(["claims": ["groups": "groups"], "keep_tokens": true])
        let browser = TestBrowser(site.test)
        var grace = Self.grace
        grace.claims["groups"] = ["g"]
        let page = try await site.signIn(browser, as: grace)
        #expect(page.status == 200 && page.text.contains("https://id.example/terms"))
        #expect(page.text.contains("grace@example.org") && page.text.contains("Login"))
        #expect(try await account(site) == nil)
        let again = await browser.submit(page, [:])
        #expect(again.status == 422 && again.text.contains("id=\"terms-error\""))
        #expect(try await account(site) == nil)
        let end = await browser.follow(await browser.submit(again, ["terms": "accepted"]))
        #expect(end.answer?[.code] != nil)
        let user = try #require(try await account(site))
        #expect(user.name == "Grace Hopper" && user.isEmailVerified)
        #expect(try await site.links(of: user.id) == ["login g-1"])
        // All that the provider said has waited with them.
        let storage = site.test.environment.storage
        #expect(try await storage.memberships.find(user.id).map(\.name.rawValue) == ["login:g"])
        let session = try #require(
            try await storage.upstreamSessions.list(
                ConnectorID(rawValue: "login"), subject: "g-1", at: site.test.clock.now
            ).first)
        #expect(session.sealedTokens != nil)
        // The next time nothing is asked.
        #expect(try await site.signIn(TestBrowser(site.test), as: grace).answer?[.code] != nil)
    }

    @Test func whatWaitsIsOfOneBrowserOneConnectorAndOnce() async throws {
        let site = try await site()
        let (hers, mine) = (TestBrowser(site.test), TestBrowser(site.test))
        let page = try await site.signIn(hers, as: Self.grace)
        _ = try await site.leave(mine)
        mine.cookies["__Host-martlet-link"] = hers.cookies["__Host-martlet-link"]
        #expect(await mine.get("/federation/login/account").status == 410)
        #expect(await hers.get("/federation/other/account").status == 410)
        #expect(await hers.get("/federation/login/account").status == 200)
        let cookie = hers.cookies["__Host-martlet-link"]
        _ = await hers.follow(await hers.submit(page, ["terms": "accepted"]))
        hers.cookies["__Host-martlet-link"] = cookie
        #expect(await hers.submit(page, ["terms": "accepted"]).status == 410)
    }

    @Test func whatWaitsEndsAfterAWhile() async throws {
        let site = try await site()
        let browser = TestBrowser(site.test)
        let page = try await site.signIn(browser, as: Self.grace)
        site.test.clock.advance(by: .seconds(600))
        #expect(await browser.submit(page, ["terms": "accepted"]).status == 410)
        #expect(try await account(site) == nil)
    }

    @Test func whoWantsAPageOfTheAccountGetsThere() async throws {
        let site = try await site()
        let browser = TestBrowser(site.test)
        let away = await browser.get("/account/sign-in/with/login?to=profile")
        let query = try site.provider.authorize(try #require(away.location), as: Self.grace)
        let page = await browser.follow("/federation/login/callback?\(query)")
        let end = await browser.submit(page, ["terms": "accepted"])
        #expect(end.location?.hasSuffix("/account/profile") == true)
    }

    @Test func withoutTermsNothingIsAsked() async throws {
        let site = try await FederationSite(mail: MailDesk.parts())
        #expect(try await site.signIn(TestBrowser(site.test), as: Self.grace).answer?[.code] != nil)
    }

    // Somebody else may have had the account made, by a provider that believes what it is told.
    @Test func theOwnerOfTheAddressIsTold() async throws {
        let site = try await FederationSite(mail: MailDesk.parts())
        _ = try await site.signIn(TestBrowser(site.test), as: Self.grace)
        let mails = try await site.test.environment.storage.mails.list(after: nil, limit: 9)
        #expect(
            mails.filter { $0.details == ["account_made", "Login"] }.map(\.recipient.rawValue) == ["grace@example.org"])
        _ = try await site.signIn(TestBrowser(site.test), as: Self.grace)
        #expect(
            try await site.test.environment.storage.mails.list(after: nil, limit: 99)
                .count { $0.details.first == "account_made" } == 1)
    }
}
