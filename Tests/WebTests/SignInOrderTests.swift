import HTTP
import MartletTesting
import Testing
import Web

@Suite("Address and password, on one page or two")
struct SignInOrderTests {
    @Test("The address first: the password follows, for known and unknown addresses alike", arguments: [true, false])
    func addressFirst(_ isClient: Bool) async throws {
        let test = try await TestSite(order: .addressFirst)
        var pages: [String] = []
        for email in [TestSite.email, "eva@example.com"] {
            let browser = TestBrowser(test)
            let first = await browser.follow(isClient ? test.authorize() : "/account")
            #expect(first.text.contains("id=\"email\"") && !first.text.contains("id=\"password\""))
            #expect(first.response.headers["Content-Security-Policy"]?.contains("form-action 'self'") == true)
            let second = await browser.submit(first, ["email": email])
            #expect(second.status == 200 && second.text.contains("id=\"password\""))
            #expect(second.text.contains("value=\"\(email)\""))
            pages.append("\(second.status) \(second.text.utf8.count - email.utf8.count)")
            let signedIn = await browser.submit(second, ["email": email, "password": TestSite.password])
            #expect(signedIn.status == (email == TestSite.email ? 303 : 403))
        }
        #expect(isClient || pages[0] == pages[1])
        // Whoever types both at once, as a password manager does, is signed in.
        let browser = TestBrowser(test)
        let typed = ["email": TestSite.email, "password": TestSite.password]
        #expect(await browser.submit(await browser.follow("/account"), typed).status == 303)
    }

    @Test func togetherUnlessTheOperatorWishesOtherwise() async throws {
        let test = try await TestSite()
        let page = await TestBrowser(test).follow("/account")
        #expect(page.text.contains("id=\"email\"") && page.text.contains("id=\"password\""))
    }
}
