import AuthorizationServer
import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Ways to sign in, on the page of an account")
struct AccountLinkTests {
    private func add(
        _ site: FederationSite, _ browser: TestBrowser, as person: ScriptedPerson
    ) async throws -> Page {
        let page = try await site.security(browser)
        let token = try #require(page.hiddenFields["csrf"])
        let away = await browser.post("/account/security/links/add", ["csrf": token, "connector": "login"])
        let query = try site.provider.authorize(try #require(away.location), as: person)
        return await browser.follow("/federation/login/callback?\(query)")
    }

    @Test func aLinkIsAddedUsedAndRemoved() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let person = ScriptedPerson("ada-there", email: "private@example.net")
        let page = try await add(site, browser, as: person)
        #expect(page.text.contains("id=\"links\""))
        #expect(try await site.links(of: site.test.user.id) == ["login ada-there"])
        #expect(try await site.signIn(TestBrowser(site.test), as: person).answer?[.code] != nil)
        let link = try await site.test.environment.storage.links.list(of: site.test.user.id)
        #expect(link[0].email == "private@example.net" && link[0].lastUsedAt != nil)
        let handle = try #require(page.attribute("name=\"link\" value=\""))
        let token = try #require(page.hiddenFields["csrf"])
        _ = await browser.post(
            "/account/security/links/remove", ["csrf": token, "connector": "login", "link": handle])
        #expect(try await site.links(of: site.test.user.id) == [])
    }

    @Test func whoCameByALinkThatIsGoneGoesToo() async throws {
        let site = try await FederationSite()
        let (owner, stranger) = (TestBrowser(site.test), TestBrowser(site.test))
        let person = ScriptedPerson("stranger", email: nil)
        let page = try await add(site, owner, as: person)
        #expect(try await site.signIn(stranger, as: person).answer?[.code] != nil)
        #expect(await stranger.get(site.test.authorize(["prompt": "none"])).answer?[.code] != nil)
        let handle = try #require(page.attribute("name=\"link\" value=\""))
        let end = await owner.follow(
            await owner.post(
                "/account/security/links/remove",
                ["csrf": page.hiddenFields["csrf"] ?? "", "connector": "login", "link": handle]))
        #expect(end.status == 200 && end.text.contains("id=\"connect-login\""))
        #expect(await stranger.get(site.test.authorize(["prompt": "none"])).answer?[.code] == nil)
    }

    // What clients got in it goes too, offline or not; what the owner has in other sessions stays.
    @Test func whatClientsGotByALinkGoesWithIt() async throws {
        let site = try await FederationSite()
        let (owner, stranger) = (TestBrowser(site.test), TestBrowser(site.test))
        let person = ScriptedPerson("stranger", email: nil)
        let page = try await add(site, owner, as: person)
        func refreshToken(_ browser: TestBrowser) async throws -> String {
            let answer = await browser.follow(
                site.test.authorize(["scope": "openid offline_access", "prompt": "consent"]))
            let allowed = await browser.submit(answer, ["decision": "allow"])
            let code = try #require(allowed.answer?[.code])
            return try #require(await site.test.redeem(code).json["refresh_token"]?.string)
        }
        func isAlive(_ token: String) async -> Bool {
            await site.test.token(["grant_type": "refresh_token", "refresh_token": token]).status == 200
        }
        #expect(try await site.signIn(stranger, as: person).answer?[.code] != nil)
        let (own, theirs) = (try await refreshToken(owner), try await refreshToken(stranger))
        let handle = try #require(page.attribute("name=\"link\" value=\""))
        _ = await owner.post(
            "/account/security/links/remove",
            ["csrf": page.hiddenFields["csrf"] ?? "", "connector": "login", "link": handle])
        #expect(try await site.links(of: site.test.user.id).isEmpty)
        #expect(await !isAlive(theirs))
        #expect(await isAlive(own))
    }

    // A session that somebody has left open there is no way into this account.
    @Test func aProviderThatDidNotAskIsNotConnected() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        var person = ScriptedPerson("ada-there", email: "private@example.net")
        person.claims["auth_time"] = .integer(site.test.clock.now.seconds - 3600)
        let page = try await add(site, browser, as: person)
        #expect(page.text.contains("was not connected") && page.text.contains("id=\"connect-login\""))
        #expect(try await site.links(of: site.test.user.id) == [])
        person.claims["auth_time"] = .integer(site.test.clock.now.seconds)
        _ = try await add(site, TestBrowser(site.test), as: person)
        #expect(try await site.links(of: site.test.user.id) == ["login ada-there"])
    }

    // Only where a provider can still be added does the form lead away from here.
    @Test func thePageSendsFormsToProvidersOnlyToAddOne() async throws {
        for (mayLink, isWide) in [(true, true), (false, false)] {
            let site = try await FederationSite(["may_link": .bool(mayLink)], other: ["may_link": .bool(mayLink)])
            let policy = try await site.security(TestBrowser(site.test)).response.headers["Content-Security-Policy"]
            #expect(policy?.contains("form-action 'self' https:") == isWide)
            // This machine is nobody's provider in production.
            #expect(policy?.contains("localhost") == false && policy?.contains("127.0.0.1") == false)
        }
    }

    @Test func withoutTheTokenOfThePageNothingIsLinked() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        _ = try await site.security(browser)
        #expect(await browser.post("/account/security/links/add", ["connector": "login"]).status == 403)
        #expect(await browser.get("/account/security/links/add").status == 405)
    }

    // Somebody else's answer, or one of another session, links nothing.
    @Test func anAnswerLinksInItsSessionAlone() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let page = try await site.security(browser)
        let token = try #require(page.hiddenFields["csrf"])
        let away = await browser.post("/account/security/links/add", ["csrf": token, "connector": "login"])
        let query = try site.provider.authorize(try #require(away.location), as: ScriptedPerson("ada-there"))
        browser.cookies["__Host-martlet-session"] = nil
        let end = await browser.follow("/federation/login/callback?\(query)")
        #expect(end.text.contains("name=\"password\""))
        #expect(try await site.links(of: site.test.user.id) == [])
    }

    @Test func whatOpensAnotherAccountIsSaidSo() async throws {
        let site = try await FederationSite()
        let person = ScriptedPerson("g-1", email: "grace@example.org")
        _ = try await site.signIn(TestBrowser(site.test), as: person)
        let page = try await add(site, TestBrowser(site.test), as: person)
        #expect(page.text.contains("opens another account here"))
        #expect(try await site.links(of: site.test.user.id) == [])
    }

    @Test func theLastWayInStays() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        _ = try await site.signIn(browser, as: ScriptedPerson("g-1", email: "grace@example.org"))
        let page = await browser.follow("/account/security")
        let handle = try #require(page.attribute("name=\"link\" value=\""))
        let end = await browser.follow(
            await browser.post(
                "/account/security/links/remove",
                ["csrf": page.hiddenFields["csrf"] ?? "", "connector": "login", "link": handle]))
        #expect(end.text.contains("last way into this account"))
        let user = try #require(try await site.test.environment.storage.users.find(Email("grace@example.org")!))
        #expect(try await site.links(of: user.id) == ["login g-1"])
    }
}
