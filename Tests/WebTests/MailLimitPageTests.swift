import HTTP
import Identity
import MartletTesting
import Testing
import Web

@Suite("Pages of limits on mails", .spec("RFC 6585 §4"))
struct MailLimitPageTests {
    /// Two mails for whatever there is, so that the third is one too many.
    private static func desk(mailCodes: Bool = false) async throws -> MailDesk {
        var rates = MailRates()
        (rates.perAddress, rates.perNetwork) = (2, 4)
        return try await MailDesk(mailCodes: mailCodes, rates: rates)
    }

    /// The page says for how long to wait, in its header, in words, and where the script counts down.
    private func expectWait(_ page: Page, _ seconds: Int, _ words: String, _ place: SourceLocation = #_sourceLocation) {
        #expect(page.status == 429, sourceLocation: place)
        #expect(page.response.headers["Retry-After"] == "\(seconds)", sourceLocation: place)
        let wait = page.text.split(separator: "<span id=\"wait\" data-seconds=\"\(seconds)\"")
        #expect(wait.count == 2 && wait[1].contains(">\(words)</span>"), sourceLocation: place)
    }

    private static let person = [
        "name": "Grace", "email": "grace@example.com", "password": "violet harbour trombone lamp",
    ]

    @Test("A forgotten password: counts down, and then a mail is sent")
    func forgotten() async throws {
        let desk = try await Self.desk()
        let page = await desk.browser.get("/forgot-password")
        for number in 1...4 {
            #expect(await desk.browser.submit(page, ["email": "\(number)@example.com"]).status == 200)
        }
        let limited = await desk.browser.submit(page, ["email": TestSite.email])
        expectWait(limited, 301, "6 minutes")
        #expect(limited.text.contains("value=\"\(TestSite.email)\""))
        desk.test.clock.advance(by: .seconds(301))
        #expect(await desk.browser.submit(limited, ["email": TestSite.email]).text.contains("id=\"sent\""))
    }

    @Test("A sign-up, and one more mail of it")
    func signUp() async throws {
        let desk = try await Self.desk()
        let page = await desk.browser.get("/sign-up")
        let waiting = await desk.browser.follow(desk.browser.submit(page, Self.person))
        let resend = try #require(waiting.formAction) + "/mail"
        #expect(await desk.browser.post(resend, waiting.hiddenFields).status == 200)
        expectWait(await desk.browser.post(resend, waiting.hiddenFields), 901, "16 minutes")
        // The network has had its four mails with that.
        let other = await desk.browser.get("/sign-up")
        _ = await desk.browser.submit(other, Self.person.merging(["email": "other@example.com"]) { $1 })
        let limited = await desk.browser.submit(other, Self.person.merging(["email": "third@example.com"]) { $1 })
        expectWait(limited, 301, "6 minutes")
        desk.test.clock.advance(by: .seconds(901))
        #expect(await desk.browser.post(resend, waiting.hiddenFields).status == 200)
    }

    @Test("Pages and mails tell how long codes and links work, as it is set", arguments: ["en", "de"])
    func lifetimes(_ language: String) async throws {
        var rates = MailRates()
        rates.lifetimes.code = .seconds(420)
        rates.lifetimes.link = .seconds(7200)
        rates.lifetimes.reset = .seconds(660)
        for isSet in [true, false] {
            let desk = try await MailDesk(mailCodes: true, rates: isSet ? rates : MailRates())
            desk.browser.headers.set("Accept-Language", language)
            let isEnglish = language == "en"
            let code = (isSet ? "7 " : "10 ") + (isEnglish ? "minutes" : "Minuten")
            let link = (isSet ? "2 " : "24 ") + (isEnglish ? "hours" : "Stunden")
            let reset = (isSet ? "11 " : "30 ") + (isEnglish ? "minutes" : "Minuten")
            let waiting = await desk.browser.follow(
                desk.browser.submit(await desk.browser.get("/sign-up"), Self.person))
            #expect(waiting.text.contains(code) && waiting.text.contains(link))
            let mail = try #require(try await desk.deliver()).content
            for text in [mail.text, mail.html] { #expect(text.contains(code) && text.contains(link)) }
            let sent = await desk.browser.submit(
                await desk.browser.get("/forgot-password"), ["email": TestSite.email])
            #expect(sent.text.contains(reset))
            let other = try #require(try await desk.deliver()).content
            for text in [other.text, other.html] { #expect(text.contains(reset)) }
        }
    }

    @Test("Enough mails of one sign-up: no wait helps, and none is named")
    func enough() async throws {
        var rates = MailRates()
        rates.perCode = 1
        let desk = try await MailDesk(rates: rates)
        let page = await desk.browser.get("/sign-up")
        let waiting = await desk.browser.follow(desk.browser.submit(page, Self.person))
        let resend = try #require(waiting.formAction) + "/mail"
        let over = await desk.browser.post(resend, waiting.hiddenFields)
        #expect(over.status == 429 && over.response.headers["Retry-After"] == nil && !over.text.contains("id=\"wait\""))
        #expect(over.text.contains("id=\"remark\""))
    }

    @Test("Another address, and one more mail to it")
    func changeOfAddress() async throws {
        let desk = try await Self.desk()
        let page = await desk.test.openAccount(desk.browser, "/account/security/email")
        let fields = page.hiddenFields.merging(["email": "countess@example.com"]) { $1 }
        let waiting = await desk.browser.follow(desk.browser.post("/account/security/email", fields))
        let resend = try #require(waiting.formAction) + "/mail"
        #expect(await desk.browser.post(resend, waiting.hiddenFields).status == 200)
        expectWait(await desk.browser.post(resend, waiting.hiddenFields), 901, "16 minutes")
        _ = await desk.browser.post("/account/security/email", fields)
        expectWait(await desk.browser.post("/account/security/email", fields), 301, "6 minutes")
    }

    @Test("One more code by mail")
    func codes() async throws {
        let desk = try await MailDesk(mailCodes: true)
        let owner = TestBrowser(desk.test)
        let own = await desk.test.openAccount(owner, "/account/security")
        _ = await owner.post("/account/security/mail-codes", ["csrf": own.hiddenFields["csrf"] ?? "", "codes": "on"])
        var limited: Page?
        // Each sign-in has a few mails of its own; the address has five.
        for _ in 1...3 where limited == nil {
            let browser = TestBrowser(desk.test)
            let page = await desk.test.passwordDone(browser)
            let action = try #require(page.formAction)
            let fields = ["csrf": try #require(page.hiddenFields["csrf"]), "way": "send"]
            for _ in 1...2 where limited == nil {
                let answer = await browser.post(action, fields)
                if answer.status == 429 { limited = answer }
            }
        }
        expectWait(try #require(limited), 301, "6 minutes")
    }
}
