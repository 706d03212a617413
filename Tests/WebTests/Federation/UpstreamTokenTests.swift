import AuthorizationServer
import FederationTesting
import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Tokens of a provider for clients")
struct UpstreamTokenTests {
    private static let scope = Scope("upstream:login")!

    private func site(_ settings: JSONObject = ["keep_tokens": true]) async throws -> FederationSite {
        try await FederationSite(settings, scopes: TestSite.scopes.union([UpstreamTokenTests.scope]))
    }

    /// An access token of ours, of a sign-in by the connector.
    private func accessToken(_ site: FederationSite, _ browser: TestBrowser, scope: String) async throws -> String {
        let page = await browser.follow(site.test.authorize(["scope": scope]))
        let away = await browser.get(try #require(page.address(of: "/with/login")))
        let query = try site.provider.authorize(
            try #require(away.location), as: ScriptedPerson("g-1", email: "grace@example.org"))
        let end = await browser.follow("/federation/login/callback?\(query)")
        let code = try #require(end.answer?[.code])
        return try #require(await site.test.redeem(code).json["access_token"]?.string)
    }

    private func ask(_ site: FederationSite, _ token: String, at connector: String = "login") async -> Page {
        let browser = TestBrowser(site.test)
        browser.headers.set("Authorization", "Bearer " + token)
        return await browser.get("/federation/\(connector)/token")
    }

    private func value(_ page: Page, _ name: String) -> String? {
        (try? JSONObject(parsing: Array(page.text.utf8)))?[name]?.string
    }

    @Test func peopleAreToldWhatTheyAllow() async throws {
        let site = try await FederationSite(
            ["keep_tokens": true], party: .third, scopes: TestSite.scopes.union([UpstreamTokenTests.scope]))
        let browser = TestBrowser(site.test)
        let page = await browser.follow(site.test.authorize(["scope": "openid upstream:login"]))
        let away = await browser.get(try #require(page.address(of: "/with/login")))
        let query = try site.provider.authorize(
            try #require(away.location), as: ScriptedPerson("g-1", email: "grace@example.org"))
        let consent = await browser.follow("/federation/login/callback?\(query)")
        #expect(consent.text.contains("Use your account at Login") && !consent.text.contains(">upstream:login<"))
    }

    @Test func aClientWithTheScopeGetsThem() async throws {
        let site = try await site()
        let token = try await accessToken(site, TestBrowser(site.test), scope: "openid upstream:login")
        let answer = await ask(site, token)
        #expect(answer.status == 200)
        #expect(value(answer, "access_token")?.hasPrefix("token-of-") == true)
        #expect(value(answer, "scope") == "openid email")
        // What is stored is sealed.
        let records = try await site.test.environment.storage.upstreamSessions.list(
            ConnectorID(rawValue: "login"), subject: "g-1", at: site.test.clock.now)
        let sealed = try #require(records.first?.sealedTokens)
        #expect(!String(decoding: sealed, as: UTF8.self).contains("token-of-"))
    }

    @Test func thatAClientGotThemIsAnEvent() async throws {
        let site = try await site()
        let token = try await accessToken(site, TestBrowser(site.test), scope: "openid upstream:login")
        _ = await ask(site, token)
        let events = try await site.test.environment.storage.audit.find(AuditSearch(), limit: 99)
            .filter { $0.action == "upstream_token_given" }
        #expect(events.count == 1 && events.first?.client == ClientID("shop") && events.first?.actor == .client)
        #expect(events.first?.details?.contains("login") == true && events.first?.subject != nil)
    }

    // As UserInfo takes them: one that says nothing itself stands for the same claims.
    @Test func tokensThatSayNothingAreTaken() async throws {
        let site = try await site()
        let token = try await accessToken(site, TestBrowser(site.test), scope: "openid upstream:login")
        let claims = try #require(Base64URL.decode(String(token.split(separator: ".")[1])))
        let grant = try #require(try JSONObject(parsing: claims)["grant_id"]?.string)
        let storage = site.test.environment.storage
        let opaque = String(repeating: "o", count: 43)
        #expect(await ask(site, opaque).status == 401)
        let end = site.test.clock.now + .seconds(300)
        #expect(
            try await storage.opaqueTokens.insert(
                OpaqueToken(
                    digest: TokenDigest(of: opaque), clientID: try #require(ClientID("shop")),
                    grantID: GrantID(rawValue: grant), claims: String(decoding: claims, as: UTF8.self), expiresAt: end))
        )
        #expect(value(await ask(site, opaque), "access_token")?.hasPrefix("token-of-") == true)
    }

    @Test func nobodyElseDoes() async throws {
        let site = try await site()
        let without = try await accessToken(site, TestBrowser(site.test), scope: "openid")
        let refused = await ask(site, without)
        #expect(refused.status == 403 && value(refused, "error") == "insufficient_scope")
        #expect(await TestBrowser(site.test).get("/federation/login/token").status == 401)
        let browser = TestBrowser(site.test)
        let with = try await accessToken(site, browser, scope: "openid upstream:login")
        #expect(await ask(site, with, at: "other").status == 403)
        #expect(await ask(site, with).status == 200)
        // They end with the session.
        let token = try site.provider.logoutToken(["sub": "g-1"])
        #expect(await browser.post("/federation/login/logout", ["logout_token": token]).status == 200)
        #expect(await ask(site, with).status != 200)
    }

    @Test func noneAreKeptUnlessTheConnectorSaysSo() async throws {
        let site = try await site([:])
        let token = try await accessToken(site, TestBrowser(site.test), scope: "openid upstream:login")
        #expect(await ask(site, token).status == 400)
    }

    // A provider that gives each refresh token out once takes a second use for theft.
    @Test func manyAtOnceRenewThemOnce() async throws {
        let site = try await site()
        let token = try await accessToken(site, TestBrowser(site.test), scope: "openid upstream:login")
        site.test.clock.advance(by: .seconds(301))
        let calls = site.provider.calls.count
        let found = try await concurrently(16) { value(await ask(site, token), "access_token") }
        #expect(Set(found).count == 1)
        #expect(found.first??.hasPrefix("renewed-by-refresh-of-") == true)
        #expect(site.provider.calls.dropFirst(calls).count { $0.hasSuffix("/token") } == 1)
    }

    @Test func oldOnesAreRenewed() async throws {
        let site = try await site()
        let token = try await accessToken(site, TestBrowser(site.test), scope: "openid upstream:login")
        site.test.clock.advance(by: .seconds(290))
        let renewed = await ask(site, token)
        #expect(value(renewed, "access_token")?.hasPrefix("renewed-by-refresh-of-") == true)
        #expect(value(await ask(site, token), "access_token") == value(renewed, "access_token"))
        site.test.clock.advance(by: .seconds(290))
        #expect(value(await ask(site, token), "access_token") != value(renewed, "access_token"))
        site.provider.misbehave(.refusesTheCode)
        site.test.clock.advance(by: .seconds(290))
        #expect(await ask(site, token).status == 400)
    }
}
