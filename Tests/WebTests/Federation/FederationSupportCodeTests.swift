import AuthorizationServer
import Federation
import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Synchronization
import Testing
import Web

@Suite("The support code of a refusal at a connector, on the page and in the log")
struct FederationSupportCodeTests {
    private final class Told: Sendable {
        private let all = Mutex<[String: Explanation]>([:])

        func note(_ id: RequestID, _ explanation: Explanation) { all.withLock { $0[id.description] = explanation } }
        subscript(code: String) -> Explanation? { all.withLock { $0[code] } }
    }

    private static func code(on page: Page) -> String? {
        page.attribute("<code id=\"support-code\">", until: "<")
    }

    @Test(arguments: [
        (ScriptedUpstream.Misbehaviour.otherNonce, UpstreamFault.Reason.wrongNonce),
        (.refusesTheClient, .refusedClient), (.refusesTheCode, .refusedCode), (.slowTokenAnswer, .timedOut),
    ])
    func aFaultOfTheProviderIsExplainedUnderTheCodeThatThePageShows(
        _ misbehaviour: ScriptedUpstream.Misbehaviour, _ reason: UpstreamFault.Reason
    ) async throws {
        let told = Told()
        let site = try await FederationSite(refusals: { told.note($0, $1) })
        let browser = TestBrowser(site.test)
        let query = try site.provider.authorize(try await site.leave(browser), as: ScriptedPerson())
        site.provider.misbehave(misbehaviour)
        let refused = await browser.get("/federation/login/callback?\(query)")
        let page = await browser.follow(refused)
        let code = try #require(Self.code(on: page))
        #expect(refused.status == 303 && page.status == 200)
        let explanation = try #require(told[code], "the log knows nothing of \(code)")
        #expect(explanation.code == reason.rawValue && explanation.check.contains("login"))
        #expect(explanation.section == reason.section && explanation.advice == reason.remedy)
        // Nothing of it is said to the person.
        #expect(!page.text.contains(reason.section) && !page.text.contains(reason.rawValue))
    }

    @Test func whatWeRefuseOurselvesIsExplainedToo() async throws {
        let told = Told()
        let site = try await FederationSite(["domains": ["example.net"]], refusals: { told.note($0, $1) })
        let page = try await site.signIn(
            TestBrowser(site.test), as: ScriptedPerson("g-1", email: "grace@example.org"))
        let code = try #require(Self.code(on: page))
        let explanation = try #require(told[code])
        #expect(explanation.code == "domain" && explanation.advice.contains("domains"))
        #expect(!explanation.section.isEmpty && !explanation.advice.contains("grace"))
    }

    @Test("A connector that is gone", arguments: [true, false])
    func gone(_ isAccount: Bool) async throws {
        let told = Told()
        let site = try await FederationSite(refusals: { told.note($0, $1) })
        let browser = TestBrowser(site.test)
        let start = await browser.follow(site.test.authorize())
        let path = isAccount ? "/account/sign-in/with/login" : try #require(start.address(of: "/with/login"))
        #expect(try await site.test.environment.storage.connectors.remove(ConnectorID(rawValue: "login")))
        try await site.test.site.reload()
        let page = await browser.follow(path)
        let code = try #require(Self.code(on: page))
        #expect(told[code]?.code == "off")
    }

    @Test(
        "No page shows a code that an address made up",
        arguments: [
            "call-0800-123456-now", "%3Cb%3Ex", "ABCDEFGHIJKLM", "a", "k3v7q2mz5yhpa1",
        ])
    func madeUp(_ text: String) async throws {
        let site = try await FederationSite()
        let page = await TestBrowser(site.test).get("/account/sign-in?problem=declined&with=login&support=\(text)")
        #expect(page.text.contains("id=\"connector-problem\"") && Self.code(on: page) == nil)
        // One of ours, and one as proxies give them.
        for code in ["k3v7q2mz5yhpa", "3f1c0b7e-9a44-4f0e-8f0e-1d2c3b4a5f60"] {
            let shown = await TestBrowser(site.test).get("/account/sign-in?problem=declined&with=login&support=\(code)")
            #expect(Self.code(on: shown) == code)
        }
    }

    @Test("Every fault has a section and a remedy of its own", arguments: UpstreamFault.Reason.allCases)
    func everyFault(_ reason: UpstreamFault.Reason) {
        #expect(reason.section.contains("§") && reason.remedy.hasSuffix("."))
    }
}

extension Page {
    /// What stands between an opening and the next `end`.
    fileprivate func attribute(_ opening: String, until end: Character) -> String? {
        text.firstRange(of: opening).map { String(text[$0.upperBound...].prefix { $0 != end }) }
    }
}
