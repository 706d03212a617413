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

    @Test("One tick is for all ways: a passkey opens for as long as the page was told", arguments: [true, false])
    func passkeys(_ isStaying: Bool) async throws {
        let test = try await TestSite(party: .first, remembered: Self.times)
        var key = try TestSite.authenticator()
        #expect(try await test.addPasskey(TestBrowser(test), &key).status == 200)
        for start in ["/account", test.authorize()] {
            let browser = TestBrowser(test)
            let page = await browser.follow(start)
            let options = try await TestSite.options(browser, page)
            var fields = try TestSite.fields(options, try key.answer(request: options.text))
            // What the page's script fills in.
            if isStaying { fields["stay"] = "yes" }
            let signedIn = await browser.submit(page, fields)
            #expect(cookie(signedIn)?.contains("Max-Age=2592000") == isStaying, "\(start)")
            #expect(cookie(signedIn)?.contains("Max-Age") == isStaying, "\(start)")
        }
    }

    private static let grace = ScriptedPerson("g-1", email: "grace@example.org", name: "Grace")

    /// By the button of a provider and back.
    private func signIn(
        _ site: FederationSite, _ browser: TestBrowser, _ start: String, _ button: String
    ) async throws -> Page {
        let page = await browser.follow(start)
        let path = try #require(address(of: button, page))
        let away = try #require(await browser.get(path).location)
        return await browser.get("/federation/login/callback?\(try site.provider.authorize(away, as: Self.grace))")
    }

    private func address(of id: String, _ page: Page) -> String? {
        guard let tag = page.text.firstRange(of: "id=\"\(id)\"") else { return nil }
        return Page(response: .text(String(page.text[tag.upperBound...]))).attribute("href=\"")
    }

    @Test("The button of a provider as well; the tick is not lost on the way", arguments: [true, false])
    func connectors(_ isStaying: Bool) async throws {
        let site = try await FederationSite(remembered: Self.times)
        let button = isStaying ? "stay-with-login" : "with-login"
        for start in ["/account", site.test.authorize()] {
            let signedIn = try await signIn(site, TestBrowser(site.test), start, button)
            #expect(cookie(signedIn)?.contains("Max-Age=2592000") == isStaying, "\(start)")
            #expect(cookie(signedIn)?.contains("Max-Age") == isStaying, "\(start)")
        }
        // Where nobody is asked there is one button, and the wish in its address counts for nothing.
        let other = try await FederationSite()
        let browser = TestBrowser(other.test)
        let page = await browser.follow("/account")
        #expect(page.text.contains("id=\"with-login\"") && !page.text.contains("stay-with"))
        let away = try #require(
            await browser.get("/account/sign-in/with/login?to=overview&stay=yes").location)
        let signedIn = await browser.get(
            "/federation/login/callback?\(try other.provider.authorize(away, as: Self.grace))")
        #expect(cookie(signedIn)?.contains("Max-Age") == false)
    }

    @Test("It outlasts the second factor after a provider, and the page of terms before a new account")
    func connectorsAndMore() async throws {
        let site = try await FederationSite(
            mail: MailDesk.parts(terms: "https://id.example/terms"), remembered: Self.times)
        let newcomer = TestBrowser(site.test)
        let terms = await newcomer.follow(try await signIn(site, newcomer, "/account", "stay-with-login"))
        #expect(newcomer.cookies["__Host-martlet-stay"] == "yes")
        let made = await newcomer.submit(terms, ["terms": "accepted"])
        #expect(cookie(made)?.contains("Max-Age=2592000") == true)
        #expect(newcomer.cookies["__Host-martlet-stay"] == nil)

        let (secret, _) = try await site.test.turnOn(TestBrowser(site.test))
        let ada = ScriptedPerson("ada-there", email: TestSite.email)
        let link = LinkedIdentity(
            connector: ConnectorID(rawValue: "login"), subject: "ada-there", userID: site.test.user.id, email: nil,
            name: nil, linkedAt: .noon, lastUsedAt: nil)
        #expect(try await site.test.environment.storage.links.link(link) == .linked)
        for (button, isStaying) in [("stay-with-login", true), ("with-login", false)] {
            let browser = TestBrowser(site.test)
            // Whoever came before may have wished something else.
            browser.cookies["__Host-martlet-stay"] = isStaying ? nil : "yes"
            let page = await browser.follow("/account")
            let path = try #require(address(of: button, page))
            let away = try #require(await browser.get(path).location)
            let code = await browser.follow(
                "/federation/login/callback?\(try site.provider.authorize(away, as: ada))")
            let signedIn = await browser.submit(code, ["code": try site.test.code(secret)])
            #expect(cookie(signedIn)?.contains("Max-Age=2592000") == isStaying)
            site.test.clock.advance(by: .seconds(60))
        }
    }

    @Test("A tick is there again when the page is, and goes along with an address that is typed first")
    func shownAgain() async throws {
        let test = try await TestSite(remembered: Self.times)
        let browser = TestBrowser(test)
        let wrong = await browser.submit(
            await browser.follow("/account"), ["email": TestSite.email, "password": "wrong", "stay": "yes"])
        #expect(wrong.text.contains("value=\"yes\" checked>"))
        let plain = await browser.submit(wrong, ["email": TestSite.email, "password": "wrong"])
        #expect(plain.text.contains("id=\"stay\"") && !plain.text.contains("checked>"))

        let site = try await FederationSite(["home_domains": ["example.org"]], remembered: Self.times)
        let other = TestBrowser(site.test)
        for start in ["/account", site.test.authorize()] {
            let first = await other.follow(start)
            #expect(first.text.contains("id=\"stay\"") && !first.text.contains("id=\"password\""))
            let home = await other.submit(first, ["email": "grace@example.org", "stay": "yes"])
            #expect(home.location?.contains("stay=yes&hint=") == true, "\(start)")
            let next = await other.submit(first, ["email": TestSite.email, "stay": "yes"])
            #expect(next.text.contains("value=\"yes\" checked>") && next.text.contains("id=\"password\""))
        }
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
