import AuthorizationServer
import FederationTesting
import HTTP
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Fresh proof of accounts that only a connector opens", .spec("ASVS 7.5.1"))
struct FreshProofTests {
    /// A site with mail, and somebody who came by a connector.
    fileprivate struct Desk {
        let site: FederationSite
        let inbox = Inbox()
        let user: User
        let browser: TestBrowser

        /// `age` is how long ago the provider says that it asked; nil where it never says.
        init(age: Int64? = nil, mail: Bool = true) async throws {
            let kept = inbox
            site = try await FederationSite(mail: mail ? MailDesk.parts(.open, kept) : nil)
            browser = TestBrowser(site.test)
            let first = try await site.signIn(browser, as: Desk.person(site, age))
            #expect(first.answer?[.code] != nil)
            user = try #require(try await site.test.environment.storage.users.find(Email("grace@example.org")!))
            if mail { try await MailDesk.deliver(from: site.test, to: kept) }
            site.test.clock.advance(by: .seconds(2))
        }

        static func person(_ site: FederationSite, _ age: Int64?) -> ScriptedPerson {
            var person = ScriptedPerson("g-1", email: "grace@example.org")
            if let age { person.claims["auth_time"] = .integer(site.test.clock.now.seconds - age) }
            return person
        }

        /// From a sign-in page by its button to the provider, and back.
        func goOn(_ page: Page, age: Int64?) async throws -> Page {
            let away = await browser.get(try #require(page.address(of: "/with/login")))
            let query = try site.provider.authorize(try #require(away.location), as: Desk.person(site, age))
            return await browser.follow("/federation/login/callback?\(query)")
        }

        func security(age: Int64?) async throws -> Page {
            try await goOn(await browser.follow("/account/security"), age: age)
        }

        func code() async throws -> String {
            try await MailDesk.deliver(from: site.test, to: inbox)
            let mail = inbox.mails.map(\.message).first { $0.content.subject.value.hasSuffix("is your sign-in code") }
            #expect(mail?.recipient.rawValue == "grace@example.org")
            #expect(mail?.content.text.contains("came to your account by another provider") == true)
            return try MailDesk.code(mail)
        }
    }

    private func isAsked(_ page: Page) -> Bool {
        page.text.contains("id=\"freshness\"") && page.text.contains("name=\"way\" value=\"mail\"")
    }

    private func isSecurity(_ page: Page) -> Bool { page.text.contains("id=\"links\"") }

    @Test(arguments: [nil, 3600] as [Int64?])
    func aCodeByMailIsAskedForWhereTheProviderGivesNone(_ age: Int64?) async throws {
        let desk = try await Desk(age: age)
        let page = try await desk.security(age: age)
        #expect(isAsked(page) && !page.text.contains("id=\"other-way\""))
        #expect(await desk.browser.get("/account/security").status == 303)
        let code = try await desk.code()
        #expect(await desk.browser.submit(page, ["code": code == "000000" ? "000001" : "000000"]).status == 403)
        #expect(await desk.browser.submit(page, ["code": "x", "way": "recovery"]).status == 403)
        let shown = await desk.browser.follow(await desk.browser.submit(page, ["code": code]))
        #expect(isSecurity(shown))
        // Fresh, and no stronger than before.
        let secret = try #require(desk.browser.cookies["__Host-martlet-session"])
        let session = try #require(try await desk.site.test.sessions.find(secret))
        #expect(session.authenticatedAt == desk.site.test.clock.now)
        #expect(session.methods == [.oneTimePassword, .multipleChannels])
        #expect(AuthenticationContext(session.methods) == .password)
        // It counts once, and for ten minutes.
        #expect(isSecurity(await desk.browser.follow("/account/security")))
        desk.site.test.clock.advance(by: .seconds(601))
        let later = try await desk.security(age: age)
        #expect(isAsked(later))
        #expect(await desk.browser.submit(later, ["code": code]).status == 403)
        try await desk.site.test.audit.flush()
        let events = try await desk.site.test.environment.storage.audit.find(AuditSearch(), limit: 99)
        #expect(events.contains { $0.action == "second_factor" && $0.outcome == .refused })
        #expect(events.contains { $0.action == "sign_in" && $0.details?.contains("\"mail\"") == true })
    }

    @Test func aProviderThatHasJustAskedIsBelieved() async throws {
        let desk = try await Desk(age: 3600)
        #expect(isSecurity(try await desk.security(age: 0)))
        #expect(try await desk.site.test.environment.storage.mails.figures().waiting == 0)
    }

    // Pages that want no fresh proof ask for none, and open none that do.
    @Test func elsewhereNoCodeIsAskedFor() async throws {
        let desk = try await Desk(age: 3600)
        let page = try await desk.goOn(await desk.browser.follow("/account/sign-in?to=sessions"), age: 3600)
        #expect(page.status == 200 && !isAsked(page))
        #expect(await desk.browser.get("/account/security").status == 303)
    }

    // Nothing else can be had where no mail is sent; an old proof is an old one there as well.
    @Test(arguments: [(nil, true), (3600, false)] as [(Int64?, Bool)])
    func withoutMailTheWordOfTheProviderIsAllThereIs(_ age: Int64?, _ opens: Bool) async throws {
        let desk = try await Desk(age: age, mail: false)
        desk.site.test.clock.advance(by: .seconds(601))
        let page = try await desk.security(age: age)
        #expect(isSecurity(page) == opens)
        #expect(page.text.contains("did not ask who you are this time") == !opens)
    }

    // Whoever has a password or a passkey proves it by that, and reads why.
    @Test(arguments: [nil, 3600] as [Int64?])
    func whoHasAPasswordIsToldToUseIt(_ age: Int64?) async throws {
        let desk = try await Desk(age: age)
        let users = desk.site.test.environment.storage.users
        let hash = try await users.find(desk.site.test.user.id)?.passwordHash ?? ""
        #expect(try await users.setPassword(hash, of: desk.user.id, at: desk.site.test.clock.now - .seconds(9999)))
        let page = try await desk.security(age: age)
        #expect(page.text.contains("did not ask who you are this time") && page.text.contains("id=\"password\""))
        #expect(page.text.contains("/forgot-password"))
        let fields = ["email": "grace@example.org", "password": TestSite.password]
        #expect(isSecurity(await desk.browser.follow(await desk.browser.submit(page, fields))))
    }

    // A client that wants a recent proof gets one, and the person is not sent in circles.
    @Test(arguments: [["max_age": "60"], ["max_age": "0"], ["prompt": "login"]])
    func aClientThatWantsARecentProofGetsOne(_ request: [String: String]) async throws {
        let desk = try await Desk()
        desk.site.test.clock.advance(by: .seconds(61))
        let address = desk.site.test.authorize(request.mapValues(Optional.some))
        let page = try await desk.goOn(await desk.browser.follow(address), age: nil)
        #expect(isAsked(page))
        let end = await desk.browser.follow(await desk.browser.submit(page, ["code": try await desk.code()]))
        #expect(end.answer?[.code] != nil)
        // One that does not has its answer by the provider alone.
        let plain = TestBrowser(desk.site.test)
        #expect(try await desk.site.signIn(plain, as: Desk.person(desk.site, nil)).answer?[.code] != nil)
    }

    // What another provider proved long ago links nothing; a code does.
    @Test func anotherProviderIsConnectedByACode() async throws {
        let desk = try await Desk()
        desk.browser.cookies = [:]
        let other = ScriptedPerson("o-1", email: "grace@example.org")
        let start = try await desk.site.signIn(desk.browser, as: other, by: "other")
        #expect(start.text.contains("You already have an account here"))
        let page = try await desk.goOn(start, age: nil)
        #expect(isAsked(page))
        #expect(try await desk.site.links(of: desk.user.id) == ["login g-1"])
        let end = await desk.browser.follow(await desk.browser.submit(page, ["code": try await desk.code()]))
        #expect(end.answer?[.code] != nil)
        #expect(try await desk.site.links(of: desk.user.id) == ["login g-1", "other o-1"])
    }

    // An old proof that would pass for a fresh one, since everything was signed out a moment ago.
    @Test func shortlyAfterASignOutEverywhereACodeIsAskedForInAnyCase() async throws {
        let desk = try await Desk()
        let users = desk.site.test.environment.storage.users
        #expect(try await users.disable(desk.user.id, at: desk.site.test.clock.now))
        #expect(try await users.enable(desk.user.id))
        desk.site.test.clock.advance(by: .seconds(60))
        let browser = TestBrowser(desk.site.test)
        let page = try await desk.site.signIn(browser, as: Desk.person(desk.site, nil))
        #expect(isAsked(page) && browser.cookies["__Host-martlet-session"] == nil)
        let end = await browser.follow(await browser.submit(page, ["code": try await desk.code()]))
        #expect(end.answer?[.code] != nil)
    }

    // Its second factor is the fresh proof where the account has one; nobody types two codes.
    @Test func theAppOfTheAccountIsEnough() async throws {
        let desk = try await Desk()
        let site = desk.site
        let factors = SecondFactor(
            site.test.environment.storage, masterKey: site.masterKey, clock: site.test.clock, random: SystemRandom(),
            issuer: "id.example")
        #expect(try await factors.authenticators.propose(for: desk.user.id))
        let setUp = try await desk.securityByMail()
        let secret = try TestSite.secret(on: await desk.browser.follow("/account/security/authenticator"))
        let shown = await desk.browser.post(
            "/account/security/authenticator",
            ["csrf": setUp.hiddenFields["csrf"] ?? "", "code": try site.test.code(secret)])
        #expect(shown.status == 200)
        site.test.clock.advance(by: .seconds(660))
        let sent = desk.inbox.mails.count
        let page = try await desk.security(age: nil)
        #expect(page.text.contains("name=\"way\" value=\"app\"") && !page.text.contains("id=\"freshness\""))
        let end = await desk.browser.follow(await desk.browser.submit(page, ["code": try site.test.code(secret)]))
        #expect(isSecurity(end))
        try await MailDesk.deliver(from: site.test, to: desk.inbox)
        #expect(
            desk.inbox.mails.dropLast(sent).allSatisfy { !$0.message.content.subject.value.hasSuffix("sign-in code") })
    }
}

extension FreshProofTests.Desk {
    /// The page of security, by a code.
    fileprivate func securityByMail() async throws -> Page {
        let page = try await security(age: nil)
        return await browser.follow(await browser.submit(page, ["code": try await code()]))
    }
}
