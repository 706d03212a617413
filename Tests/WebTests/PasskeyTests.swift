import AuthorizationServer
import HTTP
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web
import WebAuthn

@Suite("Passkeys", .spec("WebAuthn L3 §7", "O-03"))
struct PasskeyTests {
    /// A person with a passkey, and the browser in which they added it.
    private struct Desk {
        let test: TestSite
        let owner: TestBrowser
        var key: SoftAuthenticator
        let codes: [String]

        init(origins: [String] = [], limits: SignInLimits = SignInLimits()) async throws {
            test = try await TestSite(party: .first, limits: limits, origins: origins)
            owner = TestBrowser(test)
            key = try TestSite.authenticator()
            let added = try await test.addPasskey(owner, &key)
            #expect(added.status == 200)
            codes = added.text.split(separator: "<li><code>").dropFirst().map { String($0.prefix { $0 != "<" }) }
        }

        func claims(_ answer: Page) async throws -> JSONValue {
            let tokens = await test.redeem(try #require(answer.answer?[.code]))
            let token = try #require(tokens.json["id_token"]?.string).split(separator: ".")
            let claims = try #require(Base64URL.decode(String(token[1])))
            return try JSONValue(parsing: claims)
        }
    }

    private func isAnswered(_ page: Page) -> Bool { page.location?.hasPrefix(TestSite.redirectURI + "?code=") == true }

    @Test("The first one comes with recovery codes; it is listed with its name, and its owner hears of it")
    func adding() async throws {
        var desk = try await Desk()
        #expect(desk.codes.count == RecoveryCodes.count)
        #expect(try await desk.test.told() == [["passkey_added", "my key"]])
        let secret = try #require(desk.owner.cookies["__Host-martlet-session"])
        let session = try #require(try await desk.test.sessions.find(secret))
        #expect(session.methods == [.password, .proofOfPossession, .multipleFactors])

        let page = await desk.owner.get("/account/security")
        #expect(page.text.contains("<strong>my key</strong>") && page.text.contains("id=\"two-step-on\""))
        // The same authenticator is not asked for another one.
        let options = try await TestSite.options(desk.owner, page)
        #expect(throws: SoftAuthenticator.Unanswerable.self) { try desk.key.answer(creation: options.text) }
        #expect(options.json["user"]?["id"]?.string.flatMap { Base64URL.decode($0) } == desk.key.userHandle)
        #expect(options.response.headers["Cache-Control"] == "no-store")

        var second = try TestSite.authenticator()
        let next = try await desk.test.addPasskey(desk.owner, &second, name: "  spare \n key ")
        #expect(next.location == "/account/security")
        #expect(await desk.owner.get("/account/security").text.contains("<strong>spare key</strong>"))
        #expect(second.userHandle == desk.key.userHandle)
        #expect(try await desk.test.environment.storage.secondFactors.recoveryCodes.count(of: desk.test.user.id) == 10)
    }

    @Test("It opens the account alone, as two factors that cannot be phished")
    func signingIn() async throws {
        var desk = try await Desk()
        let browser = TestBrowser(desk.test)
        let page = await browser.follow(desk.test.authorize())
        #expect(page.text.contains("autocomplete=\"username webauthn\""))
        let options = try await TestSite.options(browser, page)
        #expect(options.json["allowCredentials"]?.array?.isEmpty == true, "names no passkey to strangers")
        #expect(options.json["userVerification"]?.string == "required")
        let answer = try await desk.test.usePasskey(browser, page, &desk.key)
        #expect(isAnswered(answer))
        let claims = try await desk.claims(answer)
        #expect(claims["amr"]?.array?.compactMap(\.string) == ["pop", "mfa"])
        #expect(claims["acr"]?.string == "phr")
        #expect(browser.cookies["__Host-martlet-known"] != nil)
        let used = try await desk.test.environment.storage.secondFactors.passkeys.find(desk.key.credentialID)
        #expect(used?.lastUsedAt == desk.test.clock.now && used?.signCount == desk.key.signCount)
        #expect(desk.test.failures.texts.isEmpty)
    }

    @Test("It opens the account pages too, and proves freshly who is there")
    func accountPages() async throws {
        var desk = try await Desk()
        let browser = TestBrowser(desk.test)
        let page = await browser.follow("/account")
        #expect(try await desk.test.usePasskey(browser, page, &desk.key).location == "/account")
        #expect(await browser.get("/account/security").status == 200)
        desk.test.clock.advance(by: .seconds(601))
        let asked = await browser.follow("/account/security")
        #expect(asked.text.contains("readonly"))
        #expect(try await desk.test.usePasskey(browser, asked, &desk.key).location == "/account/security")
        #expect(await browser.get("/account/security").status == 200)
    }

    @Test("After a password it is the second factor, and a recovery code is another way")
    func secondFactor() async throws {
        var desk = try await Desk()
        let browser = TestBrowser(desk.test)
        let page = await desk.test.passwordDone(browser)
        #expect(browser.cookies["__Host-martlet-session"] == nil)
        #expect(page.text.contains("id=\"use-passkey\"") && !page.text.contains("id=\"code\""))
        let options = try await TestSite.options(browser, page)
        #expect(options.json["allowCredentials"]?.array?.count == 1)
        // Without verification too: the password is a factor already.
        desk.key.flags = [.userPresent]
        let answer = try await desk.test.usePasskey(browser, page, &desk.key)
        #expect(isAnswered(answer))
        let claims = try await desk.claims(answer)
        #expect(claims["amr"]?.array?.compactMap(\.string) == ["pwd", "pop", "mfa"])

        let other = TestBrowser(desk.test)
        let step = await desk.test.passwordDone(other)
        let address = try #require(step.formAction) + "?with=recovery"
        let recovery = await other.get(address)
        #expect(recovery.text.contains("value=\"recovery\"") && !recovery.text.contains("id=\"use-passkey\""))
        #expect(await other.submit(recovery, ["code": desk.codes[0]]).text.contains("9 more"))
    }

    @Test("With an app as well, either of them does")
    func appAndPasskey() async throws {
        var desk = try await Desk()
        let begin = try #require(await desk.owner.get("/account/security").hiddenFields["csrf"])
        let setUp = await desk.owner.follow(
            desk.owner.post("/account/security/authenticator/begin", ["csrf": begin]))
        let secret = try TestSite.secret(on: setUp)
        #expect(await desk.owner.submit(setUp, ["code": try desk.test.code(secret)]).status == 200)
        desk.test.clock.advance(by: .seconds(60))
        let browser = TestBrowser(desk.test)
        let page = await desk.test.passwordDone(browser)
        #expect(page.text.contains("id=\"use-passkey\"") && page.text.contains("id=\"code\""))
        #expect(await browser.submit(page, ["code": "000000"]).status == 403)
        #expect(isAnswered(try await desk.test.usePasskey(browser, page, &desk.key)))
        let next = TestBrowser(desk.test)
        #expect(isAnswered(await next.submit(desk.test.passwordDone(next), ["code": try desk.test.code(secret)])))
        // The app goes, the passkey stays: so do the recovery codes.
        let token = try #require(await desk.owner.get("/account/security").hiddenFields["csrf"])
        _ = await desk.owner.post("/account/security/authenticator/off", ["csrf": token])
        let factors = desk.test.environment.storage.secondFactors
        #expect(try await factors.recoveryCodes.count(of: desk.test.user.id) == 10)
        #expect(await desk.test.passwordDone(TestBrowser(desk.test)).text.contains("id=\"use-passkey\""))
    }

    @Test("An answer counts once, in its own browser, for its own purpose, for ten minutes")
    func answersAreBound() async throws {
        var desk = try await Desk()
        desk.key.isCounting = false
        let (browser, stranger) = (TestBrowser(desk.test), TestBrowser(desk.test))
        let page = await browser.follow("/account")
        let options = try await TestSite.options(browser, page)
        let fields = try TestSite.fields(options, try desk.key.answer(request: options.text))
        // The stranger has a page of their own, and the answer of somebody else.
        let refused = await stranger.submit(stranger.follow("/account"), fields)
        #expect(refused.status == 403 && refused.text.contains("id=\"error\""))
        #expect(stranger.cookies["__Host-martlet-session"] == nil)
        // Not as the second factor after a password.
        let step = await desk.test.passwordDone(browser)
        #expect(await browser.submit(step, fields).status == 403)
        #expect(await browser.submit(page, fields).location == "/account")
        browser.cookies["__Host-martlet-session"] = nil
        #expect(await browser.submit(page, fields).status == 403)

        let late = try await TestSite.options(browser, page)
        let lateFields = try TestSite.fields(late, try desk.key.answer(request: late.text))
        desk.test.clock.advance(by: .seconds(600))
        #expect(await browser.submit(page, lateFields).status == 403)
        #expect(browser.cookies["__Host-martlet-session"] == nil)
        #expect(try await desk.test.usePasskey(browser, page, &desk.key).location == "/account")
    }

    struct Flaw: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let apply: @Sendable (inout SoftAuthenticator) throws -> Void
    }

    @Test(
        "What does not prove it is refused, and the right answer is taken afterwards",
        arguments: [
            Flaw(testDescription: "of another page") { $0.origin = "https://evil.example" },
            Flaw(testDescription: "of a subdomain") { $0.origin = "https://x.id.example" },
            Flaw(testDescription: "framed") { $0.clientExtras = ",\"crossOrigin\":true" },
            Flaw(testDescription: "nobody verified") { $0.flags = [.userPresent] },
            Flaw(testDescription: "nobody there") { $0.flags = [.userVerified] },
            Flaw(testDescription: "no account named") { $0.userHandle = nil },
            Flaw(testDescription: "another account named") { $0.userHandle = [1, 2, 3] },
            Flaw(testDescription: "an unknown key") { $0.credentialID = [9, 9, 9] },
            Flaw(testDescription: "an older counter") { $0.signCount = 0 },
            Flaw(testDescription: "another key under its name") { key in
                var other = try TestSite.authenticator()
                (other.credentialID, other.userHandle) = (key.credentialID, key.userHandle)
                other.signCount = key.signCount
                key = other
            },
        ])
    func flaws(_ flaw: Flaw) async throws {
        var desk = try await Desk()
        let browser = TestBrowser(desk.test)
        let page = await browser.follow("/account")
        desk.key.signCount = 7
        #expect(try await desk.test.usePasskey(browser, page, &desk.key).location == "/account")
        browser.cookies["__Host-martlet-session"] = nil
        var flawed = desk.key
        try flaw.apply(&flawed)
        let options = try await TestSite.options(browser, page)
        let refused = await browser.submit(
            page, try TestSite.fields(options, try flawed.answer(request: options.text)))
        #expect(refused.status == 403 && refused.text.contains("id=\"error\""))
        #expect(browser.cookies["__Host-martlet-session"] == nil)
        #expect(try await desk.test.usePasskey(browser, page, &desk.key).location == "/account")
    }

    @Test("The use of a copy, whose counter went back, is in the log", .spec("WebAuthn L3 §6.1.1"))
    func copies() async throws {
        var desk = try await Desk()
        let first = await TestBrowser(desk.test).follow("/account")
        #expect(first.status == 200)
        let browser = TestBrowser(desk.test)
        let page = await browser.follow("/account")
        #expect(try await desk.test.usePasskey(browser, page, &desk.key).location == "/account")
        func clones() async throws -> [AuditEvent] {
            try await desk.test.audit.flush()
            let events = try await desk.test.environment.storage.audit.find(AuditSearch(), limit: 99)
            return events.filter { $0.action == "passkey_cloned" }
        }
        #expect(try await clones().isEmpty)
        desk.key.signCount = 0
        let copy = TestBrowser(desk.test)
        let signIn = await copy.follow("/account")
        #expect(try await desk.test.usePasskey(copy, signIn, &desk.key).status == 403)
        let event = try await clones().first
        #expect(event?.subject == desk.test.user.id && event?.outcome == .refused && event?.network != nil)
    }

    @Test("The passkey of another account is no second factor")
    func anotherAccount() async throws {
        let desk = try await Desk()
        let storage = desk.test.environment.storage
        let other = try TestSite.authenticator()
        let email = try #require(Email("eve@example.com"))
        let person = User(
            id: UserID(rawValue: "u_eve"), email: email, isEmailVerified: true,
            name: "", passwordHash: nil, createdAt: .noon, updatedAt: .noon, disabledAt: nil)
        #expect(try await storage.users.insert(person))
        let mine = try #require(try await storage.secondFactors.passkeys.find(desk.key.credentialID))
        #expect(
            try await storage.secondFactors.passkeys.add(
                Passkey(
                    credentialID: other.credentialID, userID: person.id, userHandle: [1], publicKey: mine.publicKey,
                    signCount: 0, isBackupEligible: false, isBackedUp: false, isUserVerified: true,
                    aaguid: mine.aaguid, transports: [], name: "hers", createdAt: .noon, lastUsedAt: nil), limit: 9)
                == .added)
        // The same key pair, so that the signature is right: what is wrong is whose it is.
        var key = desk.key
        (key.credentialID, key.userHandle) = (other.credentialID, [1])
        let browser = TestBrowser(desk.test)
        let page = await desk.test.passwordDone(browser)
        let options = try await TestSite.options(browser, page)
        var answering = desk.key
        let fields = try TestSite.fields(options, try answering.answer(request: options.text))
        let text = try #require(fields["passkey-challenge"])
        let challenge = try #require(Base64URL.decode(text))
        let forged = key.assertionJSON(try key.assertion(.init(bytes: challenge)))
        #expect(await browser.submit(page, fields.merging(["passkey": forged]) { $1 }).status == 403)
        #expect(isAnswered(await browser.submit(page, fields)))
    }

    @Test("A removed passkey opens nothing, a renamed one does; the codes go with the last one")
    func removing() async throws {
        var desk = try await Desk()
        var spare = try TestSite.authenticator()
        _ = try await desk.test.addPasskey(desk.owner, &spare, name: "spare")
        var page = await desk.owner.get("/account/security")
        let token = try #require(page.hiddenFields["csrf"])
        let handle = Base64URL.encode(spare.credentialID)
        let path = "/account/security/passkeys/"
        let unnamed = await desk.owner.post(path + "rename", ["csrf": token, "credential": handle, "name": " \t "])
        #expect(unnamed.status == 422 && unnamed.text.contains("id=\"passkey-problem\""))
        #expect(
            await desk.owner.post(path + "rename", ["csrf": token, "credential": handle, "name": "<b>desk</b>"])
                .location
                == "/account/security")
        page = await desk.owner.get("/account/security")
        #expect(page.text.contains("&lt;b&gt;desk&lt;/b&gt;"))

        let browser = TestBrowser(desk.test)
        let signIn = await browser.follow("/account")
        #expect(try await desk.test.usePasskey(browser, signIn, &spare).location == "/account")
        #expect(await desk.owner.post(path + "remove", ["csrf": token, "credential": handle]).status == 303)
        #expect(await desk.owner.post(path + "remove", ["csrf": token, "credential": "AAAA"]).status == 303)
        let told = try await desk.test.told()
        #expect(told.contains(["passkey_removed", "<b>desk</b>"]))
        #expect(told.count == 3)
        #expect(try await desk.test.usePasskey(browser, signIn, &spare).status == 403)
        #expect(try await desk.test.usePasskey(browser, signIn, &desk.key).location == "/account")

        let last = Base64URL.encode(desk.key.credentialID)
        #expect(await desk.owner.post(path + "remove", ["csrf": token, "credential": last]).status == 303)
        #expect(await desk.owner.get("/account/security").text.contains("id=\"two-step-off\""))
        #expect(await desk.test.passwordDone(TestBrowser(desk.test)).location?.hasPrefix(TestSite.redirectURI) == true)
    }

    @Test("The only way in stays")
    func theOnlyWayIn() async throws {
        let desk = try await Desk()
        let storage = desk.test.environment.storage
        let email = try #require(Email("eve@example.com"))
        let person = User(
            id: UserID(rawValue: "u_eve"), email: email, isEmailVerified: true,
            name: "", passwordHash: nil, createdAt: desk.test.clock.now, updatedAt: desk.test.clock.now,
            disabledAt: nil)
        #expect(try await storage.users.insert(person))
        let browser = TestBrowser(desk.test)
        browser.cookies["__Host-martlet-browser"] = Base64URL.encode([UInt8](repeating: 3, count: 32))
        browser.cookies["__Host-martlet-session"] = try await desk.test.sessions.start(
            for: person.id, by: Passkeys.methods, provenAt: desk.test.clock.now, replacing: nil, on: .unknown
        ).secret
        var key = try TestSite.authenticator()
        #expect(try await desk.test.addPasskey(browser, &key).status == 200)
        let token = try #require(await browser.get("/account/security").hiddenFields["csrf"])
        let fields = ["csrf": token, "credential": Base64URL.encode(key.credentialID)]
        let kept = await browser.post("/account/security/passkeys/remove", fields)
        #expect(kept.status == 409 && kept.text.contains("id=\"passkey-problem\""))
        #expect(try await storage.users.setPassword("hash", of: person.id, at: desk.test.clock.now - .seconds(1)))
        browser.cookies["__Host-martlet-session"] = try await desk.test.sessions.start(
            for: person.id, by: Passkeys.methods, provenAt: desk.test.clock.now, replacing: nil, on: .unknown
        ).secret
        let next = try #require(await browser.get("/account/security").hiddenFields["csrf"])
        #expect(
            await browser.post("/account/security/passkeys/remove", fields.merging(["csrf": next]) { $1 }).status
                == 303)
    }

    @Test("A disabled account is not opened")
    func disabled() async throws {
        var desk = try await Desk()
        let browser = TestBrowser(desk.test)
        let page = await browser.follow("/account")
        #expect(try await desk.test.environment.storage.users.disable(desk.test.user.id, at: desk.test.clock.now))
        let refused = try await desk.test.usePasskey(browser, page, &desk.key)
        #expect(refused.status == 403 && browser.cookies["__Host-martlet-session"] == nil)
    }

    @Test("Failures are limited as those of passwords are, and lock nobody's account")
    func limits() async throws {
        var desk = try await Desk(limits: SignInLimits(perAddress: 3))
        let browser = TestBrowser(desk.test)
        let page = await browser.follow("/account")
        var flawed = desk.key
        flawed.origin = "https://evil.example"
        for _ in 1...3 { #expect(try await desk.test.usePasskey(browser, page, &flawed).status == 403) }
        let limited = try await desk.test.usePasskey(browser, page, &desk.key)
        #expect(limited.status == 429 && limited.response.headers["Retry-After"] != nil)
        desk.test.clock.advance(by: .seconds(60))
        #expect(try await desk.test.usePasskey(browser, page, &desk.key).location == "/account")
    }

    @Test("Options are for forms of ours, and those of the second factor for whoever has proven the first")
    func options() async throws {
        var desk = try await Desk()
        let browser = TestBrowser(desk.test)
        let page = await desk.test.passwordDone(browser)
        let address = try #require(page.attribute("data-options=\""))
        let token = try #require(page.attribute("data-token=\""))
        let place = try #require(page.attribute("data-place=\""))
        #expect(await browser.post(address, ["csrf": token, "place": place]).status == 200)
        #expect(await browser.post(address, ["csrf": token, "place": ""]).status == 403)
        #expect(await browser.post(address, ["place": place]).status == 403)
        let foreign = await browser.post(
            address, ["csrf": token, "place": place], headers: ["Sec-Fetch-Site": "cross-site"])
        #expect(foreign.status == 403)
        #expect(await TestBrowser(desk.test).post(address, ["csrf": token, "place": place]).status == 403)
        #expect(isAnswered(try await desk.test.usePasskey(browser, page, &desk.key)))
        // Nothing waits any more.
        #expect(await browser.post(address, ["csrf": token, "place": place]).status == 403)
    }

    @Test("Related origins are published at the root of the host, where there are some", .spec("WebAuthn L3 §5.11"))
    func relatedOrigins() async throws {
        let related = "https://id.example.net"
        var desk = try await Desk(origins: [related])
        let served = await TestBrowser(desk.test).get("/.well-known/webauthn")
        #expect(served.status == 200 && served.response.headers["Content-Type"] == "application/json")
        #expect(served.json["origins"]?.array?.compactMap(\.string) == ["https://id.example", related])
        let browser = TestBrowser(desk.test)
        let page = await browser.follow("/account")
        desk.key.origin = related
        #expect(try await desk.test.usePasskey(browser, page, &desk.key).location == "/account")
        #expect(await TestBrowser(try await Desk().test).get("/.well-known/webauthn").status == 404)
    }
}
