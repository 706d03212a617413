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

/// Every value that counts once is sent twice: the first time it does what it is for, the second time nothing.
@Suite("Attack: replay of what counts once", .spec("ASVS 6.5.1", "RFC 6238 §5.2", "WebAuthn L3 §13.4.3"))
struct ReplayAttackTests {
    /// What came of a value, sent twice by the one who owns it.
    struct Outcome {
        let first: Bool
        let again: Bool
    }

    struct Value: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let spendTwice: @Sendable () async throws -> Outcome
    }

    private static let typed = ["name": "Eve", "email": "eve@example.com", "password": "violet harbour trombone lamp"]

    /// The same form twice; `isTaken` judges each answer.
    private static func twice(
        _ browser: TestBrowser, _ page: Page, _ fields: [String: String], _ isTaken: (Page) -> Bool
    ) async -> Outcome {
        let kept = browser.cookies
        let first = isTaken(await browser.submit(page, fields))
        // As whoever recorded it sends it: with the cookies of then.
        browser.cookies = kept
        return Outcome(first: first, again: isTaken(await browser.submit(page, fields)))
    }

    private static func isDone(_ page: Page) -> Bool { page.status == 200 && page.text.contains("id=\"done\"") }

    private static func isSignedIn(_ page: Page) -> Bool {
        page.response.headers.values(of: "Set-Cookie").contains {
            $0.hasPrefix("__Host-martlet-session=") && !$0.contains("Max-Age=0")
        }
    }

    static let values: [Value] = [
        Value(testDescription: "the code of a sign-up") {
            let desk = try await MailDesk()
            let signUp = await desk.browser.get("/sign-up")
            let waiting = await desk.browser.follow(desk.browser.submit(signUp, typed))
            let code = try MailDesk.code(try await desk.deliver())
            return await twice(desk.browser, waiting, ["code": code], isSignedIn)
        },
        Value(testDescription: "the link of a sign-up") {
            let desk = try await MailDesk()
            _ = await desk.browser.submit(await desk.browser.get("/sign-up"), typed)
            let page = await desk.browser.get(try MailDesk.link(try await desk.deliver()))
            return await twice(desk.browser, page, [:], isSignedIn)
        },
        Value(testDescription: "the link of an invitation") {
            let desk = try await MailDesk(mode: .invitation)
            _ = try await Invitations(desk.test.environment.storage, clock: desk.test.clock, random: SystemRandom())
                .invite("eve@example.com")
            let page = await desk.browser.get(try MailDesk.link(try await desk.deliver()))
            return await twice(desk.browser, page, ["name": "Eve", "password": "violet harbour trombone lamp"], isDone)
        },
        Value(testDescription: "the link of a reset") {
            let desk = try await MailDesk()
            _ = await desk.browser.submit(await desk.browser.get("/forgot-password"), ["email": TestSite.email])
            let page = await desk.browser.get(try MailDesk.link(try await desk.deliver()))
            return await twice(desk.browser, page, ["password": "violet harbour trombone lamp"], isDone)
        },
        Value(testDescription: "the code of another address") {
            let (desk, waiting) = try await changing()
            let code = try MailDesk.code(try await desk.deliver())
            return await twice(desk.browser, waiting, ["code": code], isDone)
        },
        Value(testDescription: "the link of another address") {
            let (desk, _) = try await changing()
            let page = await desk.browser.get(try MailDesk.link(try await desk.deliver()))
            return await twice(desk.browser, page, [:], isDone)
        },
        Value(testDescription: "the link that takes a change of the address back") {
            let (desk, waiting) = try await changing()
            let code = try MailDesk.code(try await desk.deliver())
            _ = await desk.browser.submit(waiting, ["code": code])
            try await desk.deliver()
            let mail = desk.inbox.mails.first { $0.message.recipient.rawValue == TestSite.email }?.message
            let page = await desk.browser.get(try MailDesk.link(mail))
            return await twice(desk.browser, page, [:], isDone)
        },
        Value(testDescription: "the link that says that it was somebody else") {
            let desk = try await MailDesk()
            _ = await desk.test.openAccount(desk.browser)
            let page = await desk.browser.get(try MailDesk.link(try await desk.deliver()))
            return await twice(desk.browser, page, [:], isDone)
        },
        Value(testDescription: "the link that keeps an account") {
            let desk = try await MailDesk()
            let delete = await desk.test.openAccount(desk.browser, "/account/security/delete")
            try await desk.deliver()
            _ = await desk.browser.submit(delete, [:])
            let page = await desk.browser.get(try MailDesk.link(try await desk.deliver()))
            return await twice(desk.browser, page, [:], isDone)
        },
        Value(testDescription: "a code of the app") {
            let test = try await TestSite(party: .first)
            let (secret, _) = try await test.turnOn(TestBrowser(test))
            let code = try test.code(secret)
            return try await inTwoBrowsers(test) { _ in ["code": code] }
        },
        Value(testDescription: "a recovery code") {
            let test = try await TestSite(party: .first)
            let (_, codes) = try await test.turnOn(TestBrowser(test))
            return try await inTwoBrowsers(test) { _ in ["way": "recovery", "code": codes[0]] }
        },
        Value(testDescription: "the answer to a passkey's challenge") {
            let test = try await TestSite(party: .first)
            var key = try TestSite.authenticator()
            _ = try await test.addPasskey(TestBrowser(test), &key)
            let browser = TestBrowser(test)
            let page = await browser.follow(test.authorize())
            let options = try await TestSite.options(browser, page)
            let answer = try TestSite.fields(options, try key.answer(request: options.text))
            return await twice(browser, page, answer, isSignedIn)
        },
        Value(testDescription: "the answer of a person to a client") {
            let test = try await TestSite()
            let browser = TestBrowser(test)
            let page = await browser.follow(test.authorize())
            let consent = await browser.follow(
                browser.submit(page, ["email": TestSite.email, "password": TestSite.password]))
            return await twice(browser, consent, ["decision": "allow"]) { $0.answer?[.code] != nil }
        },
    ]

    /// Somebody who has typed another address for their account, and the page that waits for its code.
    private static func changing() async throws -> (MailDesk, Page) {
        let desk = try await MailDesk()
        let page = await desk.test.openAccount(desk.browser, "/account/security/email")
        try await desk.deliver()
        return (desk, await desk.browser.follow(desk.browser.submit(page, ["email": "countess@example.com"])))
    }

    /// The second factor of two sign-ins by the same value.
    private static func inTwoBrowsers(
        _ test: TestSite, _ fields: (Page) -> [String: String]
    ) async throws -> Outcome {
        var outcomes: [Bool] = []
        for _ in 0..<2 {
            let browser = TestBrowser(test)
            let page = await test.passwordDone(browser)
            outcomes.append(isSignedIn(await browser.submit(page, fields(page))))
        }
        return Outcome(first: outcomes[0], again: outcomes[1])
    }

    @Test(arguments: values)
    func countsOnce(_ value: Value) async throws {
        let outcome = try await value.spendTwice()
        #expect(outcome.first)
        #expect(!outcome.again)
    }

    @Test("The token that a password waits under in a call")
    func sessionTokens() async throws {
        let app = try await App(try await TestSite(), .tokens)
        try await app.signIn()
        let (secret, _) = try await app.turnOn()
        let due = try await app.call(.login, App.right)
        let token = try #require(due.json["sessionToken"]?.string)
        func verify() async throws -> Page {
            try await app.call(
                .verifySecondFactor, ["sessionToken": .string(token), "code": .string(try app.test.code(secret))])
        }
        #expect(try await verify().status == 200)
        app.test.clock.advance(by: .seconds(30))
        #expect(try await verify().problem == "sessionOver")
    }
}
