import AuthorizationServer
import FederationTesting
import HTTP
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Two tabs of one browser at providers")
struct FederationTabTests {
    /// Opens the page of a client's request in a new tab; answers the address of a button.
    private func open(
        _ site: FederationSite, _ browser: TestBrowser, _ state: String, by connector: String = "login"
    ) async throws -> String {
        let page = await browser.follow(site.test.authorize(["state": state]))
        return try #require(page.address(of: "/with/\(connector)"))
    }

    /// Presses the button and signs in there; answers the address of the way back.
    private func visit(
        _ site: FederationSite, _ browser: TestBrowser, _ button: String, by connector: String = "login",
        as person: ScriptedPerson
    ) async throws -> String {
        let away = await browser.get(button)
        let provider = connector == "login" ? site.provider : site.other
        let query = try provider.authorize(try #require(away.location), as: person)
        return "/federation/\(connector)/callback?\(query)"
    }

    /// Both.
    private func away(
        _ site: FederationSite, _ browser: TestBrowser, _ state: String, by connector: String = "login",
        as person: ScriptedPerson
    ) async throws -> String {
        try await visit(
            site, browser, try await open(site, browser, state, by: connector), by: connector, as: person)
    }

    private func grace(_ subject: String = "g-1") -> ScriptedPerson {
        ScriptedPerson(subject, email: "grace@example.org")
    }

    @Test(arguments: [false, true])
    func eachEndsWhatItBegan(lastFirst: Bool) async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        var tabs = [
            ("one", try await away(site, browser, "one", as: grace())),
            ("two", try await away(site, browser, "two", as: grace())),
        ]
        if lastFirst { tabs.reverse() }
        for (state, back) in tabs {
            let end = await browser.follow(back)
            #expect(end.answer?[.code] != nil && end.answer?[Parameter("state")] == state)
        }
        let user = try #require(try await site.test.environment.storage.users.find(Email("grace@example.org")!))
        #expect(try await site.links(of: user.id) == ["login g-1"])
        for (_, back) in tabs { #expect(await browser.follow(back).answer == nil) }
    }

    @Test(arguments: [false, true])
    func twoProvidersInTwoTabsDoNotMix(lastFirst: Bool) async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        var tabs = [
            ("one", try await away(site, browser, "one", as: ScriptedPerson("1", email: "one@example.org"))),
            (
                "two",
                try await away(site, browser, "two", by: "other", as: ScriptedPerson("1", email: "two@example.org"))
            ),
        ]
        if lastFirst { tabs.reverse() }
        for (state, back) in tabs {
            let end = await browser.follow(back)
            #expect(end.answer?[Parameter("state")] == state)
            let code = try #require(end.answer?[.code])
            let claims = await site.test.userInfo(
                try #require(await site.test.redeem(code).json["access_token"]?.string))
            #expect(claims.json["email"]?.string == "\(state)@example.org")
        }
    }

    // Of one browser are both, and still a code is good in its own tab alone.
    @Test func theCodeOfOneTabIsNothingToTheOther() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let mine = try await away(site, browser, "one", as: grace())
        let other = try await away(site, browser, "two", as: ScriptedPerson("h-1", email: "hedy@example.org"))
        func field(_ address: String, _ name: String) throws -> String {
            try #require(try ScriptedUpstream.query(of: address)[Parameter(name)])
        }
        let mixed = ScriptedUpstream.encode([
            ("code", try field(other, "code")), ("state", try field(mine, "state")), ("iss", site.provider.issuer),
        ])
        #expect(await browser.follow("/federation/login/callback?" + mixed).answer == nil)
        #expect(browser.cookies["__Host-martlet-session"] == nil)
        // The tab that it is of is none the worse for it, and the other one begins anew.
        #expect(await browser.follow(other).answer?[Parameter("state")] == "two")
        #expect(await browser.follow(mine).answer == nil)
    }

    // Whatever waits in the browser, it is linked to the account that it waits for, or to none.
    @Test(arguments: [false, true])
    func twoLinksThatWaitAreEachForTheirOwnAccount(provesTheFirst: Bool) async throws {
        let site = try await FederationSite()
        let bob = try await site.test.accounts.add(
            email: "bob@example.com", name: "Bob", isVerified: true, password: "another long password here")
        let browser = TestBrowser(site.test)
        // Both tabs are open before anybody waits in the browser, whose pages then have no other button.
        let buttons = (
            try await open(site, browser, "one"), try await open(site, browser, "two", by: "other")
        )
        let first = await browser.follow(
            try await visit(site, browser, buttons.0, as: ScriptedPerson("a-1", email: TestSite.email)))
        let second = await browser.follow(
            try await visit(
                site, browser, buttons.1, by: "other", as: ScriptedPerson("b-1", email: "bob@example.com")))
        #expect(first.text.contains("id=\"linking\"") && second.text.contains("id=\"linking\""))
        let end =
            provesTheFirst
            ? await browser.submit(first, ["email": TestSite.email, "password": TestSite.password])
            : await browser.submit(second, ["email": "bob@example.com", "password": "another long password here"])
        #expect(await browser.follow(end).answer?[.code] != nil)
        let (ofAda, ofBob) = (try await site.links(of: site.test.user.id), try await site.links(of: bob.id))
        #expect(ofAda == [] || ofAda == ["login a-1"])
        #expect(ofBob == (provesTheFirst ? [] : ["other b-1"]))
        // Whoever was not linked is asked again, and linked then.
        if provesTheFirst, ofAda == [] {
            let other = TestBrowser(site.test)
            let page = try await site.signIn(other, as: ScriptedPerson("a-1", email: TestSite.email))
            _ = await other.submit(page, ["email": TestSite.email, "password": TestSite.password])
            #expect(try await site.links(of: site.test.user.id) == ["login a-1"])
        }
    }
}
