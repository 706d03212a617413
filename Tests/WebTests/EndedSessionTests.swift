import AuthorizationServer
import HTTP
import Identity
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

/// Who ends the session of a lost laptop wants the second factor asked on it as well.
@Suite("Sessions that are ended from elsewhere", .spec("ASVS 7.4.2", "ASVS 7.5.2"))
struct EndedSessionTests {
    private static let laptop = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    private static let phone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E148 Safari/604.1"

    /// A browser in which somebody is signed in, and that is remembered.
    private func remembered(_ test: TestSite, _ agent: String, _ secret: [UInt8]) async throws -> TestBrowser {
        let browser = TestBrowser(test)
        browser.headers.set("User-Agent", agent)
        let page = await test.passwordDone(browser)
        _ = await browser.submit(page, ["code": try test.code(secret), "remember": "yes"])
        test.clock.advance(by: .seconds(60))
        #expect(browser.cookies["__Host-martlet-device"] != nil)
        return browser
    }

    private func session(_ test: TestSite, _ browser: TestBrowser) async throws -> Session {
        let secret = try #require(browser.cookies["__Host-martlet-session"])
        return try #require(try await test.sessions.find(secret))
    }

    /// Whether the second factor is asked for after the password.
    private func isAsked(_ test: TestSite, _ browser: TestBrowser) async -> Bool {
        browser.cookies["__Host-martlet-session"] = nil
        return await test.passwordDone(browser).text.contains("name=\"code\"")
    }

    @Test("Its browser is asked for the second factor again; other browsers are not")
    func one() async throws {
        let test = try await TestSite(party: .first)
        let (secret, _) = try await test.turnOn(TestBrowser(test))
        let lost = try await remembered(test, Self.laptop, secret)
        let phone = try await remembered(test, Self.phone, secret)
        // Another one that is called like the lost one: whoever ends the session sits at it.
        let mine = try await remembered(test, Self.laptop, secret)
        let csrf = try #require(await mine.get("/account/sessions").hiddenFields["csrf"])
        let id = try await session(test, lost).id.rawValue
        _ = await mine.post("/account/sessions/end", ["csrf": csrf, "session": id])
        #expect(await isAsked(test, lost))
        #expect(await !isAsked(test, phone))
        #expect(await !isAsked(test, mine))
    }

    @Test("One's own browser is forgotten only where its own session is ended")
    func own() async throws {
        let test = try await TestSite(party: .first)
        let (secret, _) = try await test.turnOn(TestBrowser(test))
        let mine = try await remembered(test, Self.laptop, secret)
        let csrf = try #require(await mine.get("/account/sessions").hiddenFields["csrf"])
        // A session that is not there, or somebody else's, changes nothing.
        _ = await mine.post("/account/sessions/end", ["csrf": csrf, "session": "none"])
        let devices = test.environment.storage.secondFactors.devices
        #expect(try await devices.list(of: test.user.id, at: test.clock.now).count == 1)
        let id = try await session(test, mine).id.rawValue
        _ = await mine.post("/account/sessions/end", ["csrf": csrf, "session": id])
        #expect(await isAsked(test, mine))
    }

    @Test("All others at once: every browser is asked again")
    func others() async throws {
        let test = try await TestSite(party: .first)
        let (secret, _) = try await test.turnOn(TestBrowser(test))
        let lost = try await remembered(test, Self.laptop, secret)
        let mine = try await remembered(test, Self.phone, secret)
        let csrf = try #require(await mine.get("/account/sessions").hiddenFields["csrf"])
        _ = await mine.post("/account/sessions/end", ["csrf": csrf, "session": "others"])
        #expect(await mine.get("/account/sessions").status == 200)
        #expect(await isAsked(test, lost))
        #expect(await isAsked(test, mine))
    }
}
