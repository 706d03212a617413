import AuthorizationServer
import HTTP
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("The apps that a person gave access to")
struct AccountAppsTests {
    /// Signs in at the client with consent; answers its refresh token.
    private func allow(_ test: TestSite, _ browser: TestBrowser) async throws -> String {
        let code = try #require(await test.signIn(browser).answer?[.code])
        return try #require(await test.redeem(code).json["refresh_token"]?.string)
    }

    @Test func areListedAndLoseTheirAccess() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let nothing = await test.openAccount(browser, "/account/apps")
        #expect(nothing.status == 200 && nothing.text.contains("id=\"no-apps\""))
        let refresh = try await allow(test, browser)
        let page = await browser.get("/account/apps")
        #expect(page.text.contains("data-client=\"shop\"") && page.text.contains("data-scope=\"email\""))
        // What names nobody changes nothing.
        for client in ["", "other", "§"] {
            #expect(await browser.submit(page, ["client": client]).location == "/account/apps")
        }
        #expect(await test.refresh(refresh).status == 200)
        let done = await browser.follow(browser.submit(page, ["client": "shop"]))
        #expect(done.text.contains("id=\"no-apps\""))
        #expect(await test.refresh(refresh).status == 400)
        let store = test.environment.storage
        let shop = try #require(ClientID("shop"))
        #expect(try await store.consents.find(user: test.user.id, client: shop).isEmpty)
        let events = try await store.audit.find(AuditSearch(), limit: 99).filter { $0.action == "consent_withdrawn" }
        #expect(events.map(\.client) == [shop] && events.map(\.subject) == [test.user.id])
        // The person is asked again.
        let again = await browser.follow(test.authorize())
        #expect(again.text.contains("id=\"allow\""))
    }

    @Test func ofOneOwnAreListedWhileTheyHaveAGrant() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        _ = try #require(await test.signIn(browser).answer?[.code])
        let page = await browser.get("/account/apps")
        #expect(page.text.contains("data-client=\"shop\"") && !page.text.contains("data-scope="))
        let done = await browser.follow(browser.submit(page, ["client": "shop"]))
        #expect(done.text.contains("id=\"no-apps\""))
    }

    @Test func anotherPersonLosesNothing() async throws {
        let test = try await TestSite()
        let (browser, stranger) = (TestBrowser(test), TestBrowser(test))
        let refresh = try await allow(test, browser)
        let page = await browser.get("/account/apps")
        let token = try #require(page.hiddenFields["csrf"])
        #expect(await stranger.post("/account/apps/withdraw", ["csrf": token, "client": "shop"]).status != 200)
        #expect(await browser.post("/account/apps/withdraw", ["client": "shop"]).status == 403)
        #expect(await test.refresh(refresh).status == 200)
    }
}
