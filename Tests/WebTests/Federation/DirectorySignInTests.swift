import AuthorizationServer
import Directory
import DirectoryTesting
import HTTP
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Synchronization
import Testing
import Web

@Suite("Signing in with the password of a directory")
struct DirectorySignInTests {
    private static let session = "__Host-martlet-session"

    @Test func somebodyNewGetsAnAccountAndTheClientACode() async throws {
        try await DirectorySite.with { (site) async throws in
            #expect(await site.signIn(TestBrowser(site.test), "grace@corp.example").answer?[.code] != nil)
            let user = try #require(try await site.user("grace@corp.example"))
            #expect(user.isEmailVerified && user.name == "Grace There" && user.passwordHash == nil)
            #expect(try await site.links(of: user) == ["corp e-grace"])
            // The next time it opens the same account, whatever address it has there by now.
            site.scripted.state.withLock { state in
                for index in state.entries.indices where state.entries[index].name.hasPrefix("cn=grace") {
                    state.entries[index].values["mail"] = [Array("hopper@corp.example".utf8)]
                }
            }
            #expect(await site.signIn(TestBrowser(site.test), "hopper@corp.example").answer?[.code] != nil)
            #expect(try await site.test.environment.storage.users.list(after: nil, limit: 9).count == 2)
            let sessions = try await site.test.environment.storage.sessions.list(of: user.id, at: site.test.clock.now)
            #expect(sessions.map(\.methods) == [[.password], [.password]])
        }
    }

    // Nothing tells who is known in the directory: neither the page nor what is asked there.
    @Test(arguments: ["nobody@corp.example", "grace@corp.example", "ada@example.com"])
    func aWrongPasswordSaysNothing(_ email: String) async throws {
        try await DirectorySite.with { (site) async throws in
            let unknown = await site.signIn(TestBrowser(site.test), "stranger@corp.example", "wrong")
            let questions = site.scripted.questions.count
            let browser = TestBrowser(site.test)
            let page = await site.signIn(browser, email, "wrong")
            #expect(page.status == 403 && page.text.contains("id=\"error\"") && browser.cookies[Self.session] == nil)
            #expect(site.scripted.questions.count == 2 * questions)
            let shape = { (page: Page, email: String) in
                page.text.split(separator: "\n").filter { !$0.contains("csrf") && !$0.contains("action=") }
                    .joined(separator: "\n").replacing(email, with: "ADDRESS")
            }
            #expect(shape(page, email).contains("ADDRESS"))
            #expect(shape(page, email).count == shape(unknown, "stranger@corp.example").count)
            #expect(await site.signIn(TestBrowser(site.test), "kate@corp.example").answer?[.code] != nil)
        }
    }

    @Test(arguments: ["", " "])
    func noPasswordIsAskedForThere(_ password: String) async throws {
        try await DirectorySite.with { (site) async throws in
            site.scripted.state.withLock { $0.isCareless = true }
            let browser = TestBrowser(site.test)
            #expect(await site.signIn(browser, "grace@corp.example", password).status == 403)
            #expect(browser.cookies[Self.session] == nil && (!password.isEmpty || site.scripted.questions.isEmpty))
            #expect(await site.signIn(browser, "grace@corp.example").answer?[.code] != nil)
        }
    }

    @Test func aPasswordOfOursIsNotToldTheDirectory() async throws {
        try await DirectorySite.with { (site) async throws in
            let end = await site.signIn(TestBrowser(site.test), TestSite.email, TestSite.password)
            #expect(end.answer?[.code] != nil && site.scripted.questions.isEmpty)
            // Nor is anything of people whose domain it has not.
            _ = await site.signIn(TestBrowser(site.test), "ada@elsewhere.example", "wrong")
            #expect(site.scripted.questions.isEmpty)
            _ = await site.signIn(TestBrowser(site.test), TestSite.email, "wrong")
            #expect(!site.scripted.questions.isEmpty)
        }
    }

    @Test func anAccountThatIsThereHasToBeProvenFirst() async throws {
        try await DirectorySite.with { (site) async throws in
            let browser = TestBrowser(site.test)
            let page = await site.signIn(browser, TestSite.email)
            #expect(page.status == 200 && page.text.contains("id=\"linking\"") && page.text.contains("Corp"))
            #expect(browser.cookies[Self.session] == nil)
            #expect(try await site.links(of: site.test.user) == [])
            // The directory's password once more is not the one that is asked for, which the page says.
            let again = await browser.follow(
                await browser.submit(page, ["email": TestSite.email, "password": DirectorySite.password]))
            #expect(again.text.contains("That is your password at Corp."))
            #expect(browser.cookies[Self.session] == nil)
            #expect(try await site.links(of: site.test.user) == [])
            let end = await browser.follow(
                await browser.submit(again, ["email": TestSite.email, "password": TestSite.password]))
            #expect(end.answer?[.code] != nil)
            #expect(try await site.links(of: site.test.user) == ["corp e-ada"])
            // From now on both passwords open it.
            #expect(await site.signIn(TestBrowser(site.test), TestSite.email).answer?[.code] != nil)
            let own = await site.signIn(TestBrowser(site.test), TestSite.email, TestSite.password)
            #expect(own.answer?[.code] != nil)
        }
    }

    @Test func groupsComeAndGoWithEachSignIn() async throws {
        try await DirectorySite.with(["groups": "memberOf", "group_base": "dc=corp"]) { (site) async throws in
            let groups = { () async throws -> Set<String> in
                let user = try #require(try await site.user("grace@corp.example"))
                return Set(try await site.test.environment.storage.memberships.find(user.id).map(\.name.rawValue))
            }
            _ = await site.signIn(TestBrowser(site.test), "grace@corp.example")
            #expect(try await groups() == ["corp:Staff"])
            site.scripted.state.withLock { state in
                for index in state.entries.indices where state.entries[index].name.hasPrefix("cn=grace") {
                    state.entries[index].values["memberOf"] = [Array("cn=Math,dc=corp".utf8), Array("plain".utf8)]
                }
            }
            _ = await site.signIn(TestBrowser(site.test), "grace@corp.example")
            #expect(try await groups() == ["corp:Math", "corp:plain"])
        }
    }

    // What waits in one browser is of no use in another.
    @Test func aProofThatWaitsIsOfItsBrowser() async throws {
        try await DirectorySite.with { (site) async throws in
            let mallory = TestBrowser(site.test)
            _ = await site.signIn(mallory, TestSite.email)
            let ada = TestBrowser(site.test)
            let secret = try #require(mallory.cookies["__Host-martlet-link"])
            ada.cookies["__Host-martlet-link"] = secret
            #expect(await site.signIn(ada, TestSite.email, TestSite.password).answer?[.code] != nil)
            #expect(try await site.links(of: site.test.user) == [])
        }
    }

    @Test(arguments: [("may_create", "grace@corp.example"), ("may_link", TestSite.email)])
    func whomTheOperatorDoesNotWantIsToldSo(_ setting: String, _ email: String) async throws {
        try await DirectorySite.with([setting: false]) { (site) async throws in
            let browser = TestBrowser(site.test)
            let page = await site.signIn(browser, email)
            #expect(page.text.contains("id=\"connector-problem\"") && browser.cookies[Self.session] == nil)
        }
        try await DirectorySite.with([setting: true]) { (site) async throws in
            let page = await site.signIn(TestBrowser(site.test), email)
            #expect(!page.text.contains("id=\"connector-problem\""))
        }
    }

    // Who has to accept terms makes the account by hand, unless the operator of the directory says otherwise.
    @Test func termsAreNotAcceptedByADirectory() async throws {
        try await DirectorySite.with(makesAccounts: false) { (site) async throws in
            let page = await site.signIn(TestBrowser(site.test), "grace@corp.example")
            #expect(page.text.contains("id=\"connector-problem\""))
            #expect(try await site.user("grace@corp.example") == nil)
        }
        try await DirectorySite.with(["may_create": true], makesAccounts: false) { (site) async throws in
            #expect(await site.signIn(TestBrowser(site.test), "grace@corp.example").answer?[.code] != nil)
        }
    }

    @Test func aDirectoryThatIsDownDelaysNobodyElse() async throws {
        try await DirectorySite.with { (site) async throws in
            #expect(await site.signIn(TestBrowser(site.test), "grace@corp.example").answer?[.code] != nil)
            site.scripted.fail(.unavailable(.unreachable))
            for name in ["grace", "kate", "nobody"] {
                let page = await site.signIn(TestBrowser(site.test), name + "@corp.example")
                #expect(page.status == 503 && page.text.contains("Corp does not answer"))
            }
            // From now on nobody asks for a while.
            let asked = site.scripted.questions.count
            #expect(await site.signIn(TestBrowser(site.test), "kate@corp.example").status == 503)
            #expect(site.scripted.questions.count == asked)
            #expect(site.reports.texts == [String](repeating: "corp unreachable", count: 3))
            let own = await site.signIn(TestBrowser(site.test), TestSite.email, TestSite.password)
            #expect(own.answer?[.code] != nil)
            site.scripted.fail(nil)
            site.test.clock.advance(by: .seconds(60))
            #expect(await site.signIn(TestBrowser(site.test), "grace@corp.example").answer?[.code] != nil)
        }
    }

    @Test func oneThatIsDisabledIsDeadAtOnce() async throws {
        try await DirectorySite.with { (site) async throws in
            #expect(await site.signIn(TestBrowser(site.test), "grace@corp.example").answer?[.code] != nil)
            let asked = site.scripted.questions.count
            try await site.change { $0.disabledAt = .noon }
            #expect(await site.signIn(TestBrowser(site.test), "grace@corp.example").status == 403)
            #expect(site.scripted.questions.count == asked)
            try await site.change { $0.disabledAt = nil }
            #expect(await site.signIn(TestBrowser(site.test), "grace@corp.example").answer?[.code] != nil)
        }
    }

    // A proof that waited while its directory was disabled counts no longer.
    @Test func nobodyIsLinkedToOneThatIsDisabled() async throws {
        try await DirectorySite.with { (site) async throws in
            let browser = TestBrowser(site.test)
            let page = await site.signIn(browser, TestSite.email)
            try await site.change { $0.disabledAt = .noon }
            let end = await browser.follow(
                await browser.submit(page, ["email": TestSite.email, "password": TestSite.password]))
            #expect(end.answer?[.code] != nil)
            #expect(try await site.links(of: site.test.user) == [])
        }
    }

    @Test func aSecondFactorIsAskedForAsWell() async throws {
        try await DirectorySite.with { (site) async throws in
            let link = LinkedIdentity(
                connector: DirectorySite.connector, subject: "e-ada", userID: site.test.user.id, email: nil, name: nil,
                linkedAt: .noon, lastUsedAt: nil)
            #expect(try await site.test.environment.storage.links.link(link) == .linked)
            _ = try await site.test.turnOn(TestBrowser(site.test))
            let browser = TestBrowser(site.test)
            let page = await site.signIn(browser, TestSite.email)
            #expect(page.status == 200 && page.text.contains("name=\"code\"") && browser.cookies[Self.session] == nil)
        }
    }

    // A proof by a directory is as fresh as one by a password of ours.
    @Test func itOpensPagesThatWantAFreshProof() async throws {
        try await DirectorySite.with { (site) async throws in
            let browser = TestBrowser(site.test)
            _ = await site.signIn(browser, "grace@corp.example")
            let page = await browser.follow("/account/security")
            #expect(page.text.contains("id=\"password-keeper\""))
        }
    }

    @Test func theLogSaysWhichDirectoryItWas() async throws {
        try await DirectorySite.with { (site) async throws in
            _ = await site.signIn(TestBrowser(site.test), "grace@corp.example")
            _ = await site.signIn(TestBrowser(site.test), "grace@corp.example")
            let user = try #require(try await site.user("grace@corp.example"))
            try await site.test.audit.flush()
            let events = try await site.test.environment.storage.audit.find(AuditSearch(), limit: 99)
            for action in ["sign_up", "sign_in"] {
                #expect(
                    events.contains {
                        $0.action == action && $0.subject == user.id && $0.details?.contains("corp") == true
                    })
            }
        }
    }
}
