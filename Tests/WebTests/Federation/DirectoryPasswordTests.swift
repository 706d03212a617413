import AuthorizationServer
import Directory
import DirectoryTesting
import Federation
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Web

@Suite("Passwords that a directory keeps")
struct DirectoryPasswordTests {
    private static func security(_ site: DirectorySite, _ browser: TestBrowser) async throws -> Page {
        let page = await browser.follow("/account/security")
        return await browser.follow(
            await browser.submit(page, ["email": "grace@corp.example", "password": DirectorySite.password]))
    }

    @Test func areNotChangedHereAndThePageSaysWhere() async throws {
        try await DirectorySite.with { (site) async throws in
            let browser = TestBrowser(site.test)
            let page = try await Self.security(site, browser)
            #expect(page.text.contains("id=\"password-keeper\"") && page.text.contains("Corp"))
            #expect(page.text.contains("href=\"https://password.corp.example/\""))
            #expect(!page.text.contains("id=\"change-password\""))
            #expect(await browser.get("/account/security/password").location?.hasSuffix("/account/security") == true)
            let user = try #require(try await site.user("grace@corp.example"))
            let csrf = try #require(page.hiddenFields["csrf"])
            let posted = await browser.post(
                "/account/security/password",
                ["csrf": csrf, "current": "", "password": "a password of my own choosing"])
            #expect(posted.status == 303)
            #expect(try await site.user("grace@corp.example")?.passwordHash == nil)
            // Whom no directory in use opens may choose one.
            try await site.change { $0.disabledAt = .noon }
            site.test.federation?.federation.forget()
            #expect(try await site.directories.keeper(of: user) == nil)
            let other = await browser.follow("/account/security")
            #expect(other.text.contains("id=\"change-password\""))
        }
    }

    @Test func areNotSetByMailWhichSaysWhere() async throws {
        try await DirectorySite.with { (site) async throws in
            _ = try await Self.security(site, TestBrowser(site.test))
            var shapes: Set<String> = []
            for email in ["grace@corp.example", TestSite.email, "nobody@corp.example"] {
                let browser = TestBrowser(site.test)
                let page = await browser.submit(browser.get("/forgot-password"), ["email": email])
                #expect(page.status == 200)
                shapes.insert(page.text.replacing(email, with: "ADDRESS"))
            }
            // A stranger sees no difference.
            #expect(shapes.count == 1)
            let mails = try await site.deliver()
            let toGrace = mails.filter { $0.recipient.rawValue == "grace@corp.example" }.map(\.content.text)
                .filter { $0.contains("asked for a new password") }
            #expect(toGrace.count == 1 && toGrace[0].contains("Corp"))
            #expect(
                toGrace.allSatisfy { !$0.contains("/reset-password") && $0.contains("https://password.corp.example/") })
            let toAda = mails.filter { $0.recipient.rawValue == TestSite.email }.map(\.content.text)
            #expect(toAda.contains { $0.contains("/reset-password?link=") })
        }
    }

    // A link that was given out before the account belonged to a directory sets no password beside it.
    @Test func anEarlierLinkSetsNone() async throws {
        try await DirectorySite.with { (site) async throws in
            #expect(await site.signIn(TestBrowser(site.test), "kate@corp.example").answer?[.code] != nil)
            try await site.change { $0.disabledAt = .noon }
            site.test.federation?.federation.forget()
            let browser = TestBrowser(site.test)
            _ = await browser.submit(browser.get("/forgot-password"), ["email": "kate@corp.example"])
            let text = try #require(
                try await site.deliver().first { $0.content.text.contains("/reset-password?link=") }?.content.text)
            let address = String(try #require(text.split(separator: "\n").first { $0.hasPrefix("https://") }))
            #expect(await browser.get(address).status == 200)
            try await site.change { $0.disabledAt = nil }
            site.test.federation?.federation.forget()
            #expect(await browser.get(address).status == 410)
        }
    }

    // The first new password by mail takes off the link by which the account came to be, which the log says.
    @Test func aLinkThatANewPasswordTakesOffIsAnEvent() async throws {
        try await DirectorySite.with { (site) async throws in
            #expect(await site.signIn(TestBrowser(site.test), "kate@corp.example").answer?[.code] != nil)
            let user = try #require(try await site.user("kate@corp.example"))
            try await site.change { $0.disabledAt = .noon }
            site.test.federation?.federation.forget()
            let browser = TestBrowser(site.test)
            _ = await browser.submit(browser.get("/forgot-password"), ["email": "kate@corp.example"])
            let text = try #require(
                try await site.deliver().first { $0.content.text.contains("/reset-password?link=") }?.content.text)
            let address = String(try #require(text.split(separator: "\n").first { $0.hasPrefix("https://") }))
            #expect(try await !site.events().contains { $0.action == "identity_unlinked" })
            let page = await browser.submit(browser.get(address), ["password": "a password of my own choosing"])
            #expect(page.status == 200)
            #expect(try await site.links(of: user) == [])
            let gone = try await site.events().filter { $0.action == "identity_unlinked" }
            #expect(gone.count == 1 && gone[0].subject == user.id && gone[0].details?.contains("corp") == true)
        }
    }

    @Test func theCallsOfAppsTakeThem() async throws {
        try await DirectorySite.with { (site) async throws in
            let app = try await App(site.test, .tokens)
            let login = { (email: String, password: String) in
                try await app.call(.login, ["email": .string(email), "password": .string(password)])
            }
            #expect(try await login("grace@corp.example", "wrong").problem == "wrongCredentials")
            #expect(try await login("grace@corp.example", DirectorySite.password).status == 200)
            // An account that has to be proven first, which is done on a page.
            #expect(try await login(TestSite.email, DirectorySite.password).problem == "notAdmitted")
            #expect(try await login(TestSite.email, TestSite.password).status == 200)
            site.scripted.fail(.unavailable(.timedOut))
            #expect(try await login("kate@corp.example", DirectorySite.password).problem == "busy")
        }
    }
}
