import AuthorizationServer
import HTTP
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Web

/// Steps without those before them, and forms with nothing in them, do nothing and break nothing.
@Suite("Attack: steps out of their order", .spec("ASVS 2.3.1"))
struct OrderAttackTests {
    struct Step: Sendable, CustomTestStringConvertible {
        let path: String
        /// What a person is led to, or the status that refuses.
        let leads: String?
        let status: Int
        var isAccount = false
        var testDescription: String { path }
    }

    static let steps = [
        Step(path: "/interaction/unknown", leads: nil, status: 404),
        Step(path: "/interaction/unknown/sign-in", leads: nil, status: 404),
        Step(path: "/interaction/unknown/second-factor", leads: nil, status: 404),
        Step(path: "/account/sign-in/second-factor", leads: "/account/sign-in", status: 303),
        Step(path: "/account/sign-in/second-factor?with=recovery", leads: "/account/sign-in", status: 303),
        Step(path: "/account", leads: "/account/sign-in", status: 303),
        Step(path: "/account/security", leads: "/account/sign-in", status: 303),
        Step(path: "/account/security/password/remove", leads: "/account/sign-in", status: 303),
        Step(path: "/account/security/authenticator", leads: "/account/security", status: 303, isAccount: true),
        Step(path: "/account/security/email/unknown", leads: nil, status: 410, isAccount: true),
        Step(path: "/account/security/password/remove", leads: "/account/security", status: 303, isAccount: true),
        Step(path: "/sign-up/waiting/unknown", leads: nil, status: 410),
        Step(path: "/sign-up/confirm", leads: nil, status: 410),
        Step(path: "/sign-up/invited", leads: nil, status: 410),
        Step(path: "/reset-password", leads: nil, status: 410),
        Step(path: "/account/email/confirm", leads: nil, status: 410),
        Step(path: "/account/restore-email", leads: nil, status: 410),
        Step(path: "/account/not-me", leads: nil, status: 410),
        Step(path: "/account/keep", leads: nil, status: 410),
    ]

    @Test(arguments: steps)
    func aStepAlone(_ step: Step) async throws {
        let desk = try await MailDesk()
        if step.isAccount { _ = await desk.test.openAccount(desk.browser, "/account/security") }
        let page = await desk.browser.get(step.path)
        #expect(page.status == step.status, "\(page.status) \(page.location ?? "")")
        if let goal = step.leads { #expect(page.location?.hasPrefix(goal) == true, "\(page.location ?? "")") }
    }

    @Test("The second factor is not asked of who has not typed the password, whatever is posted")
    func theSecondFactorAlone() async throws {
        let test = try await TestSite(party: .first)
        let (secret, codes) = try await test.turnOn(TestBrowser(test))
        // The form of somebody else's sign-in tells the fields; the token is this browser's own.
        let browser = TestBrowser(test)
        let signIn = await browser.follow(test.authorize())
        let step = try #require(signIn.formAction?.split(separator: "/sign-in").first)
        let token = try #require(signIn.hiddenFields["csrf"])
        let ways = [["way": "app", "code": try test.code(secret)], ["way": "recovery", "code": codes[0]]]
        for fields in ways + [["way": "mail", "code": "123456"], ["way": "send"]] {
            let answer = await browser.post("\(step)/second-factor", fields.merging(["csrf": token]) { $1 })
            #expect(answer.status == 403, "the token of one form is not that of another")
        }
        #expect(browser.cookies["__Host-martlet-session"] == nil)
        #expect(try await test.environment.storage.secondFactors.recoveryCodes.count(of: test.user.id) == codes.count)
    }

    @Test("Consent is not given before the sign-in, nor for another account")
    func consentAlone() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let signIn = await browser.follow(test.authorize())
        let step = try #require(signIn.formAction?.split(separator: "/sign-in").first)
        let token = try #require(signIn.hiddenFields["csrf"])
        for path in ["/consent", "/account"] {
            let page = await browser.post(step + path, ["csrf": token, "decision": "allow", "choice": "continue"])
            #expect(page.status == 403 && page.answer?[.code] == nil)
        }
        #expect(await browser.follow(String(step)).text.contains("id=\"password\""))
    }

    @Test("Every form with its token and nothing else changes nothing, and none breaks")
    func emptyForms() async throws {
        let desk = try await MailDesk(mailCodes: true)
        let (test, browser) = (desk.test, desk.browser)
        let before = try await test.environment.storage.users.find(test.user.id)
        let pages = [
            "/account/sign-in", "/sign-up", "/forgot-password", "/account", "/account/security",
            "/account/security/password", "/account/security/email",
        ]
        for path in pages {
            let page = path == "/account" ? await test.openAccount(browser) : await browser.get(path)
            #expect(page.status == 200, "\(path)")
            let hidden = page.hiddenFields
            let token = try #require(hidden["csrf"], "\(path)")
            for action in forms(on: page) {
                let isEmptyMeaningful = ["begin", "delete", "language", "logout"].contains { action.contains($0) }
                guard !isEmptyMeaningful else { continue }
                let answer = await browser.post(action, ["csrf": token])
                #expect([200, 303, 403, 404, 409, 422].contains(answer.status), "\(action): \(answer.status)")
            }
        }
        #expect(test.failures.texts.isEmpty)
        var after = try await test.environment.storage.users.find(test.user.id)
        after?.language = before?.language
        #expect(after == before)
        #expect(try await test.environment.storage.users.list(after: nil, limit: 9).count == 1)
    }

    private func forms(on page: Page) -> [String] {
        page.text.split(separator: "<form method=\"post\" action=\"").dropFirst().map {
            String($0.prefix { $0 != "\"" })
        }
    }

    @Test("Calls without the calls before them are refused by name")
    func calls() async throws {
        let app = try await App(try await TestSite(), .tokens)
        try await app.signIn()
        let token = JSONValue.string(String(repeating: "A", count: 43) + ".")
        let pair = JSONValue.string(String(repeating: "A", count: 43) + "." + String(repeating: "A", count: 43))
        let verify = try await app.call(.verifySecondFactor, ["sessionToken": token, "code": "123456"])
        #expect(verify.problem == "sessionOver")
        let recover = try await app.call(
            .recoveryLogin, ["sessionToken": token, "recoveryCode": "0000-0000-0000-0000"])
        #expect(recover.problem == "sessionOver")
        #expect(try await app.call(.completeSecondFactor, ["code": "123456"]).problem == "setUpNotBegun")
        let code: JSONValue = ["registrationToken": pair, "code": "123456"]
        #expect(["registrationOver", "notOffered"].contains(try await app.call(.verifyEmail, code).problem))
    }
}
