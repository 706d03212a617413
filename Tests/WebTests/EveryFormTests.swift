import AuthorizationServer
import HTTP
import Identity
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

/// What holds for every form there is, also for those that come later.
@Suite("Every form", .spec("ASVS 3.5.1", "RFC 9700 §4.7"))
struct EveryFormTests {
    /// Where somebody else's page may send a browser by a form: both only ever show a page of ours or go back.
    private static let open: Set<String> = ["/authorize", "/logout"]

    @Test("No form is taken without its token, with another browser's, or from another site")
    func tokens() async throws {
        let desk = try await MailDesk()
        let test = desk.test
        let (owner, stranger) = (TestBrowser(test), TestBrowser(test))
        let strangers = try #require(await test.openAccount(stranger, "/account/security").hiddenFields["csrf"])
        _ = await test.openAccount(owner, "/account/security")
        let users = try await test.environment.storage.users.find(test.user.id)
        let sessions = try await test.sessions.list(of: test.user.id).count

        try await desk.deliver()
        let mails = desk.inbox.mails.count
        var forms = 0
        for pattern in test.site.routePatterns where pattern.hasPrefix("/") && !pattern.hasSuffix("/") {
            guard !test.site.isForMachines(pattern), !EveryFormTests.open.contains(pattern) else { continue }
            let path = pattern.split(separator: "/").map { $0.hasPrefix(":") ? "x" : $0 }.reduce("") { "\($0)/\($1)" }
            let bare = await owner.post(path, [:])
            guard bare.status != 405 else { continue }
            forms += 1
            #expect(isRefused(bare), "\(path): \(bare.status)")
            for token in ["", "AAAA", strangers] {
                let page = await owner.post(path, ["csrf": token])
                #expect(isRefused(page), "\(path) with \(token.isEmpty ? "an empty token" : token): \(page.status)")
            }
            let foreign = await owner.post(path, ["csrf": strangers], headers: ["Sec-Fetch-Site": "cross-site"])
            #expect(isRefused(foreign), "\(path) from another site: \(foreign.status)")
        }
        #expect(forms > 15)
        #expect(try await test.environment.storage.users.find(test.user.id) == users)
        #expect(try await test.sessions.list(of: test.user.id).count == sessions)
        try await desk.deliver()
        #expect(desk.inbox.mails.count == mails)
    }

    /// What is wrong with a token.
    static let wrongTokens = ["none", "empty", "a stranger's", "of another form"]

    @Test("The right password, and the right code, do nothing without the form's own token", arguments: wrongTokens)
    func rightProofs(_ fault: String) async throws {
        let desk = try await MailDesk()
        let test = desk.test
        let (secret, _) = try await test.turnOn(TestBrowser(test))
        for start in ["/account/sign-in", test.authorize()] {
            let browser = TestBrowser(test)
            let stranger = TestBrowser(test)
            let theirs = await stranger.follow(start)
            let page = await browser.follow(start)
            let other = await browser.get("/forgot-password")
            func fields(_ right: [String: String], _ strangers: Page) -> [String: String] {
                let token: String? =
                    switch fault {
                    case "empty": ""
                    case "a stranger's": strangers.hiddenFields["csrf"]
                    case "of another form": other.hiddenFields["csrf"]
                    default: nil
                    }
                return token.map { right.merging(["csrf": $0]) { $1 } } ?? right
            }
            let typed = ["email": TestSite.email, "password": TestSite.password]
            let action = try #require(page.formAction)
            let refused = await browser.post(action, fields(typed, theirs))
            #expect(refused.status == 403 && refused.location == nil, "\(start)")
            // Nothing was compared: no password waits.
            #expect(
                await browser.get(action.split(separator: "?")[0] + "/second-factor").text.contains("name=\"code\"")
                    == false)
            let code = await browser.follow(await browser.submit(page, typed))
            let theirCode = await stranger.follow(await stranger.submit(theirs, typed))
            #expect(code.text.contains("name=\"code\"") && theirCode.text.contains("name=\"code\""))
            let right = ["way": "app", "code": try test.code(secret)]
            let unproven = await browser.post(try #require(code.formAction), fields(right, theirCode))
            #expect(unproven.status == 403 && unproven.location == nil, "\(start)")
            #expect(browser.cookies["__Host-martlet-session"] == nil)
            // The code is not spent, and with its token it opens.
            #expect([200, 303].contains(await browser.submit(code, right).status))
            #expect(browser.cookies["__Host-martlet-session"] != nil)
            test.clock.advance(by: .seconds(60))
        }
    }

    @Test("The right code of a sign-up does nothing without its form's token")
    func signUpCode() async throws {
        let desk = try await MailDesk()
        let page = await desk.browser.follow(
            await desk.browser.submit(
                await desk.browser.get("/sign-up"),
                ["name": "Grace", "email": "grace@example.com", "password": "violet harbour trombone lamp"]))
        let code = try MailDesk.code(try await desk.deliver())
        let action = try #require(page.formAction)
        for token in ["", "AAAA", try #require(await desk.browser.get("/forgot-password").hiddenFields["csrf"])] {
            #expect(await desk.browser.post(action, ["csrf": token, "code": code]).status == 403)
            #expect(await desk.browser.post(action + "/mail", ["csrf": token]).status == 403)
        }
        #expect(desk.browser.cookies["__Host-martlet-session"] == nil)
        #expect(await desk.browser.submit(page, ["code": code]).text.contains("id=\"done\""))
    }

    /// A refusal, or the way to a page that shows what was refused; nothing that was done.
    private func isRefused(_ page: Page) -> Bool {
        if page.status == 303 { return page.location?.contains("sign-in") == true }
        return [400, 403, 404, 410].contains(page.status)
    }

    @Test(
        "No address in a mail is what the request calls this site",
        arguments: [
            ["Host": "evil.example"], ["X-Forwarded-Host": "evil.example"], ["Forwarded": "host=evil.example"],
            ["X-Original-Host": "evil.example", "X-Host": "evil.example"],
        ])
    func poisonedHosts(_ fields: [String: String]) async throws {
        let desk = try await MailDesk()
        for (name, value) in fields { desk.browser.headers.set(name, value) }
        let forgot = await desk.browser.get("/forgot-password")
        #expect(forgot.status == 200)
        _ = await desk.browser.submit(forgot, ["email": TestSite.email])
        let signUp = await desk.browser.get("/sign-up")
        let typed = ["name": "Eve", "email": "eve@example.com", "password": "violet harbour trombone lamp"]
        _ = await desk.browser.submit(signUp, typed)
        try await desk.deliver()
        #expect(desk.inbox.mails.count == 2)
        for mail in desk.inbox.mails {
            let content = mail.message.content
            #expect(!content.text.contains("evil.example") && !content.html.contains("evil.example"))
            #expect(content.text.contains(MailDesk.issuer + "/"))
        }
    }
}
