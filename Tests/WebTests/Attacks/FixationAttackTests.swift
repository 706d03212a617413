import AuthorizationServer
import HTTP
import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

/// Cookies that an attacker knows, because he put them there, are worth nothing to him afterwards.
@Suite("Attack: fixation", .spec("ASVS 7.2.4", "RFC 6265 §8.4"))
struct FixationAttackTests {
    private static let session = "__Host-martlet-session"

    @Test("A session cookie from before the sign-in is neither kept nor opened by it")
    func sessions() async throws {
        let test = try await TestSite(party: .first)
        // An invented one, and a real one of the attacker's own account.
        _ = try await test.environment.storage.users.insert(.withNothingOptional())
        let (planted, _) = try await test.sessions.start(
            for: UserID(rawValue: "u_9"), by: [.password], provenAt: test.clock.now, replacing: nil, on: .unknown)
        for known in [String(repeating: "A", count: 43), planted] {
            let victim = TestBrowser(test)
            victim.cookies[Self.session] = known
            let page = await victim.follow(test.authorize(["prompt": "login"]))
            let other = page.text.contains("id=\"other-account\"") ? ["choice": "other"] : [:]
            let form = other.isEmpty ? page : await victim.follow(victim.submit(page, other))
            _ = await victim.follow(victim.submit(form, ["email": TestSite.email, "password": TestSite.password]))
            let secret = try #require(victim.cookies[Self.session])
            #expect(secret != known)
            #expect(try await test.sessions.find(secret)?.userID == test.user.id)
            #expect(try await test.sessions.find(known) == nil)
        }
    }

    @Test("A browser cookie that the attacker planted shows him nothing once its new owner has signed in")
    func browsers() async throws {
        let test = try await TestSite()
        let attacker = TestBrowser(test)
        let page = await attacker.follow(test.authorize())
        let victim = TestBrowser(test)
        victim.cookies = attacker.cookies
        let consent = await victim.follow(
            victim.submit(page, ["email": TestSite.email, "password": TestSite.password]))
        #expect(consent.text.contains("id=\"allow\""))
        // He has the request and the browser's cookie, not the session's.
        let step = try #require(page.formAction?.split(separator: "/sign-in").first)
        let seen = await attacker.follow(String(step))
        #expect(seen.text.contains("id=\"password\"") && !seen.text.contains(TestSite.email))
        let stolen = await attacker.submit(consent, ["decision": "allow"])
        #expect(stolen.answer?[.code] == nil && stolen.status == 403)
        #expect(await victim.submit(consent, ["decision": "allow"]).answer?[.code] != nil)
    }

    @Test("A remembered browser is remembered for who signed in there, not for who has planted its cookie")
    func devices() async throws {
        let test = try await TestSite(party: .first)
        let (secret, _) = try await test.turnOn(TestBrowser(test))
        let attacker = TestBrowser(test)
        attacker.cookies["__Host-martlet-device"] = String(repeating: "A", count: 43)
        let planted = attacker.cookies
        let victim = TestBrowser(test)
        victim.cookies = planted
        let page = await test.passwordDone(victim)
        _ = await victim.submit(page, ["code": try test.code(secret), "remember": "yes"])
        #expect(victim.cookies["__Host-martlet-device"] != planted["__Host-martlet-device"])
        // With the planted value the second factor is still asked for.
        #expect(await test.passwordDone(attacker).text.contains("name=\"way\" value=\"app\""))
    }

    @Test("Nothing that a request says of itself comes back in a page, a header or a mail")
    func headerCanaries() async throws {
        let desk = try await MailDesk()
        let canary = "canary-7f3a"
        let names = [
            "User-Agent", "Referer", "X-Forwarded-Host", "X-Forwarded-For", "Forwarded", "Accept", "X-Request-Id",
            "Origin-Trial", "Via", "From",
        ]
        for name in names { desk.browser.headers.set(name, "\(canary) <b>\(canary)</b>") }
        var pages = [await desk.browser.get("/\(canary.dropLast(9))"), await desk.browser.get("/forgot-password")]
        pages.append(await desk.browser.submit(pages[1], ["email": TestSite.email]))
        pages.append(await desk.test.openAccount(desk.browser))
        pages.append(await desk.browser.get("/account/sessions"))
        pages.append(await desk.browser.post("/account/sign-in", [:]))
        for page in pages {
            #expect(!page.text.contains(canary))
            #expect(page.response.headers.allSatisfy { !$0.value.contains(canary) })
        }
        try await desk.deliver()
        #expect(!desk.inbox.mails.isEmpty)
        for mail in desk.inbox.mails {
            #expect(!mail.message.content.text.contains(canary) && !mail.message.content.html.contains(canary))
            #expect(!mail.message.content.subject.value.contains(canary))
        }
    }
}
