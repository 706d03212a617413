import AuthorizationServer
import HTTP
import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Accounts without a password", .spec("WebAuthn L3 §1.2", "ASVS 6.3.4"))
struct PasswordRemovalTests {
    private static let path = "/account/security/password/remove"

    /// A person with a passkey, signed in with both.
    private struct Desk {
        let mail: MailDesk
        let owner: TestBrowser
        var key: SoftAuthenticator
        let codes: [String]
        var test: TestSite { mail.test }

        init() async throws {
            mail = try await MailDesk()
            owner = TestBrowser(mail.test)
            key = try TestSite.authenticator()
            let added = try await mail.test.addPasskey(owner, &key)
            codes = added.text.split(separator: "<li><code>").dropFirst().map { String($0.prefix { $0 != "<" }) }
        }

        func remove() async throws -> Page {
            let page = await owner.get(PasswordRemovalTests.path)
            #expect(page.status == 200)
            return await owner.submit(page, [:])
        }

        func passwordHash() async throws -> String? {
            try await test.environment.storage.users.find(test.user.id)?.passwordHash
        }
    }

    @Test("Without a passkey there is nothing to remove")
    func notOffered() async throws {
        let desk = try await MailDesk()
        let browser = TestBrowser(desk.test)
        let security = await desk.test.openAccount(browser, "/account/security")
        #expect(!security.text.contains("id=\"remove-password\""))
        #expect(await browser.get(Self.path).location == "/account/security")
        let posted = await browser.post(Self.path, ["csrf": try #require(security.hiddenFields["csrf"])])
        #expect(posted.location == "/account/security")
        #expect(try await desk.test.environment.storage.users.find(desk.test.user.id)?.passwordHash != nil)
    }

    @Test("The password opens nothing any more, the passkey does; the owner is told, and may choose one again")
    func theWholeWay() async throws {
        var desk = try await Desk()
        #expect(await desk.owner.get("/account/security").text.contains("id=\"remove-password\""))
        #expect(try await desk.remove().text.contains("id=\"done\""))
        #expect(try await desk.passwordHash() == nil)
        #expect(try await desk.test.told().contains(["password_removed"]))
        // Whoever removed it goes on.
        let security = await desk.owner.get("/account/security")
        #expect(security.status == 200 && !security.text.contains("id=\"remove-password\""))
        #expect(await desk.owner.get(Self.path).location == "/account/security")

        let browser = TestBrowser(desk.test)
        let page = await browser.follow("/account")
        let typed = ["email": TestSite.email, "password": TestSite.password]
        #expect(await browser.submit(page, typed).status == 403)
        #expect(try await desk.test.usePasskey(browser, page, &desk.key).location == "/account")
        // The last passkey stays, since nothing else opens the account.
        let token = try #require(security.hiddenFields["csrf"])
        let handle = Base64URL.encode(
            try #require(
                try await desk.test.environment.storage.secondFactors.passkeys.list(of: desk.test.user.id).first
            )
            .credentialID)
        let kept = await desk.owner.post(
            "/account/security/passkeys/remove", ["csrf": token, "credential": handle])
        #expect(kept.status == 409)

        let choose = await desk.owner.get("/account/security/password")
        #expect(!choose.text.contains("id=\"current\""))
        #expect(await desk.owner.submit(choose, ["password": "violet harbour trombone lamp"]).status == 200)
        #expect(try await desk.passwordHash() != nil)
        try await desk.test.audit.flush()
        let words = try await desk.test.environment.storage.audit.find(AuditSearch(), limit: 99).map(\.action)
        #expect(words.contains("password_removed"))
    }

    @Test("Who lost every passkey comes back by a link and a recovery code")
    func recovery() async throws {
        let desk = try await Desk()
        _ = try await desk.remove()
        try await desk.mail.deliver()
        let browser = TestBrowser(desk.test)
        _ = await browser.submit(await browser.get("/forgot-password"), ["email": TestSite.email])
        let reset = await browser.get(try MailDesk.link(try await desk.mail.deliver()))
        #expect(await browser.submit(reset, ["password": "violet harbour trombone lamp"]).text.contains("id=\"done\""))
        let page = await browser.follow(desk.test.authorize())
        let second = await browser.follow(
            browser.submit(page, ["email": TestSite.email, "password": "violet harbour trombone lamp"]))
        #expect(second.text.contains("id=\"use-passkey\"") && browser.cookies["__Host-martlet-session"] == nil)
        let recovery = await browser.get(try #require(second.attribute("id=\"other-way\" href=\"")))
        #expect(await browser.submit(recovery, ["code": desk.codes[0]]).text.contains("id=\"codes-left\""))
    }

    @Test("It takes fresh proof")
    func guarded() async throws {
        let desk = try await Desk()
        let page = await desk.owner.get(Self.path)
        desk.test.clock.advance(by: SecondFactor.freshness + .seconds(1))
        #expect(await desk.owner.submit(page, [:]).location == "/account/sign-in?to=passwordRemoval")
        #expect(try await desk.passwordHash() != nil)
    }

    @Test("With a passkey a password may be as short as with an app", .spec("NIST SP 800-63B §3.1.1.2"))
    func length() async throws {
        let desk = try await Desk()
        let storage = desk.test.environment.storage
        #expect(try await PasswordOwner(of: desk.test.user, in: storage).factors == .withSecondFactor)
        let other = User.withNothingOptional()
        #expect(try await storage.users.insert(other))
        #expect(try await PasswordOwner(of: other, in: storage).factors == .passwordAlone)
        // Whoever reads the mail sets the password: codes by mail make it no stronger.
        #expect(try await storage.users.changeMailCodes(of: other.id, from: .off, to: .on))
        #expect(try await PasswordOwner(of: other, in: storage).factors == .passwordAlone)
    }
}
