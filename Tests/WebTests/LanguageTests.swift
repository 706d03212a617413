import AuthorizationServer
import HTTP
import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Languages of pages", .spec("OpenID Connect Core §3.1.2.1", "RFC 9110 §12.5.4"))
struct LanguageTests {
    private func language(of page: Page) -> String? {
        let header = page.response.headers["Content-Language"]
        #expect(header != nil && page.text.contains("<html lang=\"\(header ?? "")\">"))
        #expect(page.response.headers["Vary"] == "Accept-Language")
        return header
    }

    @Test(
        "A browser gets its own language, or the default",
        arguments: [("de-AT,en;q=0.5", "de"), ("fr", "en"), (nil, "en")])
    func acceptLanguage(_ wish: String?, _ expected: String) async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        browser.headers = wish.map { ["Accept-Language": $0] } ?? [:]
        #expect(language(of: await browser.follow(test.authorize())) == expected)
        #expect(language(of: await browser.get("/nowhere")) == expected)
    }

    @Test("What the client asks for counts more than what the browser does, on every page of its request")
    func uiLocales() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        browser.headers = ["Accept-Language": "en"]
        let signIn = await browser.follow(test.authorize(["ui_locales": "tlh de-CH"]))
        #expect(language(of: signIn) == "de")
        #expect(language(of: await browser.submit(signIn, ["email": TestSite.email, "password": "wrong"])) == "de")
        let consent = await browser.follow(
            browser.submit(signIn, ["email": TestSite.email, "password": TestSite.password]))
        #expect(consent.text.contains("id=\"allow\""))
        #expect(language(of: consent) == "de")
        // One that we do not have leaves the choice to the browser, and one that cannot be answered still has its page.
        #expect(language(of: await browser.follow(test.authorize(["ui_locales": "tlh", "prompt": "login"]))) == "en")
        #expect(language(of: await browser.get("/authorize?ui_locales=de")) == "de")
    }

    @Test("Sign-up and reset on the way to a client keep its languages")
    func pagesBesideTheRequest() async throws {
        let desk = try await MailDesk()
        let signIn = await desk.browser.follow(desk.test.authorize(["ui_locales": "de"]))
        for id in ["sign-up", "forgot"] {
            let link = try #require(signIn.attribute("id=\"\(id)\" href=\""))
            let page = await desk.browser.get(link)
            #expect(language(of: page) == "de")
            #expect(language(of: await desk.browser.submit(page, ["email": "no address"])) == "de")
        }
        #expect(language(of: await desk.browser.get("/forgot-password")) == "en")
    }

    @Test("A mail comes in the language of the page that ordered it; one that no page ordered in the default")
    func mails() async throws {
        let desk = try await MailDesk()
        let signIn = await desk.browser.follow(desk.test.authorize(["ui_locales": "de"]))
        let forgot = await desk.browser.get(try #require(signIn.attribute("id=\"forgot\" href=\"")))
        _ = await desk.browser.submit(forgot, ["email": TestSite.email])
        let reset = try #require(try await desk.deliver()).content
        #expect(reset.subject.value == "Neues Passwort festlegen" && reset.html.contains("<html lang=\"de\">"))
        let signUp = await desk.browser.get(try #require(signIn.attribute("id=\"sign-up\" href=\"")))
        let typed = ["name": "Eve", "email": "eve@example.com", "password": "violet harbour trombone lamp"]
        let waiting = await desk.browser.follow(desk.browser.submit(signUp, typed))
        #expect(try await desk.deliver()?.content.subject.value.hasSuffix(" ist Ihr Code") == true)
        desk.test.clock.advance(by: .seconds(61))
        _ = await desk.browser.post(try #require(waiting.formAction) + "/mail", waiting.hiddenFields)
        #expect(desk.inbox.mails.count == 2)
        #expect(try await desk.deliver()?.content.subject.value.hasSuffix(" ist Ihr Code") == true)
        #expect(desk.inbox.mails.count == 3)
        _ = try await Invitations(desk.test.environment.storage, clock: desk.test.clock, random: SystemRandom())
            .invite("new@example.com")
        #expect(try await desk.deliver()?.content.subject.value == "You are invited")
    }

    @Test("Mails of changes are in the language of the page on which somebody made them")
    func changes() async throws {
        let desk = try await MailDesk()
        desk.browser.headers.set("Accept-Language", "de")
        // Mails of one moment are sent in no order: what tells of the sign-in may come behind.
        func isTold(_ subject: String) async throws -> Bool {
            try await desk.deliver()
            return desk.inbox.mails.contains { $0.message.content.subject.value == subject }
        }
        _ = try await desk.test.turnOn(desk.browser)
        #expect(try await isTold("Der zweite Faktor ist eingeschaltet"))
        let security = await desk.browser.get("/account/security")
        let token = try #require(security.hiddenFields["csrf"])
        _ = await desk.browser.post("/account/security/recovery-codes", ["csrf": token])
        #expect(try await isTold("Sie haben neue Wiederherstellungscodes"))
        let email = await desk.browser.get("/account/security/email")
        let waiting = await desk.browser.follow(desk.browser.submit(email, ["email": "countess@example.com"]))
        let mail = try await desk.deliver()
        #expect(mail?.content.subject.value.hasSuffix(" ist Ihr Code") == true)
        _ = await desk.browser.submit(waiting, ["code": try MailDesk.code(mail)])
        try await desk.deliver()
        // Also the one to the address before, which has no account any more.
        let before = desk.inbox.mails.first { $0.message.recipient.rawValue == TestSite.email }?.message.content
        #expect(
            before?.html.contains("<html lang=\"de\">") == true && before?.subject.value.contains("Adresse") == true)
        #expect(desk.inbox.mails.first?.message.content.html.contains("<html lang=\"de\">") == true)
        let password = await desk.browser.get("/account/security/password")
        _ = await desk.browser.submit(
            password, ["current": TestSite.password, "password": "violet harbour trombone lamp"])
        #expect(try await isTold("Ihr Passwort wurde geändert"))
    }

    @Test("What somebody else may have done is told in the language of the last sign-in")
    func strangers() async throws {
        let desk = try await MailDesk()
        let users = desk.test.environment.storage.users
        #expect(try await users.find(desk.test.user.id)?.language == nil)
        desk.browser.headers.set("Accept-Language", "de")
        _ = await desk.test.signIn(desk.browser)
        #expect(try await users.find(desk.test.user.id)?.language == "de")
        #expect(try await desk.deliver()?.content.subject.value == "Neue Anmeldung bei Ihrem Konto")
        // A thief reads English.
        let thief = TestBrowser(desk.test)
        _ = await desk.test.openAccount(thief)
        #expect(try await desk.deliver()?.content.subject.value == "Neue Anmeldung bei Ihrem Konto")
        try await users.setLanguage("de", of: desk.test.user.id)
        let guessing = TestBrowser(desk.test)
        let page = await guessing.follow("/account")
        for _ in 0..<5 { _ = await guessing.submit(page, ["email": TestSite.email, "password": "wrong"]) }
        let told = try await desk.deliver()?.content
        #expect(told?.subject.value == "Zu viele misslungene Anmeldeversuche")
        #expect(told?.text.contains("127.0.0.0/24") == true)
    }

    @Test("An account is made in the language of its sign-up")
    func newAccounts() async throws {
        let desk = try await MailDesk()
        desk.browser.headers.set("Accept-Language", "de")
        let typed = ["name": "Eve", "email": "eve@example.com", "password": "violet harbour trombone lamp"]
        let waiting = await desk.browser.follow(desk.browser.submit(await desk.browser.get("/sign-up"), typed))
        _ = await desk.browser.submit(waiting, ["code": try MailDesk.code(try await desk.deliver())])
        let users = desk.test.environment.storage.users
        #expect(try await users.find(try #require(Email("eve@example.com")))?.language == "de")
    }

    @Test("Who chooses a language at the foot of a page sees that page in it, and all others")
    func choice() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await browser.follow(test.authorize(["ui_locales": "en"]))
        let back = try #require(page.hiddenFields["back"])
        #expect(back.hasPrefix("/interaction/"))
        let chosen = await browser.post("/language", ["language": "de", "back": back])
        #expect(chosen.status == 303 && chosen.location == back)
        let cookie = try #require(chosen.response.headers["Set-Cookie"])
        #expect(cookie.hasPrefix("__Host-martlet-language=de;") && cookie.contains("; Secure"))
        #expect(language(of: await browser.get(back)) == "de")
        #expect(language(of: await browser.get("/nowhere")) == "de")
        let again = await browser.get("/account/sign-in?x=1")
        #expect(
            again.text.contains("lang=\"en\">English</button>") && again.hiddenFields["back"] == "/account/sign-in?x=1")
        #expect(await browser.get("/nowhere?x=1").hiddenFields["back"] == nil)
        // A page that a post made cannot be opened again.
        let wrong = await browser.submit(await browser.get(back), ["email": TestSite.email, "password": "wrong"])
        #expect(wrong.status == 403 && wrong.hiddenFields["back"] == nil)
        browser.cookies["__Host-martlet-language"] = "xx"
        #expect(language(of: await browser.get("/nowhere")) == "en")
    }

    @Test(
        "The choice leads to our own pages only, and is taken from them",
        arguments: [
            "https://evil.example/", "//evil.example/", "/\\evil.example", "evil", "", "/a b", "/a\r\nX: y", "/é",
            "/#a",
            "/" + String(repeating: "a", count: 2048),
        ])
    func leadsNowhereElse(_ back: String) async throws {
        let browser = TestBrowser(try await TestSite())
        #expect(await browser.post("/language", ["language": "de", "back": back]).status == 403)
        #expect(await browser.post("/language", ["language": "fr", "back": "/"]).status == 403)
        let elsewhere = await browser.post(
            "/language", ["language": "de", "back": "/"], headers: ["Sec-Fetch-Site": "cross-site"])
        #expect(elsewhere.status == 403 && browser.cookies.isEmpty)
        let own = await browser.post(
            "/language", ["language": "de", "back": "/"], headers: ["Sec-Fetch-Site": "same-origin"])
        #expect(own.status == 303)
    }

    @Test("Below a path, choosing a language stays below it")
    func issuerWithAPath() async throws {
        let test = try await TestSite(issuer: "https://id.example/tenant")
        let browser = TestBrowser(test)
        let page = await browser.get("/tenant/account/sign-in")
        #expect(page.text.contains("action=\"/tenant/language\""))
        #expect(page.hiddenFields["back"] == "/tenant/account/sign-in")
        #expect(await browser.post("/tenant/language", ["language": "de", "back": "/other/"]).status == 403)
        #expect(await browser.post("/tenant/language", ["language": "de", "back": "/tenant/x"]).status == 303)
    }
}
