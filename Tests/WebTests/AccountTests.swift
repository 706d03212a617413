import AuthorizationServer
import HTTP
import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("A person's own pages", .spec("E-06", "E-07", "E-08", "ASVS 7.5"))
struct AccountTests {
    @Test(
        "Whoever is not signed in is sent to sign in, and comes back to the page they wanted",
        arguments: [
            "/account", "/account/sessions", "/account/security",
        ])
    func signInComesBack(_ path: String) async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        #expect(await browser.get(path).location?.hasPrefix("/account/sign-in?to=") == true)
        let page = await test.openAccount(browser, path)
        #expect(page.status == 200 && page.text.contains(TestSite.email))
        #expect(page.response.headers["Cache-Control"] == "no-store")
        #expect(page.text.contains("id=\"to-sign-out\""))
        // Signed in, it opens at once.
        #expect(await browser.get(path).status == 200)
    }

    @Test(
        "No address from outside is followed after signing in",
        arguments: [
            "https://evil.example/", "//evil.example", "/logout", "security%0d%0aX:1", "",
        ])
    func leadsNowhereElse(_ target: String) async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await browser.get("/account/sign-in?to=" + target)
        #expect(page.status == 200)
        let done = await browser.submit(page, ["email": TestSite.email, "password": TestSite.password])
        #expect(done.location == "/account")
    }

    @Test("A wrong password starts no session here either")
    func wrongPassword() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await browser.follow("/account")
        let wrong = await browser.submit(page, ["email": TestSite.email, "password": "wrong"])
        #expect(wrong.status == 403 && wrong.text.contains("id=\"error\""))
        #expect(browser.cookies["__Host-martlet-session"] == nil)
        #expect(
            await browser.submit(wrong, ["email": TestSite.email, "password": TestSite.password]).location == "/account"
        )
    }

    @Test(
        "Forms without their token, from another site or another session are refused",
        arguments: [
            "/account/sessions/end", "/account/security/authenticator/begin", "/account/security/authenticator/off",
            "/account/security/authenticator", "/account/security/recovery-codes", "/account/security/devices/forget",
            "/account/security/recovery-codes/file", "/account/sign-in",
        ])
    func formsAreGuarded(_ path: String) async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await test.openAccount(browser, "/account/security")
        let token = try #require(page.hiddenFields["csrf"])
        #expect(await browser.post(path, [:]).status == 403)
        #expect(await browser.post(path, ["csrf": "AAAA"]).status == 403)
        #expect(await browser.post(path, ["csrf": token], headers: ["Sec-Fetch-Site": "cross-site"]).status == 403)
        let other = TestBrowser(test)
        _ = await test.openAccount(other, "/account/security")
        #expect(await other.post(path, ["csrf": token]).status == 403)
        #expect(await TestBrowser(test).post(path, ["csrf": token]).status != 200)
        if path != "/account/sign-in", path != "/account/security/recovery-codes/file" {
            #expect(await browser.post(path, ["csrf": token]).status == 303)
        }
    }

    @Test("Security asks for fresh proof after ten minutes, and the session gets a new secret")
    func freshProof() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await test.openAccount(browser, "/account/security")
        let token = try #require(page.hiddenFields["csrf"])
        let before = try #require(browser.cookies["__Host-martlet-session"])
        test.clock.advance(by: .seconds(601))
        #expect(await browser.get("/account").status == 200)
        #expect(await browser.get("/account/sessions").status == 200)
        let asked = await browser.follow("/account/security")
        #expect(asked.text.contains("Confirm it’s you") && asked.text.contains("readonly"))
        let post = await browser.post("/account/security/authenticator/begin", ["csrf": token])
        #expect(post.location == "/account/sign-in?to=security")
        let done = await browser.follow(
            browser.submit(asked, ["email": TestSite.email, "password": TestSite.password]))
        #expect(done.text.contains("id=\"two-step-off\""))
        #expect(browser.cookies["__Host-martlet-session"] != before)
        #expect(try await test.sessions.find(before) == nil)
    }

    @Test("A session that knows the password alone changes nothing once there is a second factor")
    func passwordAloneIsNotFresh() async throws {
        let test = try await TestSite()
        let (old, owner) = (TestBrowser(test), TestBrowser(test))
        _ = await test.openAccount(old, "/account/security")
        let (secret, _) = try await test.turnOn(owner)
        let asked = await test.openAccount(old, "/account/security")
        #expect(asked.text.contains("id=\"other-way\""))
        let done = await old.follow(old.submit(asked, ["code": try test.code(secret)]))
        #expect(done.text.contains("id=\"two-step-on\""))
    }

    @Test("Setting up: a wrong code changes nothing, the right one gives a new session secret and ten codes")
    func setUp() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let security = await test.openAccount(browser, "/account/security")
        #expect(security.text.contains("id=\"two-step-off\""))
        let setUp = await browser.follow(browser.submit(security, [:]))
        #expect(setUp.text.contains("<svg id=\"qr\""))
        let secret = try TestSite.secret(on: setUp)
        #expect(secret.count == 20)
        let before = browser.cookies["__Host-martlet-session"]
        let wrong = await browser.submit(setUp, ["code": "000000"])
        #expect(wrong.status == 403 && wrong.text.contains("id=\"error\""))
        #expect(try TestSite.secret(on: wrong) == secret)
        #expect(browser.cookies["__Host-martlet-session"] == before)
        let shown = await browser.submit(setUp, ["code": try test.code(secret)])
        #expect(shown.status == 200 && shown.text.contains("They are shown only now."))
        #expect(browser.cookies["__Host-martlet-session"] != before)
        #expect(await browser.get("/account/security/authenticator").location == "/account/security")

        // The codes as a file; nothing but codes comes back.
        let codes = try #require(shown.hiddenFields["codes"])
        let csrf = try #require(shown.hiddenFields["csrf"])
        let path = "/account/security/recovery-codes/file"
        let file = await browser.post(path, ["csrf": csrf, "codes": codes])
        #expect(file.response.headers["Content-Disposition"] == "attachment; filename=\"recovery-codes.txt\"")
        #expect(file.response.headers["Content-Type"]?.hasPrefix("text/plain") == true)
        for code in codes.split(separator: " ") { #expect(file.text.contains(code)) }
        for text in ["", "<script>", codes + " <script>", codes + " " + codes] {
            #expect(await browser.post(path, ["csrf": csrf, "codes": text]).status == 403)
        }
    }

    @Test("New recovery codes end the old; switching off forgets all and asks for no code any more")
    func renewAndSwitchOff() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        let (_, old) = try await test.turnOn(browser)
        var security = await browser.get("/account/security")
        #expect(security.text.contains("<strong id=\"codes-left\">10</strong>"))
        let csrf = try #require(security.hiddenFields["csrf"])
        let renewed = await browser.post("/account/security/recovery-codes", ["csrf": csrf])
        #expect(renewed.text.contains("New recovery codes"))
        #expect(!renewed.text.contains(old[0]))

        let before = browser.cookies["__Host-martlet-session"]
        let off = await browser.post("/account/security/authenticator/off", ["csrf": csrf])
        #expect(off.location == "/account/security")
        #expect(browser.cookies["__Host-martlet-session"] != before)
        security = await browser.get("/account/security")
        #expect(security.text.contains("id=\"two-step-off\""))
        let refused = await browser.post("/account/security/recovery-codes", ["csrf": csrf])
        #expect(refused.location == "/account/security")
        let answer = await test.passwordDone(TestBrowser(test))
        #expect(answer.location?.hasPrefix(TestSite.redirectURI) == true)
    }

    @Test("Sessions are listed with what was used in them, and end one by one or all but this one")
    func sessions() async throws {
        let test = try await TestSite(party: .first)
        let (phone, other, laptop) = (TestBrowser(test), TestBrowser(test), TestBrowser(test))
        phone.headers.set("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1")
        let answer = await test.signIn(phone)
        #expect(answer.location?.hasPrefix(TestSite.redirectURI) == true)
        _ = await test.signIn(other)
        let page = await test.openAccount(laptop, "/account/sessions")
        #expect(page.text.contains("Sign out Safari on iPhone"))
        #expect(page.text.contains("Used for The Shop"))
        #expect(page.text.contains("127.0.0.0/24"))
        #expect(page.text.split(separator: "<li>").count == 4)

        let cookie = try #require(phone.cookies["__Host-martlet-session"])
        let session = try #require(try await test.sessions.find(cookie))
        let csrf = try #require(page.hiddenFields["csrf"])
        _ = await laptop.post("/account/sessions/end", ["csrf": csrf, "session": session.id.rawValue])
        #expect(try await test.sessions.find(cookie) == nil)
        let second = try #require(other.cookies["__Host-martlet-session"])
        #expect(try await test.sessions.find(second) != nil)
        _ = await laptop.post("/account/sessions/end", ["csrf": csrf, "session": "others"])
        #expect(try await test.sessions.find(second) == nil)
        let last = await laptop.get("/account/sessions")
        #expect(last.status == 200 && !last.text.contains("id=\"end-others\""))
    }

    @Test("Nobody ends another person's session")
    func sessionsOfOthersAreUntouched() async throws {
        let test = try await TestSite()
        let zoe = User.withNothingOptional(id: "u_zoe", email: "zoe@example.org")
        #expect(try await test.environment.storage.users.insert(zoe))
        let (secret, session) = try await test.sessions.start(
            for: zoe.id, by: [.password], provenAt: test.sessions.now, replacing: nil, on: .unknown)
        let (browser, second) = (TestBrowser(test), TestBrowser(test))
        _ = await test.openAccount(second)
        let page = await test.openAccount(browser, "/account/sessions")
        let csrf = try #require(page.hiddenFields["csrf"])
        for target in [session.id.rawValue, "others"] {
            _ = await browser.post("/account/sessions/end", ["csrf": csrf, "session": target])
            #expect(try await test.sessions.find(secret) != nil)
        }
        let ended = try #require(second.cookies["__Host-martlet-session"])
        #expect(try await test.sessions.find(ended) == nil)
    }

    @Test("Below a path everything stays below it")
    func belowAPath() async throws {
        let test = try await TestSite(issuer: "https://id.example/realm")
        let browser = TestBrowser(test)
        #expect(await browser.get("/realm/account").location == "/realm/account/sign-in?to=overview")
        let page = await test.openAccount(browser, "/account/security")
        #expect(page.text.contains("action=\"/realm/account/security/authenticator/begin\""))
        #expect(page.text.contains("href=\"/realm/account/sessions\""))
    }
}
