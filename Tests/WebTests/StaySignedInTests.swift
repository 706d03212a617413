import AuthorizationServer
import HTTP
import Identity
import MartletTesting
import Testing
import Web

@Suite("Staying signed in on a device", .spec("ASVS 7.3.1", "ASVS 7.3.2"))
struct StaySignedInTests {
    private static let times = Sessions.Remembered(lifetime: .seconds(30 * 86_400), idleLifetime: .seconds(14 * 86_400))

    /// The cookie of a session as a browser was told it.
    private func cookie(_ page: Page) -> String? {
        page.response.headers.values(of: "Set-Cookie").first { $0.hasPrefix("__Host-martlet-session=") }
            .map { String($0) }
    }

    private func signIn(_ test: TestSite, _ browser: TestBrowser, _ wish: [String: String]) async -> Page {
        let page = await browser.follow(test.environment.issuer.path + "/account")
        let typed = ["email": TestSite.email, "password": TestSite.password]
        return await browser.submit(page, typed.merging(wish) { $1 })
    }

    @Test(
        "Whoever wishes so stays, also when the browser is closed; whoever does not, does not",
        arguments: [true, false])
    func wishes(_ isStaying: Bool) async throws {
        let test = try await TestSite(idleLifetime: .seconds(8 * 3600), remembered: Self.times)
        let browser = TestBrowser(test)
        #expect(await browser.follow("/account").text.contains("<input id=\"stay\" name=\"stay\" type=\"checkbox\""))
        let signedIn = await signIn(test, browser, isStaying ? ["stay": "yes"] : [:])
        #expect(signedIn.status == 303)
        #expect(cookie(signedIn)?.contains("Max-Age=2592000") == isStaying)
        #expect(cookie(signedIn)?.contains("Max-Age") == isStaying)
        test.clock.advance(by: .seconds(13 * 86_400))
        #expect(await browser.get("/account").status == (isStaying ? 200 : 303))
        test.clock.advance(by: .seconds(13 * 86_400))
        #expect(await browser.get("/account").status == (isStaying ? 200 : 303))
        // Thirty days are the end, whoever uses it.
        test.clock.advance(by: .seconds(5 * 86_400))
        #expect(await browser.get("/account").status == 303)
    }

    @Test("The wish waits for the second factor, and outlasts a proof of who one is")
    func secondFactor() async throws {
        let test = try await TestSite(remembered: Self.times)
        let owner = TestBrowser(test)
        let (secret, _) = try await test.turnOn(owner)
        let browser = TestBrowser(test)
        let page = await browser.follow(await signIn(test, browser, ["stay": "yes"]))
        #expect(browser.cookies["__Host-martlet-stay"] == "yes")
        let signedIn = await browser.submit(page, ["code": try test.code(secret)])
        #expect(cookie(signedIn)?.contains("Max-Age=2592000") == true)
        #expect(browser.cookies["__Host-martlet-stay"] == nil)
        // Fresh proof a day later: the page asks for no wish, and the session stays what it was.
        test.clock.advance(by: .seconds(86_400))
        let again = await browser.follow("/account/security")
        #expect(again.hiddenFields["csrf"] != nil && !again.text.contains("id=\"stay\""))
        let typed = ["email": TestSite.email, "password": TestSite.password]
        let proven = await browser.submit(
            await browser.follow(await browser.submit(again, typed)), ["code": try test.code(secret)])
        #expect(cookie(proven)?.contains("Max-Age=2592000") == true)
    }

    @Test("A wish that was taken back at the next password is none")
    func takenBack() async throws {
        let test = try await TestSite(remembered: Self.times)
        let (secret, _) = try await test.turnOn(TestBrowser(test))
        let browser = TestBrowser(test)
        _ = await browser.follow(await signIn(test, browser, ["stay": "yes"]))
        let page = await browser.follow(await signIn(test, browser, [:]))
        #expect(browser.cookies["__Host-martlet-stay"] == nil)
        let signedIn = await browser.submit(page, ["code": try test.code(secret)])
        #expect(cookie(signedIn)?.contains("Max-Age") == false)
    }

    @Test("Where the operator wants it of nobody, nobody is asked, and a wish counts for nothing")
    func notOffered() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        #expect(!(await browser.follow("/account").text.contains("id=\"stay\"")))
        let signedIn = await signIn(test, browser, ["stay": "yes"])
        #expect(signedIn.status == 303 && cookie(signedIn)?.contains("Max-Age") == false)
    }
}
