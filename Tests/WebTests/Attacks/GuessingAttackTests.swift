import AuthorizationServer
import HTTP
import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

/// Many guesses at once are no more than as many one after the other.
@Suite("Attack: guesses in parallel", .spec("ASVS 6.3.1", "ASVS 6.6.3"))
struct GuessingAttackTests {
    private static let count = 24

    /// What becomes of so many posts of one form at once, by the cookies of one browser.
    private func guess(
        _ test: TestSite, _ browser: TestBrowser, _ page: Page, _ fields: [String: String]
    ) async throws -> [Int] {
        let cookies = browser.cookies
        return try await concurrently(Self.count) {
            let twin = TestBrowser(test)
            twin.cookies = cookies
            return await twin.submit(page, fields).status
        }
    }

    private static func wrong(_ code: String) -> String { code == "000000" ? "000001" : "000000" }

    @Test("At a password: five are compared, the others are told to wait")
    func passwords() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await browser.follow(test.authorize())
        let typed = ["email": TestSite.email, "password": "not this one"]
        let statuses = try await guess(test, browser, page, typed)
        #expect(statuses.count { $0 == 403 } == 5 && statuses.count { $0 == 429 } == Self.count - 5)
        try await test.audit.flush()
        let events = try await test.environment.storage.audit.find(AuditSearch(), limit: 99)
        #expect(events.count { $0.action == "sign_in" && $0.outcome == .refused } == 5)
        // The right one waits too.
        let right = ["email": TestSite.email, "password": TestSite.password]
        #expect(await browser.submit(page, right).status == 429)
    }

    @Test("At the second factor, whichever way: they count together", arguments: ["app", "recovery"])
    func secondFactors(_ way: String) async throws {
        let test = try await TestSite(party: .first)
        let (secret, _) = try await test.turnOn(TestBrowser(test))
        let browser = TestBrowser(test)
        let page = await test.passwordDone(browser)
        let statuses = try await guess(test, browser, page, ["way": way, "code": "000000"])
        #expect(statuses.count { $0 == 403 } == 5 && statuses.count { $0 == 429 } == Self.count - 5)
        #expect(await browser.submit(page, ["way": "app", "code": try test.code(secret)]).status == 429)
    }

    @Test("At the code of a sign-up: five, and then that code is over")
    func signUpCodes() async throws {
        let desk = try await MailDesk()
        let typed = ["name": "Eve", "email": "eve@example.com", "password": "violet harbour trombone lamp"]
        let waiting = await desk.browser.follow(desk.browser.submit(await desk.browser.get("/sign-up"), typed))
        let code = try MailDesk.code(try await desk.deliver())
        let statuses = try await guess(desk.test, desk.browser, waiting, ["code": Self.wrong(code)])
        #expect(statuses.allSatisfy { $0 == 422 })
        #expect(await desk.browser.submit(waiting, ["code": code]).status == 422)
        let proofs = try await desk.test.environment.storage.users.list(after: nil, limit: 9)
        #expect(proofs.map(\.email.rawValue) == [TestSite.email], "no account was made")
    }

    @Test("At the code of another address: five, and then that code is over")
    func addressCodes() async throws {
        let desk = try await MailDesk()
        let page = await desk.test.openAccount(desk.browser, "/account/security/email")
        try await desk.deliver()
        let waiting = await desk.browser.follow(desk.browser.submit(page, ["email": "countess@example.com"]))
        let code = try MailDesk.code(try await desk.deliver())
        _ = try await guess(desk.test, desk.browser, waiting, ["code": Self.wrong(code)])
        let late = await desk.browser.submit(waiting, ["code": code])
        #expect([422, 429].contains(late.status))
        #expect(try await desk.test.environment.storage.users.find(desk.test.user.id)?.email == desk.test.user.email)
    }

    @Test("One right code in many browsers at once opens one of them")
    func oneCodeManyBrowsers() async throws {
        let test = try await TestSite(party: .first, limits: .none)
        let (secret, _) = try await test.turnOn(TestBrowser(test))
        var ready: [(cookies: [String: String], page: Page)] = []
        for _ in 0..<8 {
            let browser = TestBrowser(test)
            ready.append((browser.cookies, await test.passwordDone(browser)))
            ready[ready.count - 1].cookies = browser.cookies
        }
        let code = try test.code(secret)
        let places = Counter()
        let all = ready
        let outcomes = try await concurrently(8) {
            let (cookies, page) = all[places.next() - 1]
            let browser = TestBrowser(test)
            browser.cookies = cookies
            return await browser.submit(page, ["code": code]).status
        }
        #expect(outcomes.count { $0 == 303 } == 1)
    }
}
