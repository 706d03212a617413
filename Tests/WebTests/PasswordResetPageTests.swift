import AuthorizationServer
import HTTP
import Identity
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Pages of a forgotten password")
struct PasswordResetPageTests {
    /// Everything of an answer that a stranger can compare, but for the address they typed themselves.
    static func shape(_ page: Page, _ email: String) -> String {
        page.text.split(separator: email, omittingEmptySubsequences: false).joined(separator: "ADDRESS")
            + page.response.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
            + "\(page.status)"
    }

    static func ask(_ desk: MailDesk, _ email: String, _ browser: TestBrowser? = nil) async -> Page {
        let browser = browser ?? desk.browser
        return await browser.submit(browser.get("/forgot-password"), ["email": email])
    }

    static func open(_ desk: MailDesk) async throws -> Page {
        #expect(await ask(desk, TestSite.email).status == 200)
        return await desk.browser.get(try MailDesk.link(try await desk.deliver()))
    }

    @Test(.spec("ASVS 6.4.3"))
    func aForgottenPasswordIsReplacedByMail() async throws {
        let desk = try await MailDesk()
        let page = try await Self.open(desk)
        #expect(page.status == 200 && page.text.contains(TestSite.email))
        let short = await desk.browser.submit(page, ["password": "short"])
        #expect(short.status == 422 && short.text.contains("id=\"password-error\""))
        let done = await desk.browser.submit(short, ["password": "a brand new password"])
        #expect(done.status == 200 && done.text.contains("id=\"done\""))
        #expect(await desk.browser.submit(page, ["password": "and yet another one"]).status == 410)
        #expect(try await desk.deliver()?.content.subject.value == "Your password was changed")
        let signIn = await desk.browser.follow(desk.test.authorize())
        let wrong = await desk.browser.submit(signIn, ["email": TestSite.email, "password": TestSite.password])
        #expect(wrong.status == 403)
        let right = await desk.browser.submit(wrong, ["email": TestSite.email, "password": "a brand new password"])
        #expect(right.status == 303)
    }

    @Test(.spec("ASVS 6.3.8"))
    func theAnswerIsTheSameWithAndWithoutAnAccount() async throws {
        let desk = try await MailDesk()
        let known = await Self.ask(desk, TestSite.email)
        let unknown = await Self.ask(desk, "nobody@example.com")
        #expect(known.status == 200)
        #expect(Self.shape(known, TestSite.email) == Self.shape(unknown, "nobody@example.com"))
        try await desk.deliver()
        #expect(desk.inbox.mails.map(\.message.recipient.rawValue) == [TestSite.email])
    }

    @Test func noAddressIsToldNextToItsField() async throws {
        let desk = try await MailDesk()
        let page = await Self.ask(desk, "not an address")
        #expect(page.status == 422 && page.text.contains("aria-describedby=\"email-error\""))
        #expect(try await desk.test.environment.storage.mails.figures().waiting == 0)
        #expect(await Self.ask(desk, TestSite.email).status == 200)
    }

    @Test(.spec("CVE-2023-49097"), arguments: ["Host", "X-Forwarded-Host", "Forwarded", "X-Forwarded-Server"])
    func linksBeginWithTheIssuerWhateverARequestSays(_ name: String) async throws {
        let desk = try await MailDesk()
        desk.browser.headers = [name: name == "Forwarded" ? "host=evil.example" : "evil.example"]
        #expect(await Self.ask(desk, TestSite.email).status == 200)
        let mail = try #require(try await desk.deliver())
        #expect(try MailDesk.link(mail).hasPrefix("https://id.example/reset-password?link="))
        #expect(!mail.content.text.contains("evil") && !mail.content.html.contains("evil"))
    }

    @Test func linksStandBelowTheIssuersPath() async throws {
        let desk = try await MailDesk(issuer: "https://id.example/realm")
        let page = await desk.browser.get("/realm/forgot-password")
        #expect(await desk.browser.submit(page, ["email": TestSite.email]).status == 200)
        let link = try MailDesk.link(try await desk.deliver())
        #expect(link.hasPrefix("https://id.example/realm/reset-password?link="))
        #expect(await desk.browser.get(link).status == 200)
    }

    @Test(.spec("ASVS 3.5.1"))
    func aFormFromElsewhereSpendsNothing() async throws {
        let desk = try await MailDesk()
        let page = try await Self.open(desk)
        let fields = page.hiddenFields.merging(["password": "a brand new password"]) { _, own in own }
        let stranger = TestBrowser(desk.test)
        #expect(await stranger.post("/reset-password", fields).status == 403)
        #expect(
            await desk.browser.post("/reset-password", fields, headers: ["Sec-Fetch-Site": "cross-site"]).status == 403)
        // The token of one form opens no other.
        let token = await desk.browser.get("/forgot-password").hiddenFields["csrf"]
        #expect(await desk.browser.post("/reset-password", fields.merging(["csrf": token ?? ""]) { $1 }).status == 403)
        #expect(await desk.browser.post("/reset-password", fields).status == 200)
    }

    @Test func openingTheLinkManyTimesSpendsNothing() async throws {
        let desk = try await MailDesk()
        let page = try await Self.open(desk)
        let link = try MailDesk.link(desk.inbox.mails.first?.message)
        for _ in 0..<3 { #expect(await TestBrowser(desk.test).get(link).status == 200) }
        #expect(await desk.browser.submit(page, ["password": "a brand new password"]).status == 200)
        #expect(await TestBrowser(desk.test).get(link).status == 410)
    }

    @Test func sessionsEndWithThePassword() async throws {
        let desk = try await MailDesk()
        let other = TestBrowser(desk.test)
        _ = await desk.test.signIn(other)
        let stays = await other.follow(desk.test.authorize(["prompt": "none"]))
        #expect(stays.answer?[.code] != nil)
        let page = try await Self.open(desk)
        #expect(await desk.browser.submit(page, ["password": "a brand new password"]).status == 200)
        let ended = await other.follow(desk.test.authorize(["prompt": "none"]))
        #expect(ended.answer?[.init("error")] == "login_required")
    }

    @Test func withoutMailThereIsNoSuchPage() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        for path in ["/forgot-password", "/reset-password", "/sign-up", "/inbox"] {
            #expect(await browser.get(path).status == 404)
        }
        #expect(await !browser.follow(test.authorize()).text.contains("id=\"forgot\""))
        let desk = try await MailDesk()
        #expect(await desk.browser.follow(desk.test.authorize()).text.contains("id=\"forgot\""))
    }

    @Test func theInboxShowsTextAndHTMLThatCanDoNothing() async throws {
        let desk = try await MailDesk()
        _ = try await Self.open(desk)
        let page = await desk.browser.get("/inbox")
        #expect(page.status == 200 && page.text.contains("Set a new password"))
        let html = await desk.browser.get("/inbox/1")
        let policy = html.response.headers["Content-Security-Policy"] ?? ""
        #expect(html.status == 200 && policy.contains("sandbox") && policy.contains("default-src 'none'"))
        #expect(!policy.contains("allow-scripts") && !policy.contains("allow-same-origin"))
        #expect(html.response.headers["Cache-Control"] == "no-store")
        for path in ["/inbox/2", "/inbox/x", "/inbox/99999999999999999999"] {
            #expect(await desk.browser.get(path).status == 404)
        }
    }
}
