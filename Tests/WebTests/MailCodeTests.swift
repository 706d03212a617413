import AuthorizationServer
import HTTP
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Codes by mail as a second factor", .spec("RFC 8176 §2", "ASVS 6.3.4"))
struct MailCodeTests {
    /// A person with codes by mail, and the recovery codes that came along.
    private struct Desk {
        let mail: MailDesk
        let codes: [String]
        let owner: TestBrowser
        var test: TestSite { mail.test }

        init(limits: SignInLimits = SignInLimits()) async throws {
            mail = try await MailDesk(mailCodes: true, limits: limits)
            owner = TestBrowser(mail.test)
            let security = await mail.test.openAccount(owner, "/account/security")
            #expect(security.text.contains("id=\"mail-codes-on\""))
            let token = try #require(security.hiddenFields["csrf"])
            let shown = await owner.post("/account/security/mail-codes", ["csrf": token, "codes": "on"])
            codes = shown.text.split(separator: "<li><code>").dropFirst().map { String($0.prefix { $0 != "<" }) }
            #expect(shown.status == 200 && codes.count == RecoveryCodes.count)
            try await mail.deliver()
            mail.test.clock.advance(by: .seconds(1))
        }

        /// The newest code that was mailed.
        func code() async throws -> String {
            let message = try #require(try await mail.deliver())
            #expect(message.content.subject.value.hasSuffix(" is your sign-in code"))
            return try MailDesk.code(message)
        }

        /// A code that is surely another.
        static func wrong(_ code: String) -> String { code == "000000" ? "000001" : "000000" }
    }

    private func isAnswered(_ page: Page) -> Bool {
        page.location?.hasPrefix(TestSite.redirectURI + "?code=") == true || page.text.contains("id=\"allow\"")
    }

    private func isAsked(_ page: Page) -> Bool { page.text.contains("name=\"way\" value=\"mail\"") }

    @Test("Only where the operator allows them")
    func notOffered() async throws {
        let desk = try await MailDesk()
        let browser = TestBrowser(desk.test)
        let security = await desk.test.openAccount(browser, "/account/security")
        #expect(!security.text.contains("mail-codes"))
        let token = try #require(security.hiddenFields["csrf"])
        let posted = await browser.post("/account/security/mail-codes", ["csrf": token, "codes": "on"])
        #expect(posted.location == "/account/security")
        #expect(try await desk.test.environment.storage.users.find(desk.test.user.id)?.mailCodes == .off)
        // Whoever switched them on before the operator forbade them signs in by the password alone.
        let users = desk.test.environment.storage.users
        #expect(try await users.changeMailCodes(of: desk.test.user.id, from: .off, to: .on))
        #expect(await desk.test.openAccount(TestBrowser(desk.test)).text.contains("id=\"to-security\""))
    }

    @Test("A code follows the password, opens one sign-in once, and is called no second factor")
    func theWholeWay() async throws {
        let desk = try await Desk()
        let browser = TestBrowser(desk.test)
        let page = await desk.test.passwordDone(browser)
        #expect(isAsked(page) && browser.cookies["__Host-martlet-session"] == nil)
        let code = try await desk.code()
        #expect(await browser.submit(page, ["code": Desk.wrong(code)]).status == 403)
        let answer = await browser.follow(browser.submit(page, ["code": code]))
        #expect(isAnswered(answer))
        let secret = try #require(browser.cookies["__Host-martlet-session"])
        let session = try #require(try await desk.test.sessions.find(secret))
        #expect(session.methods == [.password, .oneTimePassword, .multipleChannels])
        #expect(AuthenticationContext(session.methods) == .password)
        // The same code, in the same browser and in another one.
        for other in [browser, TestBrowser(desk.test)] {
            other.cookies["__Host-martlet-session"] = nil
            let again = await desk.test.passwordDone(other)
            #expect(await other.submit(again, ["code": code]).status == 403)
        }
    }

    @Test("The account pages take it as fresh proof")
    func freshness() async throws {
        let desk = try await Desk()
        let security = await desk.owner.follow("/account/security")
        let page = await desk.owner.follow(
            desk.owner.submit(security, ["password": TestSite.password, "email": TestSite.email]))
        #expect(isAsked(page))
        let shown = await desk.owner.follow(desk.owner.submit(page, ["code": try await desk.code()]))
        #expect(shown.text.contains("id=\"mail-codes-off\""))
        let token = try #require(shown.hiddenFields["csrf"])
        let off = await desk.owner.post("/account/security/mail-codes", ["csrf": token, "codes": "off"])
        #expect(off.location == "/account/security")
        #expect(await desk.owner.get("/account/security").text.contains("id=\"two-step-off\""))
        #expect(try await desk.test.environment.storage.secondFactors.recoveryCodes.count(of: desk.test.user.id) == 0)
        let told = try await desk.test.told()
        #expect(told == [["mail_codes_removed"]], "the notice of before was sent")
        try await desk.test.audit.flush()
        let words = try await desk.test.environment.storage.audit.find(AuditSearch(), limit: 99).map(\.action)
        #expect(words.contains("mail_codes_added") && words.contains("mail_codes_removed"))
    }

    @Test("Another mail ends the code before, and there are few of them")
    func sendingAgain() async throws {
        let desk = try await Desk()
        let browser = TestBrowser(desk.test)
        let page = await desk.test.passwordDone(browser)
        let first = try await desk.code()
        let fields = ["csrf": try #require(page.hiddenFields["csrf"]), "way": "send"]
        let action = try #require(page.formAction)
        let sent = await browser.post(action, fields)
        #expect(sent.status == 200 && sent.text.contains("id=\"sent\""))
        let second = try await desk.code()
        if first != second { #expect(await browser.submit(page, ["code": first]).status == 403) }
        var last = sent
        for _ in 0..<6 where last.status == 200 { last = await browser.post(action, fields) }
        #expect(last.status == 429 && last.text.contains("id=\"error\""))
        // The newest one still works.
        #expect(isAnswered(await browser.follow(browser.submit(page, ["code": try await desk.code()]))))
    }

    @Test("Guesses count with those of the other factors, and a code has five of them at most")
    func guesses() async throws {
        let desk = try await Desk(limits: .none)
        let browser = TestBrowser(desk.test)
        let page = await desk.test.passwordDone(browser)
        let code = try await desk.code()
        for _ in 0..<MailRates().guesses {
            #expect(await browser.submit(page, ["code": Desk.wrong(code)]).status == 403)
        }
        #expect(await browser.submit(page, ["code": code]).status == 403)

        let limited = try await Desk()
        let stranger = TestBrowser(limited.test)
        let guessing = await limited.test.passwordDone(stranger)
        let right = try await limited.code()
        // Four at the code and one at the recovery codes: the sixth is not looked at.
        for _ in 0..<4 { _ = await stranger.submit(guessing, ["code": Desk.wrong(right)]) }
        _ = await stranger.submit(guessing, ["way": "recovery", "code": "0000-0000-0000-0000"])
        #expect(await stranger.submit(guessing, ["code": right]).status == 429)
    }

    @Test("After a reset by the same mailbox it proves nothing: a recovery code is asked for, once")
    func afterAReset() async throws {
        let desk = try await Desk()
        let browser = TestBrowser(desk.test)
        _ = await browser.submit(await browser.get("/forgot-password"), ["email": TestSite.email])
        let reset = await browser.get(try MailDesk.link(try await desk.mail.deliver()))
        let chosen = "violet harbour trombone lamp"
        #expect(await browser.submit(reset, ["password": chosen]).text.contains("id=\"done\""))
        try await desk.mail.deliver()
        let mails = desk.mail.inbox.mails.count

        func signIn(_ browser: TestBrowser) async -> Page {
            let page = await browser.follow(desk.test.authorize())
            return await browser.follow(browser.submit(page, ["email": TestSite.email, "password": chosen]))
        }
        let page = await signIn(browser)
        #expect(page.text.contains("id=\"needs-recovery\"") && !page.text.contains("id=\"other-way\""))
        let token = try #require(page.hiddenFields["csrf"])
        let action = try #require(page.formAction)
        // Nor is one sent to whoever asks for it.
        #expect(await browser.post(action, ["csrf": token, "way": "send"]).location?.hasSuffix("/sign-in") == true)
        try await desk.mail.deliver()
        #expect(desk.mail.inbox.mails.count == mails)
        #expect(await browser.post(action, ["csrf": token, "way": "mail", "code": "123456"]).status == 403)
        let used = await browser.submit(page, ["code": desk.codes[0]])
        #expect(used.status == 200 && used.text.contains("id=\"codes-left\""))
        // From now on codes by mail count again.
        let other = TestBrowser(desk.test)
        #expect(isAsked(await signIn(other)))
    }

    @Test("An app or a passkey takes its place, and no code by mail stands in for them")
    func nothingWeaker() async throws {
        let desk = try await Desk()
        let storage = desk.test.environment.storage
        #expect(
            try await storage.secondFactors.passkeys.add(
                .withEveryFieldSet(user: desk.test.user.id.rawValue), limit: 9) == .added)
        let browser = TestBrowser(desk.test)
        let page = await desk.test.passwordDone(browser)
        #expect(!isAsked(page) && page.text.contains("id=\"use-passkey\""))
        let mails = desk.mail.inbox.mails.count
        try await desk.mail.deliver()
        #expect(desk.mail.inbox.mails.count == mails)
        let forced = await browser.submit(page, ["way": "mail", "code": "123456"])
        #expect(forced.status == 403)
    }

    @Test("Who says that it was not them is not asked for codes that somebody else switched on")
    func disowned() async throws {
        let desk = try await Desk()
        let notice = desk.mail.inbox.mails.first { $0.message.content.subject.value == "Codes by mail are on" }
        let owner = TestBrowser(desk.test)
        let page = await owner.get(try MailDesk.link(notice?.message))
        #expect(await owner.submit(page, [:]).text.contains("id=\"done\""))
        let user = try await desk.test.environment.storage.users.find(desk.test.user.id)
        #expect(user?.mailCodes == .off && user?.passwordHash == nil)
    }

    @Test("The mail is in the person's language, and its code is nowhere else")
    func language() async throws {
        let desk = try await Desk()
        let browser = TestBrowser(desk.test)
        browser.headers.set("Accept-Language", "de")
        _ = await desk.test.passwordDone(browser)
        let message = try #require(try await desk.mail.deliver())
        #expect(message.content.subject.value.hasSuffix(" ist Ihr Anmeldecode"))
        let code = try MailDesk.code(message)
        let kept = try await desk.mail.orders().flatMap(\.details)
        #expect(!kept.contains(code))
    }
}
