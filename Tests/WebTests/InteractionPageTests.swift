import AuthorizationServer
import Dispatch
import HTTP
import Identity
import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Testing

@Suite("Pages of an authorization request")
struct InteractionPageTests {
    @Test("H-05, H-06: every page keeps scripts, frames, referrers and caches out")
    func securityHeaders() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        for page in [
            await browser.follow(test.authorize()), await browser.get("/authorize"), await browser.get("/nowhere"),
        ] {
            let headers = page.response.headers
            let policy = try #require(headers["Content-Security-Policy"])
            #expect(policy.hasPrefix("default-src 'none'"))
            #expect(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(headers["X-Frame-Options"] == "DENY")
            #expect(headers["Referrer-Policy"] == "no-referrer")
            #expect(headers["Cache-Control"] == "no-store")
            #expect(headers["X-Content-Type-Options"] == "nosniff")
            #expect(headers["Strict-Transport-Security"]?.contains("max-age=31536000") == true)
            #expect(headers["Cross-Origin-Opener-Policy"] == "same-origin")
        }
    }

    @Test("E-01: cookies are host-bound, out of reach of scripts, and opaque")
    func cookieAttributes() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let start = await browser.get(test.authorize())
        let page = await browser.follow(start)
        let signedIn = await browser.submit(page, ["email": TestSite.email, "password": TestSite.password])
        for (answer, name) in [(start, "__Host-martlet-browser"), (signedIn, "__Host-martlet-session")] {
            let line = try #require(answer.response.headers["Set-Cookie"])
            #expect(line.hasPrefix(name + "="))
            for attribute in ["; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax"] {
                #expect(line.contains(attribute))
            }
            #expect(!line.contains("; Domain"))
        }
    }

    @Test("E-02: sign-in makes a new session, and the one before is dead")
    func newSessionAtSignIn() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        _ = await test.signIn(browser)
        let first = try #require(browser.cookies["__Host-martlet-session"])
        _ = await test.signIn(browser, ["prompt": "login"])
        let second = try #require(browser.cookies["__Host-martlet-session"])
        #expect(first != second)
        browser.cookies["__Host-martlet-session"] = first
        #expect(await browser.get(test.authorize(["prompt": "none"])).answer?[.error] == "login_required")
        browser.cookies["__Host-martlet-session"] = second
        #expect(await browser.get(test.authorize(["prompt": "none"])).answer?[.code] != nil)
    }

    @Test("E-02: an identifier that an attacker planted never becomes a session")
    func plantedSessionCookie() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        browser.cookies["__Host-martlet-session"] = "planted"
        #expect(await test.signIn(browser).answer?[.code] != nil)
        #expect(browser.cookies["__Host-martlet-session"] != "planted")
    }

    enum Forgery: String, CaseIterable, Sendable {
        case noToken, wrongToken, tokenOfAnotherInteraction, tokenOfAnotherBrowser, otherSite, otherOrigin, notAForm
    }

    @Test(
        "A-95: a form that this browser was not shown is refused, and nothing comes of it", arguments: Forgery.allCases)
    func forgedForm(_ forgery: Forgery) async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        let page = await browser.follow(test.authorize())
        let right = ["email": TestSite.email, "password": TestSite.password]
        var fields = right
        var headers: Headers = [:]
        switch forgery {
        case .noToken: fields["csrf"] = ""
        case .wrongToken: fields["csrf"] = String(repeating: "A", count: 43)
        case .tokenOfAnotherInteraction:
            fields["csrf"] = await browser.follow(test.authorize()).hiddenFields["csrf"]
        case .tokenOfAnotherBrowser:
            fields["csrf"] = await TestBrowser(test).follow(test.authorize()).hiddenFields["csrf"]
        case .otherSite: headers.set("Sec-Fetch-Site", "cross-site")
        case .otherOrigin: headers.set("Origin", "https://evil.example")
        case .notAForm: headers.set("Content-Type", "text/plain")
        }
        let refused = await browser.submit(page, fields, headers: headers)
        #expect(refused.status == 403)
        #expect(refused.response.headers["Set-Cookie"] == nil && refused.location == nil)
        let accepted = await browser.submit(page, right, headers: ["Origin": "null", "Sec-Fetch-Site": "same-origin"])
        #expect(accepted.answer?[.code] != nil)
    }

    @Test("A-98: an interaction opened in another browser is worth nothing there")
    func otherBrowser() async throws {
        let test = try await TestSite()
        let victim = TestBrowser(test)
        let address = try #require(await TestBrowser(test).get(test.authorize()).location)
        #expect(await victim.get(address).status == 403)
        _ = await victim.get(test.authorize())
        let page = await victim.get(address)
        #expect(page.status == 403)
        #expect(page.text.contains("another browser"))
        #expect(await victim.follow(test.authorize()).status == 200)
    }

    @Test("A-99: two tabs with two requests end each at its own client with its own state")
    func twoTabs() async throws {
        let test = try await TestSite(party: .first)
        #expect(
            try await test.environment.storage.clients.insert(
                TestSite.client(
                    id: "other",
                    party: .first,
                    now: test.clock.now,
                    redirectURIs: ["https://other.example/cb"]
                )
            )
        )
        let browser = TestBrowser(test)
        let one = await browser.follow(test.authorize(["state": "one"]))
        let two = await browser.follow(
            test.authorize(["state": "two", "client_id": "other", "redirect_uri": "https://other.example/cb"])
        )
        let right = ["email": TestSite.email, "password": TestSite.password]
        let first = await browser.submit(one, right)
        let second = await browser.submit(two, right)
        #expect(first.location?.hasPrefix(TestSite.redirectURI) == true && first.answer?[.state] == "one")
        #expect(second.location?.hasPrefix("https://other.example/cb?") == true && second.answer?[.state] == "two")
    }

    @Test("Signing in in one tab lets the other go on by reloading")
    func reloadAfterSignInElsewhere() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        let waiting = try #require(await browser.get(test.authorize(["state": "waiting"])).location)
        _ = await test.signIn(browser)
        #expect(await browser.get(waiting).answer?[.state] == "waiting")
    }

    @Test("An old tab and the way back say kindly that the request is done, and issue nothing")
    func finishedInteraction() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let address = try #require(await browser.get(test.authorize()).location)
        let page = await browser.get(address)
        let consent = await browser.follow(
            browser.submit(page, ["email": TestSite.email, "password": TestSite.password])
        )
        #expect(await browser.submit(consent, ["decision": "allow"]).answer?[.code] != nil)
        for again in [
            await browser.get(address), await browser.submit(consent, ["decision": "allow"]),
            await browser.submit(page, ["email": TestSite.email, "password": TestSite.password]),
        ] {
            #expect(again.status == 410)
            #expect(again.location == nil)
            #expect(again.text.contains("already done"))
        }
    }

    @Test("An interaction that waited too long is gone")
    func expiredInteraction() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let address = try #require(await browser.get(test.authorize()).location)
        #expect(await browser.get(address).status == 200)
        test.clock.advance(by: test.environment.policy.interactionLifetime)
        #expect(await browser.get(address).status == 404)
    }

    @Test("W-08: wrong password, unknown person and disabled account look the same")
    func noEnumeration() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await browser.follow(test.authorize())
        func attempt(_ email: String, _ password: String) async -> Page {
            await browser.submit(page, ["email": email, "password": password])
        }
        let wrong = await attempt(TestSite.email, "not the password at all")
        let unknown = await attempt("eve@example.com", "not the password at all")
        #expect(try await test.environment.storage.users.disable(test.user.id, at: test.clock.now))
        let disabled = await attempt(TestSite.email, TestSite.password)
        #expect(wrong.text.contains("id=\"error\""))
        #expect(wrong.status == unknown.status && wrong.status == disabled.status && wrong.status == 403)
        let blank = { (page: Page, email: String) in
            page.text.split(separator: email, omittingEmptySubsequences: false).joined(separator: "-")
        }
        #expect(blank(wrong, TestSite.email) == blank(unknown, "eve@example.com"))
        #expect(wrong.text == disabled.text)
        #expect([wrong, unknown, disabled].allSatisfy { $0.response.headers["Set-Cookie"] == nil })
    }

    @Test("H-21: a full password queue answers 503 with Retry-After and keeps the request open")
    func busy() async throws {
        let test = try await TestSite(party: .first, queueLimit: 0)
        let browser = TestBrowser(test)
        let page = await browser.follow(test.authorize())
        let right = ["email": TestSite.email, "password": TestSite.password]
        let gate = DispatchSemaphore(value: 0)
        let (started, hasStarted) = AsyncStream<Void>.makeStream()
        let pool = test.pool
        async let occupant: Void = pool.run {
            hasStarted.finish()
            gate.wait()
        }
        for await _ in started {}
        let busy = await browser.submit(page, right)
        #expect(busy.status == 503)
        #expect(busy.response.headers["Retry-After"] != nil && busy.text.contains("id=\"error\""))
        gate.signal()
        try await occupant
        #expect(await browser.submit(page, right).answer?[.code] != nil)
    }

    @Test("A-14: who refuses sends access_denied back, once")
    func refusal() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let consent = await browser.follow(
            browser.submit(
                browser.follow(test.authorize()),
                ["email": TestSite.email, "password": TestSite.password]
            )
        )
        let answer = await browser.submit(consent, ["decision": "deny"])
        #expect(answer.answer?[.error] == "access_denied")
        #expect(answer.answer?[.state] == "the state" && answer.answer?[.code] == nil)
        #expect(await browser.follow(test.authorize()).text.contains("id=\"allow\""))
    }

    @Test("Consent is remembered; more scopes are asked for alone; a first-party client skips it")
    func consentIsRemembered() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        #expect(await test.signIn(browser).answer?[.code] != nil)
        #expect(await browser.get(test.authorize()).answer?[.code] != nil)
        let more = await browser.follow(test.authorize(["scope": "openid profile orders:read"]))
        #expect(more.text.contains("data-scope=\"orders:read\""))
        #expect(!more.text.contains("data-scope=\"profile\""))
        let again = await browser.follow(test.authorize(["prompt": "consent"]))
        #expect(again.text.contains("data-scope=\"profile\""))

        let own = try await TestSite(party: .first)
        let page = await TestBrowser(own).follow(own.authorize())
        #expect(page.text.contains("id=\"password\""))
    }

    @Test("THREATS 24: consent posted before sign-in issues nothing")
    func consentBeforeSignIn() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let page = await browser.follow(test.authorize())
        let action = try #require(page.formAction)
        let consent = String(action.dropLast("sign-in".count)) + "consent"
        let answer = await browser.post(consent, page.hiddenFields.merging(["decision": "allow"]) { _, own in own })
        #expect(answer.status == 403 && answer.location == nil)
        #expect(await browser.submit(page, ["email": TestSite.email, "password": TestSite.password]).status == 303)
    }

    @Test("A consent page shown to one person is not answered by the next who signs in to the same browser")
    func consentOfAnotherPerson() async throws {
        let test = try await TestSite()
        #expect(
            try await test.environment.storage.users.insert(.withNothingOptional(id: "u_zoe", email: "zoe@example.org"))
        )
        let browser = TestBrowser(test)
        let consent = await browser.follow(
            browser.submit(
                browser.follow(test.authorize()),
                ["email": TestSite.email, "password": TestSite.password]
            )
        )
        let ada = browser.cookies["__Host-martlet-session"]
        let (secret, _) = try await test.sessions.start(
            for: UserID(rawValue: "u_zoe"), by: [.password], provenAt: test.sessions.now, replacing: nil, on: .unknown)
        browser.cookies["__Host-martlet-session"] = secret
        #expect(await browser.submit(consent, ["decision": "allow"]).status == 403)
        browser.cookies["__Host-martlet-session"] = ada
        #expect(await browser.submit(consent, ["decision": "allow"]).answer?[.code] != nil)
    }

    @Test(
        "A browser cookie that we cannot have made counts as none",
        arguments: ["", "chosen", String(repeating: "A", count: 200)])
    func chosenBrowserCookie(_ value: String) async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        browser.cookies["__Host-martlet-browser"] = value
        let page = await browser.follow(test.authorize())
        #expect(page.text.contains("id=\"password\""))
        #expect(browser.cookies["__Host-martlet-browser"]?.count == 43)
    }

    @Test("THREATS: what an interaction keeps is what means something")
    func ballastIsNotKept() async throws {
        let test = try await TestSite()
        let ballast = String(repeating: "x", count: 3000)
        let location = await TestBrowser(test).get(test.authorize(["ballast": ballast])).location
        let id = try #require(location?.split(separator: "/").last.map(String.init))
        let kept = try await test.environment.storage.interactions.find(TokenDigest(of: id), at: test.clock.now)
        #expect(kept?.request.contains("ballast") == false && kept?.request.contains("code_challenge=") == true)
        let tooLong = await TestBrowser(test).get(test.authorize(["ballast": String(repeating: "x", count: 9000)]))
        #expect(tooLong.status == 400 && tooLong.location == nil)
    }

    @Test("One of our cookies that came twice counts as none")
    func tossedCookie() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        _ = await test.signIn(browser)
        let session = try #require(browser.cookies["__Host-martlet-session"])
        #expect(await browser.get(test.authorize(["prompt": "none"])).answer?[.code] != nil)
        browser.cookies = ["__Host-martlet-session": "\(session); a=1; a=2"]
        #expect(await browser.get(test.authorize(["prompt": "none"])).answer?[.code] != nil, "others do not matter")
        browser.cookies = ["__Host-martlet-session": "\(session); __Host-martlet-session=\(session)"]
        #expect(await browser.get(test.authorize(["prompt": "none"])).answer?[.error] == "login_required")
    }
}
