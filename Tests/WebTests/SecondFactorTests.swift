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

@Suite("Signing in with a second factor", .spec("RFC 6238", "O-02", "O-06"))
struct SecondFactorTests {
    private func isCodePage(_ page: Page) -> Bool { page.text.contains("id=\"other-way\"") }

    @Test("Off until it is set up; then the password alone starts no session")
    func theWholeWay() async throws {
        let test = try await TestSite(party: .first)
        let owner = TestBrowser(test)
        let (secret, _) = try await test.turnOn(owner)

        let browser = TestBrowser(test)
        let page = await test.passwordDone(browser)
        #expect(isCodePage(page))
        #expect(page.text.contains(TestSite.email) && page.text.contains("The Shop"))
        #expect(browser.cookies["__Host-martlet-session"] == nil)

        let wrong = await browser.submit(page, ["code": "000000"])
        #expect(wrong.status == 403 && isCodePage(wrong))
        #expect(browser.cookies["__Host-martlet-session"] == nil)

        let answer = await browser.submit(wrong, ["code": try test.code(secret)])
        #expect(answer.location?.hasPrefix(TestSite.redirectURI + "?code=") == true)
        let cookie = try #require(browser.cookies["__Host-martlet-session"])
        let session = try #require(try await test.sessions.find(cookie))
        #expect(session.methods == [.password, .oneTimePassword, .multipleFactors])
        let tokens = await test.redeem(try #require(answer.answer?[.code]))
        let token = try #require(tokens.json["id_token"]?.string).split(separator: ".")
        let claims = String(decoding: try #require(Base64URL.decode(String(token[1]))), as: UTF8.self)
        #expect(claims.contains("\"amr\":[\"pwd\",\"otp\",\"mfa\"]"))
        #expect(test.failures.texts.isEmpty)
    }

    @Test("THREATS TOTP replay: a code opens one browser")
    func aCodeIsGoodOnce() async throws {
        let test = try await TestSite(party: .first)
        let (secret, _) = try await test.turnOn(TestBrowser(test))
        let (first, second) = (TestBrowser(test), TestBrowser(test))
        let pages = (await test.passwordDone(first), await test.passwordDone(second))
        let code = try test.code(secret)
        #expect(await first.submit(pages.0, ["code": code]).location?.hasPrefix(TestSite.redirectURI) == true)
        #expect(await second.submit(pages.1, ["code": code]).status == 403)
        test.clock.advance(by: .seconds(30))
        let next = try test.code(secret)
        #expect(await second.submit(pages.1, ["code": next]).location?.hasPrefix(TestSite.redirectURI) == true)
    }

    @Test("The password waits in its own browser and for its own request only, and not for ever")
    func theFirstFactorIsBound() async throws {
        let test = try await TestSite(party: .first)
        let (secret, _) = try await test.turnOn(TestBrowser(test))
        let browser = TestBrowser(test)
        let page = await test.passwordDone(browser)
        let action = try #require(page.formAction)

        // Another browser with the same address.
        let stranger = TestBrowser(test)
        _ = await stranger.follow(test.authorize())
        #expect(await stranger.get(action).status == 403)
        #expect(await stranger.submit(page, ["code": try test.code(secret)]).status == 403)

        // Another request of the same browser.
        let other = await browser.follow(test.authorize(["state": "two"]))
        let otherAction = try #require(other.formAction)
        let otherStep = otherAction.split(separator: "/sign-in")[0] + "/second-factor"
        #expect(await browser.get(String(otherStep)).location == otherAction)

        // No cookie of a session was made by any of that, and after ten minutes the password is needed again.
        test.clock.advance(by: SecondFactor.patience)
        let late = await browser.submit(page, ["code": try test.code(secret)])
        #expect(late.location?.hasSuffix("/sign-in") == true)
        #expect(browser.cookies["__Host-martlet-session"] == nil)
        let again = await browser.submit(
            browser.follow(late), ["email": TestSite.email, "password": TestSite.password])
        let answer = await browser.submit(browser.follow(again), ["code": try test.code(secret)])
        #expect(answer.location?.hasPrefix(TestSite.redirectURI) == true)
    }

    @Test("A new password while the code is typed ends the waiting")
    func aNewPasswordEndsTheWaiting() async throws {
        let test = try await TestSite(party: .first)
        let (secret, _) = try await test.turnOn(TestBrowser(test))
        let browser = TestBrowser(test)
        let page = await test.passwordDone(browser)
        test.clock.advance(by: .seconds(1))
        #expect(
            try await test.environment.storage.users.setPassword("other", of: test.user.id, at: test.clock.now))
        let late = await browser.submit(page, ["code": try test.code(secret)])
        #expect(late.location?.hasSuffix("/sign-in") == true)
        #expect(browser.cookies["__Host-martlet-session"] == nil)
    }

    @Test("A recovery code opens once, and says how many are left")
    func recoveryCodes() async throws {
        let test = try await TestSite(party: .first)
        let (_, codes) = try await test.turnOn(TestBrowser(test))
        let browser = TestBrowser(test)
        var page = await test.passwordDone(browser)
        page = await browser.get(try #require(page.formAction) + "?with=recovery")
        #expect(page.text.contains("value=\"recovery\""))
        let used = await browser.submit(page, ["code": codes[3].uppercased()])
        #expect(used.status == 200 && used.text.contains("You have 9 more."))
        let next = try #require(used.text.firstRange(of: "id=\"continue\"")).upperBound
        let link = try #require(String(used.text[next...]).firstRange(of: "href=\"")).upperBound
        let address = String(used.text[next...])[link...].prefix { $0 != "\"" }
        #expect(await browser.get(String(address)).location?.hasPrefix(TestSite.redirectURI) == true)

        let second = TestBrowser(test)
        page = await test.passwordDone(second)
        page = await second.get(try #require(page.formAction) + "?with=recovery")
        #expect(await second.submit(page, ["code": codes[3]]).status == 403)
        #expect(await second.submit(page, ["code": codes[4]]).text.contains("You have 8 more."))
    }

    @Test("A remembered browser is not asked for thirty days, unless it is forgotten or the password changes")
    func rememberedBrowsers() async throws {
        let test = try await TestSite(party: .first)
        let owner = TestBrowser(test)
        let (secret, _) = try await test.turnOn(owner)
        let browser = TestBrowser(test)
        browser.headers.set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
        let page = await test.passwordDone(browser)
        _ = await browser.submit(page, ["code": try test.code(secret), "remember": "yes"])
        let device = try #require(browser.cookies["__Host-martlet-device"])

        func asks(_ browser: TestBrowser) async -> Bool {
            browser.cookies["__Host-martlet-session"] = nil
            return isCodePage(await test.passwordDone(browser))
        }
        #expect(await !asks(browser))
        let stranger = TestBrowser(test)
        #expect(await asks(stranger))
        // The account pages ask all the same.
        browser.cookies["__Host-martlet-session"] = nil
        #expect(isCodePage(await test.openAccount(browser)))

        // The owner sees it and forgets it.
        test.clock.advance(by: .seconds(60))
        var security = await test.openAccount(owner, "/account/security")
        if isCodePage(security) {
            security = await owner.follow(owner.submit(security, ["code": try test.code(secret)]))
        }
        #expect(security.text.contains("Forget Firefox on Linux"))
        let handle = try #require(
            security.text.split(separator: "name=\"device\" value=\"").dropFirst().first?.prefix { $0 != "\"" })
        _ = await owner.post(
            "/account/security/devices/forget",
            ["csrf": try #require(security.hiddenFields["csrf"]), "device": String(handle)])
        #expect(await asks(browser))
        #expect(browser.cookies["__Host-martlet-device"] == device)
    }

    @Test("Guesses are limited as passwords are")
    func guessesAreLimited() async throws {
        let test = try await TestSite(party: .first)
        let (secret, _) = try await test.turnOn(TestBrowser(test))
        let browser = TestBrowser(test)
        var page = await test.passwordDone(browser)
        for _ in 1...5 {
            page = await browser.submit(page, ["code": "000000"])
            #expect(page.status == 403)
        }
        let locked = await browser.submit(page, ["code": try test.code(secret)])
        #expect(locked.status == 429 && locked.response.headers["Retry-After"] != nil)
        #expect(locked.text.contains("Too many attempts failed."))
        test.clock.advance(by: .seconds(300))
        let answer = await browser.submit(page, ["code": try test.code(secret)])
        #expect(answer.location?.hasPrefix(TestSite.redirectURI) == true)
    }
}
