import AuthorizationServer
import FederationTesting
import HTTP
import Identity
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("An account whose connector is gone has a way in")
struct StrandedAccountTests {
    enum End: CaseIterable {
        case disabled, removed
    }

    @Test(arguments: End.allCases)
    func byTheLinkOfAForgottenPassword(_ end: End) async throws {
        let inbox = Inbox()
        let site = try await FederationSite(mail: MailDesk.parts(.open, inbox))
        let person = ScriptedPerson("g-1", email: "grace@example.org")
        let browser = TestBrowser(site.test)
        #expect(try await site.signIn(browser, as: person).answer?[.code] != nil)
        let storage = site.test.environment.storage
        let id = ConnectorID(rawValue: "login")
        #expect(try await storage.links.countOpened(onlyBy: id) == 1)
        if end == .removed {
            #expect(try await storage.connectors.remove(id))
        } else {
            var connector = try #require(try await storage.connectors.find(id))
            connector.disabledAt = .noon
            #expect(try await storage.connectors.replace(connector))
        }
        try await site.test.site.reload()
        site.test.clock.advance(by: .seconds(3600))
        // Signed in or not, the page is no dead end.
        for browser in [browser, TestBrowser(site.test)] {
            #expect(await browser.follow("/account/security").text.contains("href=\"/forgot-password"))
        }
        let asked = await browser.submit(await browser.get("/forgot-password"), ["email": "grace@example.org"])
        #expect(asked.status == 200)
        try await MailDesk.deliver(from: site.test, to: inbox)
        let mail = inbox.mails.map(\.message).first { $0.content.text.contains("/reset-password?link=") }
        let page = await browser.get(try MailDesk.link(mail))
        let done = await browser.submit(page, ["password": "a first password of hers"])
        #expect(done.text.contains("id=\"done\""))
        let start = await browser.follow("/account/security")
        let fields = ["email": "grace@example.org", "password": "a first password of hers"]
        let security = await browser.follow(await browser.submit(start, fields))
        #expect(security.text.contains("/account/security/password"))
        #expect(try await storage.links.countOpened(onlyBy: id) == 0)
    }
}
