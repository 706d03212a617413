import AuthorizationServer
import HTTP
import Identity
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Changes of one's own account")
struct AccountChangeTests {
    private static let new = "seven purple lanterns whisper"

    /// A page of the account, freshly signed in to.
    private func open(_ desk: MailDesk, _ path: String) async throws -> Page {
        _ = await desk.test.openAccount(desk.browser, "/account/security")
        // What the sign-in is told by is out of the way.
        try await desk.deliver()
        return await desk.browser.get(path)
    }

    @Test("A new password: the one before is asked for, everybody else is signed out, the browser goes on")
    func password() async throws {
        let desk = try await MailDesk()
        let other = TestBrowser(desk.test)
        let allowed = await desk.test.signIn(other, ["scope": "openid offline_access"])
        let page = try await open(desk, "/account/security/password")
        #expect(page.status == 200 && page.text.contains("id=\"current\""))
        let wrong = await desk.browser.submit(page, ["current": "wrong", "password": Self.new])
        #expect(wrong.status == 403 && wrong.text.contains("aria-describedby=\"current-error\""))
        let short = await desk.browser.submit(wrong, ["current": TestSite.password, "password": "short"])
        #expect(short.status == 422 && short.text.contains("aria-describedby=\"password-error\""))
        let before = desk.browser.cookies["__Host-martlet-session"]
        let done = await desk.browser.submit(short, ["current": TestSite.password, "password": Self.new])
        #expect(done.status == 200 && done.text.contains("id=\"done\""))
        let after = try #require(desk.browser.cookies["__Host-martlet-session"])
        #expect(after != before)
        #expect(await desk.browser.get("/account/security").status == 200)
        #expect(try await desk.deliver()?.content.subject.value == "Your password was changed")

        let ended = await other.follow(desk.test.authorize(["prompt": "none"]))
        #expect(ended.answer?[.init("error")] == "login_required")
        let code = try #require(allowed.answer?[.code])
        let digest = TokenDigest(of: code)
        #expect(try await desk.test.environment.storage.codes.redeem(digest, at: desk.test.clock.now) == .unknown)
        // The form from before has no session any more.
        let replay = await desk.browser.submit(page, ["current": Self.new, "password": Self.new + "!"])
        #expect(replay.status == 403)
    }

    @Test("A wrong password before counts as an attempt to sign in does")
    func passwordIsLimited() async throws {
        let desk = try await MailDesk()
        let page = try await open(desk, "/account/security/password")
        for _ in 0..<5 {
            #expect(await desk.browser.submit(page, ["current": "guess", "password": Self.new]).status == 403)
        }
        let limited = await desk.browser.submit(page, ["current": TestSite.password, "password": Self.new])
        #expect(limited.status == 429 && limited.response.headers["Retry-After"] == "301")
        desk.test.clock.advance(by: .seconds(301))
        #expect(
            await desk.browser.submit(page, ["current": TestSite.password, "password": Self.new]).status == 200)
    }

    @Test("Without mail passwords, names and the account itself can be changed, the address cannot")
    func withoutMail() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let security = await test.openAccount(browser, "/account/security")
        #expect(!security.text.contains("id=\"change-email\""))
        #expect(await browser.get("/account/security/email").status == 404)
        let page = await browser.get("/account/security/password")
        #expect(await browser.submit(page, ["current": TestSite.password, "password": Self.new]).status == 200)
        let deletion = await browser.get("/account/security/delete")
        #expect(await browser.submit(deletion, [:]).text.contains("id=\"done\""))
        #expect(try await test.environment.storage.mails.figures().waiting == 0)
    }

    @Test("A name is changed; one that cannot be is told next to its field, and comes back escaped")
    func name() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await test.openAccount(browser)
        let csrf = try #require(page.hiddenFields["csrf"])
        let long = String(repeating: "x", count: 201) + "<b>"
        for name in ["", long] {
            let refused = await browser.post("/account/name", ["csrf": csrf, "name": name])
            #expect(refused.status == 422 && refused.text.contains("aria-describedby=\"name-error\""))
            #expect(!refused.text.contains("x<b>"))
        }
        #expect(await browser.post("/account/name", ["csrf": csrf, "name": "Zoë <Ω>"]).location == "/account")
        #expect(try await test.environment.storage.users.find(test.user.id)?.name == "Zoë <Ω>")
        #expect(await browser.get("/account").text.contains("Zoë &lt;Ω&gt;"))
        #expect(await browser.post("/account/name", ["csrf": "x", "name": "Eve"]).status == 403)
    }

    @Test("An address is changed by its code; both addresses are told, and the browser stays known")
    func emailByCode() async throws {
        let desk = try await MailDesk()
        let page = try await open(desk, "/account/security/email")
        for (email, status) in [("no address", 422), (TestSite.email, 422)] {
            let refused = await desk.browser.submit(page, ["email": email])
            #expect(refused.status == status && refused.text.contains("aria-describedby=\"email-error\""))
        }
        let waiting = await desk.browser.follow(desk.browser.submit(page, ["email": "ada@new.example"]))
        #expect(waiting.status == 200 && waiting.text.contains("ada@new.example"))
        let mail = try await desk.deliver()
        #expect(mail?.recipient.rawValue == "ada@new.example")
        let code = try MailDesk.code(mail)
        let wrong = await desk.browser.submit(waiting, ["code": code == "000000" ? "000001" : "000000"])
        #expect(wrong.status == 422)
        let done = await desk.browser.submit(wrong, ["code": code])
        #expect(done.status == 200 && done.text.contains("ada@new.example"))
        #expect(await desk.browser.submit(waiting, ["code": code]).status == 410)
        try await desk.deliver()
        let told = desk.inbox.mails.prefix(2).map {
            $0.message.recipient.rawValue + ": " + $0.message.content.subject.value
        }
        #expect(
            Set(told) == [
                TestSite.email + ": Your address was changed",
                "ada@new.example: This is the address of your account now",
            ])
        // Nobody is told of a new browser when the same one signs in with the new address.
        let count = desk.inbox.mails.count
        desk.test.clock.advance(by: .seconds(3600))
        let again = await desk.browser.get("/account/security")
        #expect(again.location == "/account/sign-in?to=security")
        let signIn = await desk.browser.follow(again)
        let security = await desk.browser.follow(
            desk.browser.submit(signIn, ["email": "ada@new.example", "password": TestSite.password]))
        #expect(security.text.contains("id=\"change-email\""))
        try await desk.deliver()
        #expect(desk.inbox.mails.count == count)
    }

    @Test("The link of the new address works for who asked alone, and opening it spends nothing")
    func emailByLink() async throws {
        let desk = try await MailDesk()
        let page = try await open(desk, "/account/security/email")
        _ = await desk.browser.submit(page, ["email": "ada@new.example"])
        let link = try MailDesk.link(try await desk.deliver())
        let stranger = TestBrowser(desk.test)
        let shown = await stranger.get(link)
        #expect(shown.status == 200 && shown.text.contains("id=\"sign-in-first\""))
        let refused = await stranger.submit(shown, [:])
        #expect(refused.status == 403 && refused.text.contains("id=\"sign-in-first\""))
        for _ in 0..<3 { #expect(await desk.browser.get(link).text.contains("id=\"submit\"")) }
        let form = await desk.browser.get(link)
        // The token is of this browser and this link.
        let secret = try #require(form.hiddenFields["link"])
        #expect(await stranger.post("/account/email/confirm", form.hiddenFields).status == 403)
        #expect(await desk.browser.post("/account/email/confirm", ["link": secret, "csrf": "x"]).status == 403)
        #expect(await desk.browser.submit(form, [:]).text.contains("id=\"done\""))
        #expect(await desk.browser.submit(form, [:]).status == 410)
        #expect(
            try await desk.test.environment.storage.users.find(desk.test.user.id)?.email.rawValue == "ada@new.example")
    }

    @Test("An address that has an account is no different to who types it", .spec("ASVS 6.3.8"))
    func emailInUse() async throws {
        let desk = try await MailDesk()
        let zoe = User.withNothingOptional(id: "u_zoe", email: "zoe@new.example")
        #expect(try await desk.test.environment.storage.users.insert(zoe))
        func ask(_ email: String) async throws -> (Page, Page) {
            let page = try await open(desk, "/account/security/email")
            let waiting = await desk.browser.follow(desk.browser.submit(page, ["email": email]))
            try await desk.deliver()
            return (waiting, await desk.browser.submit(waiting, ["code": "12345"]))
        }
        func shape(_ page: Page, _ email: String) -> String {
            let action = page.formAction ?? ""
            let text = page.text.split(separator: action, omittingEmptySubsequences: false).joined(separator: "ACTION")
            return text.split(separator: email, omittingEmptySubsequences: false).joined(separator: "EMAIL")
                + "\(page.status)"
        }
        let (free, freeGuess) = try await ask("new@new.example")
        let (taken, takenGuess) = try await ask("zoe@new.example")
        #expect(shape(free, "new@new.example") == shape(taken, "zoe@new.example"))
        #expect(shape(freeGuess, "new@new.example") == shape(takenGuess, "zoe@new.example"))
        #expect(freeGuess.status == 422)
        let subjects = desk.inbox.mails.filter { $0.message.recipient == zoe.email }.map(
            \.message.content.subject.value)
        #expect(subjects == ["You have an account already"])
    }

    @Test("An account is deleted after its grace; signing in before offers to keep it")
    func deletion() async throws {
        let desk = try await MailDesk()
        let page = try await open(desk, "/account/security/delete")
        #expect(page.text.contains("<strong>14 days</strong>"))
        let done = await desk.browser.submit(page, [:])
        #expect(done.status == 200 && done.text.contains("id=\"done\""))
        #expect(desk.browser.cookies["__Host-martlet-session"] == nil)
        #expect(await desk.browser.get("/account").location == "/account/sign-in?to=overview")
        #expect(try await desk.deliver()?.content.subject.value == "Your account is going to be deleted")

        // On the way to a client it is offered, and the way goes on.
        let offered = await desk.test.signIn(desk.browser)
        #expect(offered.status == 200 && offered.text.contains("id=\"keep\""))
        // Browsers apply the policy of the page to where its form leads in the end.
        let policy = offered.response.headers["Content-Security-Policy"] ?? ""
        #expect(policy.contains("form-action 'self' https:"))
        let elsewhere = await desk.browser.get(try #require(offered.attribute("id=\"continue\" href=\"")))
        #expect(elsewhere.text.contains("id=\"allow\""))
        let moment = try await desk.test.environment.storage.holds.find(desk.test.user.id, at: desk.test.clock.now)
        #expect(moment.erasedAt != nil)
        let kept = await desk.browser.follow(desk.browser.submit(offered, [:]))
        #expect(kept.text.contains("id=\"allow\""))
        #expect(
            try await desk.test.environment.storage.holds.find(desk.test.user.id, at: desk.test.clock.now) == .none)
        #expect(await desk.browser.submit(kept, ["decision": "allow"]).answer?[.code] != nil)
    }

    @Test("The account pages offer it too, and nothing from outside is followed")
    func deletionIsTakenBackOnTheAccountPages() async throws {
        let desk = try await MailDesk()
        _ = await desk.browser.submit(try await open(desk, "/account/security/delete"), [:])
        let offered = await desk.test.openAccount(desk.browser)
        #expect(offered.text.contains("id=\"keep\""))
        let overview = await desk.browser.get("/account")
        #expect(overview.text.contains("id=\"leaving\""))
        let csrf = try #require(overview.hiddenFields["csrf"])
        for interaction in ["", "../../evil", "//evil.example", "x/y?z"] {
            let answer = await desk.browser.post("/account/stay", ["csrf": csrf, "interaction": interaction])
            #expect(answer.location == "/account")
        }
        #expect(await !desk.browser.get("/account").text.contains("id=\"leaving\""))
    }

    @Test("The link of the mail keeps the account, once")
    func deletionIsTakenBackByMail() async throws {
        let desk = try await MailDesk()
        _ = await desk.browser.submit(try await open(desk, "/account/security/delete"), [:])
        let link = try MailDesk.link(try await desk.deliver())
        for _ in 0..<3 { #expect(await TestBrowser(desk.test).get(link).status == 200) }
        let form = await desk.browser.get(link)
        #expect(await desk.browser.submit(form, [:]).text.contains("id=\"done\""))
        #expect(await desk.browser.submit(form, [:]).status == 410)
        #expect(
            try await desk.test.environment.storage.holds.find(desk.test.user.id, at: desk.test.clock.now) == .none)
    }

    @Test(
        "Every page and form of these wants a fresh proof",
        arguments: ["password", "email", "delete"])
    func freshProof(_ name: String) async throws {
        let desk = try await MailDesk()
        let page = try await open(desk, "/account/security/" + name)
        #expect(page.status == 200)
        desk.test.clock.advance(by: .seconds(601))
        for answer in [
            await desk.browser.get("/account/security/" + name),
            await desk.browser.submit(
                page, ["email": "x@new.example", "current": TestSite.password, "password": Self.new]),
        ] {
            #expect(answer.status == 303 && answer.location?.hasPrefix("/account/sign-in?to=") == true)
        }
        let stays = try await desk.test.environment.storage.holds.find(desk.test.user.id, at: desk.test.clock.now)
        #expect(stays == .none)
    }
}
