import FederationTesting
import MartletTesting
import OAuthTypes
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
        for hint in [nil, "grace@example.org", "grace@sub.corp.example", "corp.example"] {
            #expect(await visit(site, hint).text.contains("id=\"password\""))
        }
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
}
