import HTTP
import Identity
import MartletTesting
import Testing
import Web

@Suite("A warning before the session ends", .spec("WCAG 2.2 §2.2.1", "ASVS 7.3.1"))
struct TimeOutWarningTests {
    private func warnsAfter(_ page: Page) -> Int? { page.attribute("data-after=\"").flatMap { Int($0) } }

    @Test("Two minutes before nobody used it for too long, and opening the page again goes on")
    func idle() async throws {
        let test = try await TestSite(idleLifetime: .seconds(1800))
        let browser = TestBrowser(test)
        var page = await test.openAccount(browser, "/account/security")
        #expect(warnsAfter(page) == 1680)
        #expect(page.text.contains("<a id=\"stay-signed-in\" href=\"/account/security\">"))
        // Where no script counts, the page says it at once.
        #expect(page.text.contains("<noscript><p class=\"hint\">You will be signed out 30 minutes after"))
        for _ in 1...3 {
            test.clock.advance(by: .seconds(1790))
            page = await browser.get("/account")
            #expect(page.status == 200 && warnsAfter(page) == 1680)
        }
        test.clock.advance(by: .seconds(1861))
        #expect(await browser.get("/account").location?.contains("sign-in") == true)
    }

    @Test("Two minutes before its end, whoever uses it")
    func absolute() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await test.openAccount(browser)
        let lifetime = 86_400
        #expect(warnsAfter(page) == lifetime - 120)
        #expect(page.text.contains("<noscript><p class=\"hint\">You will be signed out 24 hours after"))
        test.clock.advance(by: .seconds(lifetime - 60))
        #expect(warnsAfter(await browser.get("/account")) == 0)
        test.clock.advance(by: .seconds(61))
        #expect(await browser.get("/account").location?.contains("sign-in") == true)
    }
}
