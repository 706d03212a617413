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

@Suite("Signing in by a connector")
struct FederationFlowTests {
    // The way in that the account has may be another provider.
    @Test func whoHasNoPasswordProvesTheAccountByAnotherProvider() async throws {
        let site = try await FederationSite()
        let there = ScriptedPerson("o-1", email: "grace@example.org")
        _ = try await site.signIn(TestBrowser(site.test), as: there, by: "other")
        let browser = TestBrowser(site.test)
        let page = try await site.signIn(browser, as: ScriptedPerson("l-1", email: "grace@example.org"))
        #expect(page.text.contains("id=\"linking\"") && page.address(of: "/with/login") == nil)
        let away = await browser.get(try #require(page.address(of: "/with/other")))
        let query = try site.other.authorize(try #require(away.location), as: there)
        #expect(await browser.follow("/federation/other/callback?\(query)").answer?[.code] != nil)
        let user = try #require(try await site.test.environment.storage.users.find(Email("grace@example.org")!))
        #expect(Set(try await site.links(of: user.id)) == ["other o-1", "login l-1"])
        // By which of them the session has begun is not forgotten.
        let records = try await site.test.environment.storage.upstreamSessions.list(
            ConnectorID(rawValue: "other"), subject: "o-1", at: site.test.clock.now)
        #expect(records.count == 2)
    }

    // The way in that proves the account may ask for a second factor: who waits to be linked still does then.
    @Test func whoProvesTheAccountByAProviderAndACodeIsLinked() async throws {
        let site = try await FederationSite()
        let there = ScriptedPerson("o-1", email: TestSite.email)
        let link = LinkedIdentity(
            connector: ConnectorID(rawValue: "other"), subject: "o-1", userID: site.test.user.id, email: nil, name: nil,
            linkedAt: .noon, lastUsedAt: nil)
        #expect(try await site.test.environment.storage.links.link(link) == .linked)
        let secret = try await site.test.turnOn(TestBrowser(site.test)).secret
        let browser = TestBrowser(site.test)
        let page = try await site.signIn(browser, as: ScriptedPerson("l-1", email: TestSite.email))
        let away = await browser.get(try #require(page.address(of: "/with/other")))
        var fresh = there
        fresh.claims["auth_time"] = .integer(site.test.clock.now.seconds)
        let query = try site.other.authorize(try #require(away.location), as: fresh)
        let code = await browser.follow("/federation/other/callback?\(query)")
        #expect(code.text.contains("name=\"code\""))
        let end = await browser.follow(await browser.submit(code, ["code": try site.test.code(secret)]))
        #expect(end.answer?[.code] != nil)
        #expect(Set(try await site.links(of: site.test.user.id)) == ["other o-1", "login l-1"])
    }

    @Test func aPageOfSomebodyElseSignsNobodyIn() async throws {
        let site = try await FederationSite()
        let path = "/account/sign-in/with/login?to=profile"
        let browser = TestBrowser(site.test)
        browser.headers.set("Sec-Fetch-Site", "cross-site")
        #expect(await browser.get(path).location?.hasSuffix("/account/sign-in?to=profile") == true)
        browser.headers.set("Sec-Fetch-Site", "same-origin")
        let own = await browser.get(path)
        #expect(own.location?.hasPrefix(site.provider.issuer) == true)
    }

    @Test func somebodyNewGetsAnAccountAndTheClientACode() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let person = ScriptedPerson("g-1", email: "grace@example.org", name: "Grace Hopper")
        let end = try await site.signIn(browser, as: person)
        #expect(end.location?.hasPrefix(TestSite.redirectURI) == true && end.answer?[.code] != nil)
        let user = try #require(
            try await site.test.environment.storage.users.find(Email("grace@example.org")!))
        #expect(user.isEmailVerified && user.name == "Grace Hopper" && user.passwordHash == nil)
        #expect(try await site.links(of: user.id) == ["login g-1"])
        // The next time it opens the same account, and makes none.
        let again = try await site.signIn(TestBrowser(site.test), as: person)
        #expect(again.answer?[.code] != nil)
        #expect(try await site.test.environment.storage.users.list(after: nil, limit: 9).count == 2)
    }

    @Test func theSameSubjectElsewhereIsSomebodyElse() async throws {
        let site = try await FederationSite()
        _ = try await site.signIn(
            TestBrowser(site.test), as: ScriptedPerson("1", email: "one@example.org"), by: "login")
        _ = try await site.signIn(
            TestBrowser(site.test), as: ScriptedPerson("1", email: "two@example.org"), by: "other")
        let users = site.test.environment.storage.users
        let (one, two) = (
            try #require(try await users.find(Email("one@example.org")!)),
            try #require(try await users.find(Email("two@example.org")!))
        )
        #expect(try await site.links(of: one.id) == ["login 1"])
        #expect(try await site.links(of: two.id) == ["other 1"])
    }

    // nOAuth: whoever can give themselves an address elsewhere gets nothing of who has it here.
    @Test(arguments: [true, false])
    func theAddressOfAnAccountOpensNothing(isVerified: Bool) async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let person = ScriptedPerson("mallory", email: TestSite.email, isVerified: isVerified)
        let end = try await site.signIn(browser, as: person)
        #expect(end.status == 200 && end.answer == nil)
        #expect(end.text.contains("id=\"linking\"") == isVerified)
        #expect(end.text.contains("id=\"connector-problem\"") == !isVerified)
        #expect(try await site.links(of: site.test.user.id) == [])
        #expect(browser.cookies["__Host-martlet-session"] == nil)
    }

    @Test func whoProvesTheAccountLinksIt() async throws {
        let site = try await FederationSite()
        let browser = TestBrowser(site.test)
        let person = ScriptedPerson("ada-there", email: TestSite.email)
        let page = try await site.signIn(browser, as: person)
        #expect(page.text.contains("id=\"linking\"") && page.text.contains("readonly"))
        let end = await browser.follow(
            await browser.submit(page, ["email": TestSite.email, "password": TestSite.password]))
        #expect(end.answer?[.code] != nil)
        #expect(try await site.links(of: site.test.user.id) == ["login ada-there"])
        #expect(browser.cookies["__Host-martlet-link"] == nil)
        // From now on it opens the account by itself.
        let again = try await site.signIn(TestBrowser(site.test), as: person)
        #expect(again.answer?[.code] != nil)
    }

    @Test func anotherAccountThanTheOneThatWaitsIsNotLinked() async throws {
        let site = try await FederationSite()
        let other = try await site.test.accounts.add(
            email: "bob@example.com", name: "Bob", isVerified: true, password: "another long password here")
        let browser = TestBrowser(site.test)
        let page = try await site.signIn(browser, as: ScriptedPerson("ada-there", email: TestSite.email))
        _ = await browser.submit(page, ["email": "bob@example.com", "password": "another long password here"])
        #expect(try await site.links(of: other.id) == [])
        #expect(try await site.links(of: site.test.user.id) == [])
    }

    @Test func whoeverWaitsInOneBrowserIsNotLinkedInAnother() async throws {
        let site = try await FederationSite()
        let (theirs, mine) = (TestBrowser(site.test), TestBrowser(site.test))
        _ = try await site.signIn(theirs, as: ScriptedPerson("mallory", email: TestSite.email))
        // The cookie is taken along; it is bound to the browser it was made for.
        var page = await mine.follow(site.test.authorize())
        mine.cookies["__Host-martlet-link"] = theirs.cookies["__Host-martlet-link"]
        #expect(mine.cookies["__Host-martlet-link"] != nil)
        page = await mine.submit(page, ["email": TestSite.email, "password": TestSite.password])
        #expect(await mine.follow(page).answer?[.code] != nil)
        #expect(try await site.links(of: site.test.user.id) == [])
    }

    @Test func anAccountThatNobodyHasProvenIsNotLinked() async throws {
        let site = try await FederationSite()
        _ = try await site.test.accounts.add(
            email: "early@example.com", name: "Squatter", isVerified: false, password: "a password of a squatter")
        let end = try await site.signIn(
            TestBrowser(site.test), as: ScriptedPerson("owner", email: "early@example.com"))
        #expect(end.text.contains("id=\"connector-problem\"") && !end.text.contains("id=\"linking\""))
    }

    @Test(arguments: [SignUpMode.closed, .invitation])
    func whereSignUpIsNotOpenNobodyNewGetsIn(_ mode: SignUpMode) async throws {
        let site = try await FederationSite(mode: mode)
        let end = try await site.signIn(TestBrowser(site.test), as: ScriptedPerson("new"))
        #expect(end.text.contains("id=\"connector-problem\""))
        #expect(try await site.test.environment.storage.users.list(after: nil, limit: 9).count == 1)
        // Whoever has an account may still link it.
        let page = try await site.signIn(TestBrowser(site.test), as: ScriptedPerson("ada", email: TestSite.email))
        #expect(page.text.contains("id=\"linking\""))
    }

    @Test(
        arguments: [
            (#"{"may_create":false}"#, "new@example.org"), (#"{"may_link":false}"#, TestSite.email),
            (#"{"domains":["example.net"]}"#, "new@example.org"), (#"{"email_verified":"never"}"#, "new@example.org"),
        ] as [(String, String)])
    func aPolicyIsObeyed(_ settings: String, _ email: String) async throws {
        let strict = try await FederationSite(try JSONObject(parsing: Array(settings.utf8)))
        let person = ScriptedPerson("somebody", email: email)
        let refused = try await strict.signIn(TestBrowser(strict.test), as: person)
        #expect(refused.text.contains("id=\"connector-problem\""))
        let usual = try await FederationSite()
        let page = try await usual.signIn(TestBrowser(usual.test), as: person)
        #expect(!page.text.contains("id=\"connector-problem\""))
    }

    @Test func aClosedAccountStaysClosed() async throws {
        let site = try await FederationSite()
        let person = ScriptedPerson("g-1", email: "grace@example.org")
        #expect(try await site.signIn(TestBrowser(site.test), as: person).answer?[.code] != nil)
        try await site.test.accounts.disable("grace@example.org")
        let end = try await site.signIn(TestBrowser(site.test), as: person)
        #expect(end.text.contains("id=\"connector-problem\"") && end.answer == nil)
    }

    @Test func aNameOfTheProviderIsTakenUntilItsOwnerChangesIt() async throws {
        let site = try await FederationSite(["profile": "provider"])
        let users = site.test.environment.storage.users
        func name() async throws -> String? { try await users.find(Email("grace@example.org")!)?.name }
        func signIn(_ name: String) async throws {
            _ = try await site.signIn(
                TestBrowser(site.test), as: ScriptedPerson("g-1", email: "grace@example.org", name: name))
        }
        try await signIn("Grace Hopper")
        try await signIn("Grace B. Hopper")
        #expect(try await name() == "Grace B. Hopper")
        let user = try #require(try await users.find(Email("grace@example.org")!))
        _ = try await users.rename(user.id, to: "Amazing Grace", at: site.test.clock.now)
        try await signIn("Rear Admiral Hopper")
        #expect(try await name() == "Amazing Grace")
    }
}
