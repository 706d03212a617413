import AuthorizationServer
import HTTP
import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("What a person and a stranger may ask for, and how often")
struct AccountLimitTests {
    @Test("Changes of an account are limited, and not the mails that tell of them", .spec("ASVS 6.3.7"))
    func changes() async throws {
        let desk = try await MailDesk()
        let (_, codes) = try await desk.test.turnOn(desk.browser)
        #expect(codes.count == RecoveryCodes.count)
        let page = await desk.browser.get("/account/security")
        let token = try #require(page.hiddenFields["csrf"])
        var shown = page
        var answers: [Int] = []
        for _ in 0..<30 {
            let answer = await desk.browser.post("/account/security/recovery-codes", ["csrf": token])
            answers.append(answer.status)
            if answer.status == 200 { shown = answer }
            if answer.status == 429 {
                #expect(
                    answer.response.headers["Retry-After"] == "301" || answer.response.headers["Retry-After"] == "300")
                #expect(answer.text.contains("id=\"wait\"") || answer.text.contains("class=\"wait\""))
            }
        }
        #expect(answers.count { $0 == 429 } >= 10 && answers.count { $0 == 200 } >= 15)
        // Each change that was made is told.
        let told = try await desk.test.told()
        #expect(told.count { $0 == ["recovery_codes_renewed"] } == answers.count { $0 == 200 })
        // The codes that were shown last work, and after a while changes do.
        let newest = shown.text.split(separator: "<li><code>").dropFirst().map { String($0.prefix { $0 != "<" }) }
        let browser = TestBrowser(desk.test)
        let second = await desk.test.passwordDone(browser)
        #expect(await browser.submit(second, ["way": "recovery", "code": newest[0]]).status == 200)
        #expect(await desk.browser.post("/account/name", ["csrf": token, "name": "Ada"]).status == 429)
        desk.test.clock.advance(by: .seconds(301))
        #expect(await desk.browser.post("/account/name", ["csrf": token, "name": "Ada"]).status == 303)
    }

    @Test("Requests to sign in that are kept are limited by address; those that are answered at once are not")
    func requests() async throws {
        let test = try await TestSite(party: .first, limits: SignInLimits(perAddress: 1))
        let owner = TestBrowser(test)
        #expect(await test.signIn(owner).answer?[.code] != nil)
        let stranger = TestBrowser(test)
        var statuses: [Int] = []
        for _ in 0..<30 { statuses.append(await stranger.get(test.authorize()).status) }
        #expect(statuses.count { $0 == 303 } == 19 && statuses.last == 429)
        let page = await stranger.get(test.authorize())
        #expect(page.response.headers["Retry-After"] != nil && page.text.contains("id=\"error\""))
        #expect(await stranger.get(test.authorize(["prompt": "none"])).answer?[Parameter("error")] == "login_required")
        #expect(await owner.get(test.authorize()).answer?[.code] != nil)
    }

    @Test("After another password the session is as fresh as that password, and no more")
    func freshness() async throws {
        let desk = try await MailDesk()
        let (secret, _) = try await desk.test.turnOn(desk.browser)
        let page = await desk.browser.get("/account/security/password")
        let typed = ["current": TestSite.password, "password": "violet harbour trombone lamp"]
        #expect(await desk.browser.submit(page, typed).status == 200)
        let security = await desk.browser.get("/account/security")
        #expect(security.location == "/account/sign-in?to=security")
        let signIn = await desk.browser.follow(security)
        let second = await desk.browser.follow(
            desk.browser.submit(signIn, ["email": TestSite.email, "password": "violet harbour trombone lamp"]))
        let shown = await desk.browser.follow(desk.browser.submit(second, ["code": try desk.test.code(secret)]))
        #expect(shown.text.contains("id=\"two-step-on\""))
    }

    @Test("A password that is right and waits for its second factor leaves a trace", .spec("ASVS 16.3.1"))
    func provenPasswords() async throws {
        let test = try await TestSite(party: .first)
        _ = try await test.turnOn(TestBrowser(test))
        _ = await test.passwordDone(TestBrowser(test))
        try await test.audit.flush()
        let events = try await test.environment.storage.audit.find(AuditSearch(), limit: 99)
        #expect(events.count { $0.action == "password_proven" && $0.subject == test.user.id } == 1)
    }

    @Test("More than a hundred remembered browsers are forgotten together")
    func manyDevices() async throws {
        let test = try await TestSite(party: .first)
        let owner = TestBrowser(test)
        let page = await test.openAccount(owner, "/account")
        let devices = test.environment.storage.secondFactors.devices
        for number in 0..<101 {
            try await devices.remember(
                RememberedDevice(
                    digest: .numbered(number), userID: test.user.id, device: "x", createdAt: test.clock.now,
                    expiresAt: test.clock.now + .seconds(999)))
        }
        let token = try #require(page.hiddenFields["csrf"])
        #expect(await owner.post("/account/sessions/end", ["csrf": token, "session": "others"]).status == 303)
        #expect(try await devices.list(of: test.user.id, at: test.clock.now).isEmpty)
    }

    @Test("The inbox of development mode is shown under the issuer's name only")
    func rebinding() async throws {
        let desk = try await MailDesk()
        desk.browser.headers.set("Host", "evil.example")
        #expect(await desk.browser.get("/inbox").location == "https://id.example/inbox")
        #expect(await desk.browser.get("/inbox/1").location == "https://id.example/inbox/1")
        desk.browser.headers.set("Host", "id.example")
        #expect(await desk.browser.get("/inbox").status == 200)
    }
}
