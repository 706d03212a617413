import HTTP
import Identity
import MartletTesting
import Testing

@Suite("Guessing a password in a browser", .spec("W-08", "W-09"))
struct SignInLimitTests {
    @Test("After five failures a page counts down, for known and unknown addresses alike")
    func countsDown() async throws {
        let test = try await TestSite()
        var limited: [String] = []
        for email in [TestSite.email, "nobody@example.org"] {
            let browser = TestBrowser(test)
            var page = await browser.follow(test.authorize())
            for _ in 1...5 {
                page = await browser.submit(page, ["email": email, "password": "a wrong password"])
                #expect(page.status == 403 && page.text.contains("don’t match"))
            }
            page = await browser.submit(page, ["email": email, "password": TestSite.password])
            #expect(page.status == 429)
            #expect(page.response.headers["Retry-After"] == "301")
            #expect(page.text.contains("data-seconds=\"301\""))
            #expect(page.hiddenFields["csrf"] != nil)
            #expect(browser.cookies.keys.sorted() == ["__Host-martlet-browser"])
            limited.append(String(page.text.filter { $0 != "\n" }.split(separator: "<form")[0]))
            test.clock.advance(by: .seconds(301))
            page = await browser.submit(page, ["email": TestSite.email, "password": TestSite.password])
            #expect(page.status == 303)
        }
        #expect(limited[0] == limited[1])
    }

    @Test("Whoever has signed in in this browser is not locked out of it by others")
    func knownBrowser() async throws {
        let test = try await TestSite(limits: .init(perAddress: 0, perNetwork: 0))
        let (mine, other) = (TestBrowser(test), TestBrowser(test))
        let right = ["email": TestSite.email, "password": TestSite.password]
        #expect(await mine.submit(mine.follow(test.authorize()), right).status == 303)
        #expect(mine.cookies["__Host-martlet-known"] != nil)
        // Signing out leaves it.
        mine.cookies["__Host-martlet-session"] = nil
        var page = await other.follow(test.authorize())
        for _ in 1...5 { page = await other.submit(page, ["email": TestSite.email, "password": "a wrong password"]) }
        #expect(await other.submit(page, right).status == 429)
        #expect(await mine.submit(mine.follow(test.authorize()), right).status == 303)
    }
}
