import AuthorizationServer
import HTTP
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Pages
import Stores
import Testing
import Web

@Suite("How good a password is, asked by pages")
struct PasswordStrengthTests {
    private static let words = TestSite.templates + "/../deploy/passwords/words.txt"

    private func site() async throws -> TestSite {
        let judge = PasswordJudge(words: try WordList(path: Self.words), breached: nil)
        return try await TestSite(party: .first, judge: judge)
    }

    /// A browser with its cookie, and the token of the meter.
    private func browser(_ test: TestSite) async throws -> (TestBrowser, token: String) {
        let browser = TestBrowser(test)
        _ = await browser.follow(test.authorize())
        let secret = try #require(browser.cookies["__Host-martlet-browser"])
        return (browser, test.environment.formTokens.token(for: "password strength", browser: secret))
    }

    private func verdict(_ page: Page) throws -> JSONObject {
        #expect(page.status == 200)
        #expect(page.response.headers["Cache-Control"] == "no-store")
        return try JSONObject(parsing: page.response.body.bytes)
    }

    @Test func theVerdictIsThatOfTheJudge() async throws {
        let test = try await site()
        let (browser, token) = try await browser(test)
        let weak = try verdict(
            await browser.post(
                "/password-strength", ["csrf": token, "password": "LovelaceLovelace", "name": "Ada Lovelace"]))
        #expect(weak["acceptable"]?.bool == false)
        let messages = try #require(weak["messages"]?.array).compactMap(\.string)
        #expect(messages.contains("tooWeak") && messages.contains("addWords"))
        let good = try verdict(
            await browser.post("/password-strength", ["csrf": token, "password": "walnut harbour quilt"]))
        #expect(good["acceptable"]?.bool == true && good["score"]?.integer == 4)
    }

    @Test func everyWordOfAVerdictHasAMessage() {
        let names =
            PasswordVerdict.Refusal.allCases.map(\.rawValue) + PasswordVerdict.Warning.allCases.map(\.rawValue)
            + PasswordVerdict.Suggestion.allCases.map(\.rawValue)
        #expect(Set(names) == Set(PasswordAdvice.Message.allCases.map(\.rawValue)))
        #expect(Set(names).count == names.count)
    }

    @Test func onlyOurOwnPagesMayAsk() async throws {
        let test = try await site()
        let (browser, token) = try await browser(test)
        let fields = ["csrf": token, "password": "walnut harbour quilt"]
        #expect(await browser.post("/password-strength", ["password": "walnut harbour quilt"]).status == 403)
        #expect(
            await browser.post("/password-strength", fields, headers: ["Sec-Fetch-Site": "cross-site"]).status == 403)
        let stranger = TestBrowser(test)
        #expect(await stranger.post("/password-strength", fields).status == 403)
        #expect(await browser.post("/password-strength", fields).status == 200)
    }

    @Test func whoAsksTooOftenWaits() async throws {
        let test = try await site()
        let (browser, token) = try await browser(test)
        let fields = ["csrf": token, "password": "walnut harbour quilt"]
        for _ in 0..<120 { #expect(await browser.post("/password-strength", fields).status == 200) }
        #expect(await browser.post("/password-strength", fields).status == 429)
        test.clock.advance(by: .seconds(1))
        #expect(await browser.post("/password-strength", fields).status == 200)
    }

    @Test func whereNobodyChoosesOneThereIsNoSuchPage() async throws {
        let test = try await TestSite(party: .first)
        let (browser, token) = try await browser(test)
        #expect(await browser.post("/password-strength", ["csrf": token, "password": "x"]).status == 404)
    }
}
