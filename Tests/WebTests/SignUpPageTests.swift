import AuthorizationServer
import HTTP
import Identity
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Pages of the sign-up")
struct SignUpPageTests {
    static let fields = ["email": "new@example.com", "name": "New Person", "password": "my password here"]

    /// Types what an account is made of, up to the page that waits for the code.
    static func begin(
        _ desk: MailDesk, _ changes: [String: String] = [:], at address: String = "/sign-up"
    ) async -> Page {
        let page = await desk.browser.get(address)
        return await desk.browser.follow(
            desk.browser.submit(page, fields.merging(changes) { _, own in own }))
    }

    @Test func anAccountIsMadeByItsCode() async throws {
        let desk = try await MailDesk()
        let page = await Self.begin(desk)
        #expect(page.status == 200 && page.text.contains("id=\"code\"") && page.text.contains("new@example.com"))
        #expect(page.response.headers["Content-Security-Policy"]?.contains("form-action 'self' https:") == false)
        let code = try MailDesk.code(try await desk.deliver())
        let wrong = await desk.browser.submit(page, ["code": code == "000000" ? "000001" : "000000"])
        #expect(wrong.status == 422 && wrong.text.contains("4 tries are left"))
        let done = await desk.browser.submit(wrong, ["code": code])
        #expect(done.status == 200 && done.text.contains("id=\"done\""))
        // The new person is signed in.
        #expect(await desk.browser.follow(desk.test.authorize()).text.contains("id=\"allow\""))
    }

    @Test func onTheWayToAClientItLeadsBackThere() async throws {
        let desk = try await MailDesk()
        let signIn = await desk.browser.follow(desk.test.authorize())
        let address = try #require(signIn.attribute("id=\"sign-up\" href=\""))
        let page = await Self.begin(desk, at: address)
        // Browsers hold the client's answer behind the last form to this as well.
        #expect(page.response.headers["Content-Security-Policy"]?.contains("form-action 'self' https:") == true)
        let code = try MailDesk.code(try await desk.deliver())
        let consent = await desk.browser.follow(desk.browser.submit(page, ["code": code]))
        #expect(consent.text.contains("id=\"allow\"") && consent.text.contains("new@example.com"))
        let answer = await desk.browser.submit(consent, ["decision": "allow"])
        #expect(answer.location?.hasPrefix(TestSite.redirectURI) == true && answer.answer?[.code] != nil)
    }

    @Test(.spec("A-36"))
    func aClientCanAskForAnAccountToBeMade() async throws {
        let desk = try await MailDesk()
        // Also of somebody who is signed in: success comes with the new account.
        _ = await desk.test.signIn(desk.browser)
        // The mail about that one first: the other one is to be the newest.
        try await desk.deliver()
        let typed = await desk.browser.follow(desk.test.authorize(["prompt": "create"]))
        let page = await desk.browser.follow(desk.browser.submit(typed, Self.fields))
        let code = try MailDesk.code(try await desk.deliver())
        let consent = await desk.browser.follow(desk.browser.submit(page, ["code": code]))
        #expect(consent.text.contains("id=\"allow\"") && consent.text.contains("new@example.com"))
        #expect(await desk.browser.submit(consent, ["decision": "allow"]).answer?[.code] != nil)
        // Who has an account after all signs in to it.
        let form = await desk.browser.follow(desk.test.authorize(["prompt": "create"]))
        let signIn = try #require(form.attribute("id=\"sign-in\" href=\""))
        #expect(await desk.browser.get(signIn).text.contains("id=\"password\""))
        let closed = try await MailDesk(mode: .invitation)
        let refusal = await closed.browser.get(closed.test.authorize(["prompt": "create"])).answer
        #expect(refusal?[.error] == "invalid_request")
    }

    @Test func theLinkLeadsBackToTheClientInTheSameBrowser() async throws {
        let desk = try await MailDesk()
        let signIn = await desk.browser.follow(desk.test.authorize())
        _ = await Self.begin(desk, at: try #require(signIn.attribute("id=\"sign-up\" href=\"")))
        let page = await desk.browser.get(try MailDesk.link(try await desk.deliver()))
        #expect(page.status == 200 && !page.text.contains("id=\"password\""))
        #expect(page.response.headers["Content-Security-Policy"]?.contains("form-action 'self' https:") == true)
        let consent = await desk.browser.follow(desk.browser.submit(page, [:]))
        #expect(consent.text.contains("id=\"allow\""))
    }

    @Test(.spec("CVE-2026-9092"))
    func inAnotherBrowserThePasswordIsChosenAnew() async throws {
        let desk = try await MailDesk()
        _ = await Self.begin(desk)
        let victim = TestBrowser(desk.test)
        let page = await victim.get(try MailDesk.link(try await desk.deliver()))
        #expect(page.text.contains("id=\"password\""))
        let refused = await victim.submit(page, ["name": "", "password": "short"])
        #expect(refused.status == 422 && refused.text.contains("id=\"password-error\""))
        let done = await victim.submit(page, ["name": "Victim", "password": "the victim's own"])
        #expect(done.status == 200 && done.text.contains("id=\"done\""))
        // Nobody is signed in by a link that somebody else may have sent.
        #expect(await victim.follow(desk.test.authorize()).text.contains("id=\"password\""))
        let signIn = await victim.follow(desk.test.authorize())
        let first = await victim.submit(signIn, ["email": "new@example.com", "password": "my password here"])
        #expect(first.status == 403)
        let second = await victim.submit(first, ["email": "new@example.com", "password": "the victim's own"])
        #expect(second.status == 303)
    }

    @Test(.spec("ASVS 6.3.8"))
    func aTakenAddressLooksTheSame() async throws {
        let (desk, other) = (try await MailDesk(), try await MailDesk())
        let free = await Self.begin(desk)
        let taken = await Self.begin(other, ["email": TestSite.email])
        func shape(_ page: Page, _ email: String) -> String {
            let tokens = [page.hiddenFields["csrf"] ?? "", page.formAction ?? ""]
            return ([email] + tokens).reduce(page.text) { text, part in
                text.split(separator: part, omittingEmptySubsequences: false).joined(separator: "*")
            } + "\(page.status)"
        }
        #expect(shape(free, "new@example.com") == shape(taken, TestSite.email))
        _ = try await desk.deliver()
        #expect(try await other.deliver()?.content.subject.value == "You have an account already")
        let wrong = [await desk.browser.submit(free, ["code": "x"]), await other.browser.submit(taken, ["code": "x"])]
        #expect(shape(wrong[0], "new@example.com") == shape(wrong[1], TestSite.email))
        #expect(wrong[0].status == 422)
    }

    @Test func everyMistakeIsToldNextToItsField() async throws {
        let desk = try await MailDesk(terms: "https://id.example/terms")
        let page = await Self.begin(desk, ["email": "x", "name": "", "password": "short"])
        #expect(page.status == 422 && page.text.contains("id=\"terms-error\""))
        let accepted = await Self.begin(desk, ["email": "x", "name": "", "password": "short", "terms": "accepted"])
        #expect(accepted.status == 422 && !accepted.text.contains("id=\"terms-error\""))
        for id in ["email-error", "name-error", "password-error"] { #expect(accepted.text.contains("id=\"\(id)\"")) }
        #expect(await Self.begin(desk, ["terms": "accepted"]).text.contains("id=\"code\""))
    }

    @Test func anotherMailHasAnotherCode() async throws {
        let desk = try await MailDesk()
        let page = await Self.begin(desk)
        let first = try MailDesk.code(try await desk.deliver())
        let action = try #require(page.formAction) + "/mail"
        for _ in 1..<MailRates().perCode {
            #expect(await desk.browser.post(action, page.hiddenFields).status == 200)
        }
        let second = try MailDesk.code(try await desk.deliver())
        #expect(await desk.browser.post(action, page.hiddenFields).status == 429)
        if first != second { #expect(await desk.browser.submit(page, ["code": first]).status == 422) }
        #expect(await desk.browser.submit(page, ["code": second]).text.contains("id=\"done\""))
    }

    @Test func thePageThatWaitsIsForItsBrowserAlone() async throws {
        let desk = try await MailDesk()
        let page = await Self.begin(desk)
        let address = try #require(page.formAction)
        let stranger = TestBrowser(desk.test)
        #expect(await stranger.get(address).status == 410)
        let code = try MailDesk.code(try await desk.deliver())
        #expect(await stranger.post(address, page.hiddenFields.merging(["code": code]) { $1 }).status == 403)
        #expect(await desk.browser.get(address).status == 200)
    }

    @Test func modesSayWhoMayComeIn() async throws {
        let closed = try await MailDesk(mode: .closed)
        for path in ["/sign-up", "/sign-up/invited", "/sign-up/confirm"] {
            #expect(await closed.browser.get(path).status == 404)
        }
        #expect(await !closed.browser.follow(closed.test.authorize()).text.contains("id=\"sign-up\""))

        let desk = try await MailDesk(mode: .invitation, terms: "https://id.example/terms")
        #expect(await desk.browser.get("/sign-up").status == 404)
        #expect(await !desk.browser.follow(desk.test.authorize()).text.contains("id=\"sign-up\""))
        _ = try await Invitations(
            desk.test.environment.storage, clock: desk.test.clock, random: desk.test.environment.random
        ).invite("guest@example.com")
        let page = await desk.browser.get(try MailDesk.link(try await desk.deliver()))
        #expect(page.text.contains("guest@example.com") && page.text.contains("id=\"terms\""))
        let fields = ["name": "Guest", "password": "my password here"]
        #expect(await desk.browser.submit(page, fields).status == 422)
        let done = await desk.browser.submit(page, fields.merging(["terms": "accepted"]) { $1 })
        #expect(done.text.contains("id=\"done\""))
        #expect(await desk.browser.submit(page, fields.merging(["terms": "accepted"]) { $1 }).status == 410)
    }

    @Test("Whoever reads the mail in another browser has not seen the terms, and accepts them; the event says which")
    func termsElsewhere() async throws {
        let desk = try await MailDesk(terms: "https://id.example/terms")
        #expect(await Self.begin(desk, ["terms": "accepted"]).text.contains("id=\"code\""))
        let link = try MailDesk.link(try await desk.deliver())
        // Where they were accepted nothing is asked again.
        #expect(!(await desk.browser.get(link).text.contains("id=\"terms\"")))
        let reader = TestBrowser(desk.test)
        let page = await reader.get(link)
        #expect(page.text.contains("id=\"terms\""))
        let typed = ["name": "Grace", "password": "violet harbour trombone lamp"]
        let refused = await reader.submit(page, typed)
        #expect(refused.status == 422 && refused.text.contains("id=\"terms-error\""))
        let done = await reader.submit(page, typed.merging(["terms": "accepted"]) { $1 })
        #expect(done.text.contains("id=\"done\""))
        let events = try await desk.test.environment.storage.audit.unlinked(limit: 99)
        #expect(events.first { $0.action == "sign_up" }?.details?.contains("id.example/terms") == true)
    }
}
