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

@Suite("What the log of events says of connectors")
struct FederationEventTests {
    private static let grace = ScriptedPerson("g-1", email: "grace@example.org")

    private func events(_ site: FederationSite, _ action: AuditAction) async throws -> [AuditEvent] {
        try await site.test.audit.flush()
        return try await site.test.environment.storage.audit.find(AuditSearch(), limit: 99)
            .filter { $0.action == action.rawValue }
    }

    private func details(_ event: AuditEvent?, _ name: String) throws -> String? {
        try event?.details.map { try JSONObject(parsing: Array($0.utf8)) }?[name]?.string
    }

    // Whatever comes back from a provider and lets nobody in has a reason.
    @Test(arguments: [
        (ScriptedUpstream.Misbehaviour.otherAudience, "wrong_audience"), (.refusesTheCode, "refused_code"),
        (.failsAtTheTokenEndpoint, "server_error"),
    ])
    func whoIsNotLetInIsNotedWithTheReason(_ misbehaviour: ScriptedUpstream.Misbehaviour, _ reason: String) async throws
    {
        let site = try await FederationSite()
        site.provider.misbehave(misbehaviour)
        _ = try await site.signIn(TestBrowser(site.test), as: Self.grace)
        let event = try await events(site, .signIn).first
        #expect(event?.outcome == .refused && event?.actor == .stranger)
        #expect(try details(event, "connector") == "login" && details(event, "reason") == reason)
        site.provider.misbehave()
        _ = try await site.signIn(TestBrowser(site.test), as: Self.grace)
        #expect(try await events(site, .signUp).count == 1)
    }

    @Test func whomThePolicyKeepsOutIsNotedWithTheReason() async throws {
        let site = try await FederationSite(["domains": ["example.com"]])
        _ = try await site.signIn(TestBrowser(site.test), as: Self.grace)
        let event = try await events(site, .signIn).first
        #expect(event?.outcome == .refused)
        #expect(try details(event, "reason") == "foreign_domain" && details(event, "connector") == "login")
    }

    @Test func aSignOutThatIsNotTheProvidersIsNoted() async throws {
        let site = try await FederationSite()
        _ = try await site.signIn(TestBrowser(site.test), as: Self.grace)
        let browser = TestBrowser(site.test)
        #expect(await browser.post("/federation/login/logout", ["logout_token": "a.b.c"]).status == 400)
        let refused = try await events(site, .signOut).first
        #expect(try refused?.outcome == .refused && details(refused, "connector") == "login")
        let token = try site.provider.logoutToken(["sub": "g-1"])
        #expect(await browser.post("/federation/login/logout", ["logout_token": token]).status == 200)
        let done = try await events(site, .signOut).first { $0.outcome == .succeeded }
        #expect(try done?.subject != nil && details(done, "connector") == "login")
    }
}
