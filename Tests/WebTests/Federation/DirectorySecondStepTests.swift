import AuthorizationServer
import Directory
import DirectoryTesting
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Web

@Suite("The second factor after a directory's password")
struct DirectorySecondStepTests {
    private static let session = "__Host-martlet-session"
    private static let there: JSONValue = [
        "email": .string(TestSite.email), "password": .string(DirectorySite.password),
    ]

    /// A site whose person has a link to the directory and an app for codes.
    private func withCodes(_ body: (DirectorySite, [UInt8]) async throws -> Void) async throws {
        try await DirectorySite.with { (site) async throws in
            try await site.link(site.test.user, to: "e-ada")
            let secret = try await site.test.turnOn(TestBrowser(site.test)).secret
            try await body(site, secret)
        }
    }

    @Test func thatThePasswordWasRightIsAnEvent() async throws {
        try await withCodes { site, _ in
            _ = await site.signIn(TestBrowser(site.test), TestSite.email)
            let proven = try await site.events().filter { $0.action == "password_proven" }
            #expect(proven.count == 1 && proven.first?.subject == site.test.user.id)
            #expect(proven.first?.details?.contains("corp") == true)
        }
    }

    @Test func isOfNoUseOnPagesOnceTheDirectoryIsDisabled() async throws {
        try await withCodes { site, secret in
            for isEnabled in [false, true] {
                let browser = TestBrowser(site.test)
                let page = await site.signIn(browser, TestSite.email)
                #expect(page.text.contains("name=\"code\""))
                if !isEnabled { try await site.change { $0.disabledAt = .noon } }
                _ = await browser.follow(await browser.submit(page, ["code": try site.test.code(secret)]))
                #expect((browser.cookies[Self.session] != nil) == isEnabled)
                try await site.change { $0.disabledAt = nil }
                site.test.clock.advance(by: .seconds(60))
            }
            let sessions = try await site.test.environment.storage.sessions.list(
                of: site.test.user.id, at: site.test.clock.now)
            // Of the browser that set the app up, and of the one that got in.
            #expect(sessions.count == 2)
        }
    }

    @Test func isOfNoUseInCallsOnceTheDirectoryIsDisabledOrTheLinkIsGone() async throws {
        try await withCodes { site, secret in
            let app = try await App(site.test, .tokens)
            func begin() async throws -> JSONValue {
                let begun = try await app.call(.login, Self.there)
                return try #require(begun.json["sessionToken"])
            }
            func finish(_ token: JSONValue) async throws -> Page {
                let code = try site.test.code(secret)
                // Its step is spent.
                defer { site.test.clock.advance(by: .seconds(60)) }
                return try await app.call(.verifySecondFactor, ["sessionToken": token, "code": .string(code)])
            }
            let first = try await begin()
            try await site.change { $0.disabledAt = .noon }
            #expect(try await finish(first).problem == "sessionOver")
            try await site.change { $0.disabledAt = nil }
            #expect(try await finish(try await begin()).status == 200)
            let third = try await begin()
            #expect(
                try await site.test.environment.storage.links.unlink(
                    DirectorySite.connector, subject: "e-ada", of: site.test.user.id) == .removed)
            #expect(try await finish(third).problem == "sessionOver")
        }
    }

    // Who is dismissed there must not stay in here for weeks, whatever the browser sends.
    @Test(arguments: [true, false])
    func nobodyStaysSignedInByADirectory(hasSecondFactor: Bool) async throws {
        let times = Sessions.Remembered(lifetime: .seconds(30 * 86_400), idleLifetime: .seconds(14 * 86_400))
        try await DirectorySite.with(remembered: times) { (site) async throws in
            try await site.link(site.test.user, to: "e-ada")
            let secret = hasSecondFactor ? try await site.test.turnOn(TestBrowser(site.test)).secret : nil
            let browser = TestBrowser(site.test)
            let page = await browser.follow(site.test.authorize())
            var next = await browser.submit(
                page, ["email": TestSite.email, "password": DirectorySite.password, "stay": "yes"])
            if let secret {
                browser.cookies["__Host-martlet-stay"] = "yes"
                next = await browser.submit(await browser.follow(next), ["code": try site.test.code(secret)])
            }
            #expect(browser.cookies[Self.session] != nil, "\(next.status)")
            let sessions = try await site.test.environment.storage.sessions.list(
                of: site.test.user.id, at: site.test.clock.now)
            #expect(sessions.count == (hasSecondFactor ? 2 : 1) && !sessions.contains(where: \.isRemembered))
        }
    }

    // Also where the second factor came between.
    @Test func aBrowserIsKnownByTheAddressThatWasTyped() async throws {
        let login = "ada.login@corp.example"
        let rule = LockRule(failures: 3, step: .seconds(3000), longest: .seconds(3600), memory: .seconds(86_400))
        let limits = SignInLimits(perAddress: 0, perNetwork: 0, lock: nil, account: rule, everywhere: 0)
        try await DirectorySite.with(limits: limits) { (site) async throws in
            try await site.link(site.test.user, to: "e-ada")
            let secret = try await site.test.turnOn(TestBrowser(site.test)).secret
            let browser = TestBrowser(site.test)
            let page = await site.signIn(browser, login)
            _ = await browser.follow(await browser.submit(page, ["code": try site.test.code(secret)]))
            #expect(browser.cookies[Self.session] != nil)
            browser.cookies[Self.session] = nil
            for _ in 0..<3 { _ = await site.signIn(TestBrowser(site.test), login, "guess") }
            #expect(await site.signIn(TestBrowser(site.test), login).status == 429)
            #expect(await site.signIn(browser, login).text.contains("name=\"code\""))
        }
    }
}
