import AuthorizationServer
import HTTP
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Web

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

    @Test("An account that strangers have locked everywhere opens to whoever reads its mail", arguments: [true, false])
    func lockedByStrangers(_ isPage: Bool) async throws {
        let lock = LockRule(failures: 3, step: .seconds(300), longest: .seconds(3600), memory: .seconds(86_400))
        let desk = try await MailDesk(limits: SignInLimits(perAddress: 0, perNetwork: 0, lock: nil, account: lock))
        func fail() async {
            let stranger = TestBrowser(desk.test)
            let page = await stranger.follow(desk.test.authorize())
            for _ in 1...3 {
                _ = await stranger.submit(page, ["email": TestSite.email, "password": "a wrong password"])
            }
        }
        func signIn(_ browser: TestBrowser, _ password: String) async -> Int {
            let page = await browser.follow(desk.test.authorize())
            return await browser.submit(page, ["email": TestSite.email, "password": password]).status
        }
        await fail()
        #expect(await signIn(desk.browser, TestSite.password) == 429)
        let forgot = await desk.browser.get("/forgot-password")
        _ = await desk.browser.submit(forgot, ["email": TestSite.email])
        try await desk.deliver()
        let mail = try #require(
            desk.inbox.mails.map(\.message).first { $0.content.subject.value == "Set a new password" })
        let link = try MailDesk.link(mail)
        let chosen = "violet harbour trombone lamp"
        if isPage {
            #expect(await desk.browser.submit(await desk.browser.get(link), ["password": chosen]).status == 200)
        } else {
            let app = try await App(desk.test, .tokens)
            let token = JSONValue.string(String(link.split(separator: "link=")[1]))
            let answer = try await app.call(.resetPassword, ["resetToken": token, "password": .string(chosen)])
            #expect(answer.status == 204)
        }
        // The count is taken back; and the browser of the page is known, so that the next strangers do not matter to it.
        #expect(await signIn(TestBrowser(desk.test), chosen) == 303)
        await fail()
        #expect(await signIn(TestBrowser(desk.test), chosen) == 429)
        #expect(await signIn(desk.browser, chosen) == (isPage ? 303 : 429))
    }

    @Test("After a reset the app is asked for still, also where the browser was remembered")
    func secondFactorAfterwards() async throws {
        let desk = try await MailDesk()
        let (secret, _) = try await desk.test.turnOn(desk.browser)
        let remembered = TestBrowser(desk.test)
        let first = await desk.test.passwordDone(remembered)
        _ = await remembered.submit(first, ["way": "app", "code": try desk.test.code(secret), "remember": "yes"])
        #expect(remembered.cookies["__Host-martlet-device"] != nil)
        desk.test.clock.advance(by: .seconds(60))
        _ = await remembered.submit(await remembered.get("/forgot-password"), ["email": TestSite.email])
        try await desk.deliver()
        let mail = desk.inbox.mails.map(\.message).first { $0.content.subject.value == "Set a new password" }
        let chosen = "violet harbour trombone lamp"
        let reset = await remembered.get(try MailDesk.link(mail))
        #expect(await remembered.submit(reset, ["password": chosen]).status == 200)
        for browser in [remembered, TestBrowser(desk.test)] {
            let page = await browser.follow(desk.test.authorize())
            let asked = await browser.follow(
                await browser.submit(page, ["email": TestSite.email, "password": chosen]))
            #expect(asked.text.contains("name=\"way\" value=\"app\""))
            let done = await browser.submit(asked, ["code": try desk.test.code(secret)])
            #expect(done.location != nil || done.text.contains("id=\"allow\""))
            desk.test.clock.advance(by: .seconds(60))
        }
    }
}
