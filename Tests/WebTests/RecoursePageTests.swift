import AuthorizationServer
import HTTP
import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Links in mails that tell of a change", .spec("ASVS 6.3.7"))
struct RecoursePageTests {
    private func subjects(_ desk: MailDesk) -> [String] { desk.inbox.mails.map(\.message.content.subject.value) }

    /// The newest mail of a subject.
    private func mail(_ desk: MailDesk, _ subject: String) throws -> MailMessage {
        try #require(desk.inbox.mails.first { $0.message.content.subject.value == subject }?.message)
    }

    @Test("A sign-in in an unknown browser is told, one in a known browser is not")
    func newDevice() async throws {
        let desk = try await MailDesk()
        desk.browser.headers.set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
        _ = await desk.test.signIn(desk.browser)
        try await desk.deliver()
        let mail = try mail(desk, "New sign-in to your account")
        #expect(mail.content.text.contains("Firefox on Linux") && mail.content.text.contains("127.0.0.0/24"))
        desk.browser.cookies["__Host-martlet-session"] = nil
        _ = await desk.test.signIn(desk.browser)
        try await desk.deliver()
        #expect(subjects(desk).count == 1)
        _ = await desk.test.signIn(TestBrowser(desk.test))
        try await desk.deliver()
        #expect(subjects(desk) == ["New sign-in to your account", "New sign-in to your account"])
        // Once everything has ended, as by a new password, no browser is known any more: each is told once.
        let users = desk.test.environment.storage.users
        let hash = try #require(try await users.find(desk.test.user.id)?.passwordHash)
        #expect(try await users.setPassword(hash, of: desk.test.user.id, at: desk.test.clock.now))
        for _ in 0..<2 {
            desk.browser.cookies["__Host-martlet-session"] = nil
            _ = await desk.test.signIn(desk.browser)
            try await desk.deliver()
            #expect(subjects(desk).count == 3)
        }
    }

    @Test("Who says that it was not them ends everything, freezes the account for a day and sets a new password")
    func disown() async throws {
        let desk = try await MailDesk()
        let (thief, owner) = (TestBrowser(desk.test), TestBrowser(desk.test))
        let page = await desk.test.openAccount(thief, "/account/security")
        let csrf = try #require(page.hiddenFields["csrf"])
        let link = try MailDesk.link(try await desk.deliver())
        // Programs that follow links, and other people's forms, spend nothing.
        for _ in 0..<3 { #expect(await TestBrowser(desk.test).get(link).status == 200) }
        let form = await owner.get(link)
        #expect(form.text.contains(TestSite.email))
        #expect(await thief.post("/account/not-me", form.hiddenFields).status == 403)
        #expect(
            await owner.post("/account/not-me", form.hiddenFields, headers: ["Sec-Fetch-Site": "cross-site"]).status
                == 403)
        #expect(await thief.get("/account/security").status == 200)
        let done = await owner.submit(form, [:])
        #expect(done.status == 200 && done.text.contains("id=\"done\""))
        #expect(await owner.submit(form, [:]).status == 410)
        #expect(await owner.get(link).status == 410)
        #expect(await thief.get("/account/security").location == "/account/sign-in?to=security")

        // The thief has the password still, and it opens nothing any more.
        #expect(await desk.test.signIn(thief).status == 403)

        // The owner sets another password by mail. For a day nobody changes what the account is recovered by.
        try await desk.deliver()
        let reset = await owner.get(try MailDesk.link(mail(desk, "Set a new password")))
        #expect(await owner.submit(reset, ["password": Self.newPassword]).status == 200)
        #expect(await thief.get("/account").location == "/account/sign-in?to=overview")
        let signIn = await owner.follow("/account/security")
        let frozen = await owner.follow(
            owner.submit(signIn, ["email": TestSite.email, "password": Self.newPassword]))
        #expect(frozen.text.contains("id=\"frozen\""))
        let token = frozen.hiddenFields["csrf"] ?? csrf
        let hash = try await desk.test.environment.storage.users.find(desk.test.user.id)?.passwordHash
        for path in [
            "authenticator/begin", "authenticator/off", "recovery-codes", "password", "email", "delete",
        ] {
            let answer = await owner.post(
                "/account/security/" + path,
                [
                    "csrf": token, "current": Self.newPassword, "password": "the password of a thief",
                    "email": "thief@example.com",
                ])
            #expect(answer.location == "/account/security", "\(path)")
        }
        #expect(try await desk.test.environment.storage.users.find(desk.test.user.id)?.passwordHash == hash)
        desk.test.clock.advance(by: Recourses.freeze)
        let again = await owner.follow("/account/security")
        let security = await owner.follow(
            owner.submit(again, ["email": TestSite.email, "password": Self.newPassword]))
        #expect(security.status == 200 && !security.text.contains("id=\"frozen\""))
    }

    private static let newPassword = "a password of my own"

    @Test(
        "Who chose another password is put out by the mail that told of it", arguments: ["change", "reset", "remove"])
    func disownPassword(_ way: String) async throws {
        let desk = try await MailDesk()
        let (thief, owner) = (TestBrowser(desk.test), TestBrowser(desk.test))
        let chosen = "the password of a thief"
        let subject = way == "remove" ? "Your password was removed" : "Your password was changed"
        var key = try TestSite.authenticator()
        if way == "reset" {
            _ = await thief.submit(await thief.get("/forgot-password"), ["email": TestSite.email])
            try await desk.deliver()
            let page = await thief.get(try MailDesk.link(mail(desk, "Set a new password")))
            #expect(await thief.submit(page, ["password": chosen]).status == 200)
        } else {
            _ = await desk.test.openAccount(thief, "/account/security")
            if way == "remove" { #expect(try await desk.test.addPasskey(thief, &key).status == 200) }
            let page = await thief.get("/account/security/password" + (way == "remove" ? "/remove" : ""))
            let done = await thief.submit(page, ["current": TestSite.password, "password": chosen])
            #expect(done.text.contains("id=\"done\""), "\(way)")
        }
        try await desk.deliver()
        let link = try MailDesk.link(mail(desk, subject))
        #expect(link.contains("/account/not-me?link="))
        // Whatever the thief does next, also another password by the same account, the way back stays.
        if way != "remove" {
            desk.test.clock.advance(by: .seconds(3600))
            let again = await thief.follow("/account/security/password")
            let inside =
                again.text.contains("name=\"email\"")
                ? await thief.follow(await thief.submit(again, ["email": TestSite.email, "password": chosen])) : again
            #expect(
                await thief.submit(inside, ["current": chosen, "password": "one more password of a thief"]).text
                    .contains("id=\"done\""))
        }
        #expect(await owner.submit(await owner.get(link), [:]).text.contains("id=\"done\""))
        #expect(await thief.get("/account").location == "/account/sign-in?to=overview")
        for password in [chosen, "one more password of a thief", TestSite.password] {
            let page = await thief.follow("/account")
            #expect(
                await thief.submit(page, ["email": TestSite.email, "password": password]).location != "/account")
        }
        #expect(try await desk.test.environment.storage.users.find(desk.test.user.id)?.passwordHash == nil)
        try await desk.deliver()
        let reset = await owner.get(try MailDesk.link(mail(desk, "Set a new password")))
        #expect(await owner.submit(reset, ["password": Self.newPassword]).status == 200)
        let signIn = await owner.follow("/account")
        let done = await owner.submit(signIn, ["email": TestSite.email, "password": Self.newPassword])
        #expect(done.location == "/account")
    }

    @Test("The passkey that an intruder added opens nothing, and does not keep the owner out")
    func disownPasskey() async throws {
        let desk = try await MailDesk()
        let (thief, owner) = (TestBrowser(desk.test), TestBrowser(desk.test))
        _ = await desk.test.openAccount(thief, "/account/security")
        try await desk.deliver()
        let link = try MailDesk.link(mail(desk, "New sign-in to your account"))
        var key = try TestSite.authenticator()
        desk.test.clock.advance(by: .seconds(300))
        #expect(try await desk.test.addPasskey(thief, &key).status == 200)
        #expect(await owner.submit(await owner.get(link), [:]).text.contains("id=\"done\""))
        let page = await thief.follow("/account")
        #expect(try await desk.test.usePasskey(thief, page, &key).location == nil)
        try await desk.deliver()
        let reset = await owner.get(try MailDesk.link(mail(desk, "Set a new password")))
        #expect(await owner.submit(reset, ["password": Self.newPassword]).status == 200)
        let signIn = await owner.follow("/account")
        let done = await owner.submit(signIn, ["email": TestSite.email, "password": Self.newPassword])
        #expect(done.location == "/account", "no second factor is asked for")
    }

    @Test("The address before takes a change back, and everybody is signed out")
    func restoreEmail() async throws {
        let desk = try await MailDesk()
        let thief = TestBrowser(desk.test)
        _ = await desk.test.openAccount(thief, "/account/security")
        try await desk.deliver()
        let page = await thief.get("/account/security/email")
        let waiting = await thief.follow(thief.submit(page, ["email": "thief@example.com"]))
        _ = await thief.submit(waiting, ["code": try MailDesk.code(try await desk.deliver())])
        try await desk.deliver()
        let link = try MailDesk.link(mail(desk, "Your address was changed"))
        let form = await desk.browser.get(link)
        #expect(form.text.contains(TestSite.email))
        #expect(await desk.browser.submit(form, [:]).text.contains("id=\"done\""))
        #expect(await desk.browser.submit(form, [:]).status == 410)
        #expect(await thief.get("/account").location == "/account/sign-in?to=overview")
        #expect(try await desk.test.environment.storage.users.find(desk.test.user.id)?.email.rawValue == TestSite.email)
        #expect(try await desk.deliver()?.recipient.rawValue == TestSite.email)
        #expect(subjects(desk).first == "Set a new password")
    }

    @Test("The second step, its codes and their use are told")
    func notices() async throws {
        let desk = try await MailDesk()
        let (_, codes) = try await desk.test.turnOn(desk.browser)
        let security = await desk.browser.get("/account/security")
        let csrf = try #require(security.hiddenFields["csrf"])
        let other = TestBrowser(desk.test)
        let asked = await desk.test.passwordDone(other)
        let recovery = await other.get(try #require(asked.attribute("id=\"other-way\" href=\"")))
        _ = await other.submit(recovery, ["code": codes[0]])
        _ = await desk.browser.post("/account/security/recovery-codes", ["csrf": csrf])
        _ = await desk.browser.post("/account/security/authenticator/off", ["csrf": csrf])
        try await desk.deliver()
        #expect(
            subjects(desk).sorted() == [
                "A recovery code was used", "New sign-in to your account", "New sign-in to your account",
                "Two-step verification is off", "Two-step verification is on", "You have new recovery codes",
            ])
    }

    @Test("A link of one kind does nothing of another")
    func kinds() async throws {
        let desk = try await MailDesk()
        _ = await desk.test.signIn(desk.browser)
        let link = try MailDesk.link(try await desk.deliver())
        for path in ["/account/restore-email", "/account/keep", "/account/email/confirm", "/reset-password"] {
            let other = link.replacing("/account/not-me", with: path)
            #expect(await desk.browser.get(other).status == 410, "\(path)")
        }
        #expect(await desk.browser.get(link).status == 200)
    }

    @Test("A reset asks for a challenge where one is wanted, the same with and without an account")
    func challengeBeforeAReset() async throws {
        let desk = try await MailDesk(challenges: { clock in
            let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
            let work = ProofOfWork(masterKey, cost: .init(), clock: clock, random: SystemRandom())
            return ChallengeGate(.adaptive, work: work, clock: clock)
        })
        func ask(_ email: String) async -> Page {
            await desk.browser.submit(desk.browser.get("/forgot-password"), ["email": email])
        }
        for number in 0..<3 { #expect(await ask("\(number)@example.com").status == 200) }
        let known = await ask(TestSite.email)
        #expect(known.status == 403 && known.text.contains("id=\"challenge\"") && known.text.contains("id=\"error\""))
        let unknown = await ask("nobody@example.com")
        #expect(unknown.status == 403)
        #expect(try await desk.test.environment.storage.mails.figures().waiting == 3)
        // Without script the form is taken after a while.
        desk.test.clock.advance(by: .seconds(120))
        #expect(await desk.browser.submit(known, ["email": TestSite.email]).status == 200)
        #expect(await desk.browser.submit(known, ["email": TestSite.email]).status == 403)
    }
}
