import AuthorizationServer
import FederationTesting
import HTTP
import Identity
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

/// Every form that the site takes, as the page that has it shows it: without its token, in another browser or from another
/// site it is refused, and as it stands it is not.
///
/// The route table says which there are, so that a form that comes later has to be named here.
@Suite("The guard of each form", .spec("ASVS 3.5.1", "RFC 9700 §4.7"))
struct FormGuardTests {
    /// A form as somebody has it before them.
    struct Form {
        let browser: TestBrowser
        let action: String
        let fields: [String: String]
        /// The cookie that its token is bound to.
        var cookie = "__Host-martlet-browser"

        init(_ browser: TestBrowser, _ action: String, _ fields: [String: String]) {
            (self.browser, self.action, self.fields) = (browser, action, fields)
        }

        init(_ browser: TestBrowser, _ page: Page, to step: String = "") throws {
            self.init(browser, try #require(page.formAction) + step, page.hiddenFields)
        }
    }

    /// What has no token, and why not.
    private static let open: [String: String] = [
        "/authorize": "clients send people there from their own sites",
        "/logout": "likewise, and a page asks",
        "/language": "chooses a language alone; another site is refused",
        "/federation/:connector/callback": "providers post there; the state is the browser's own",
    ]

    /// Read once: it is long.
    private static let judge = Result {
        PasswordJudge(
            words: try WordList(path: TestSite.templates + "/../deploy/passwords/words.txt"), breached: nil)
    }

    private func site() async throws -> FederationSite {
        let judge = try Self.judge.get()
        let site = try await FederationSite(
            mail: MailDesk.parts(terms: "https://id.example/terms"), development: true, judge: judge)
        let issuer = site.test.environment.issuer
        #expect(
            try await site.test.environment.storage.clients.insert(
                TestSite.client(
                    id: "demo", party: .first, now: site.test.clock.now,
                    redirectURIs: [DevelopmentAccess.redirectURI(of: issuer)])))
        return site
    }

    private static let typed = ["email": TestSite.email, "password": TestSite.password]

    /// A link in a mail, as the store has it.
    private static let link = "the-secret-of-a-link"

    private func proof(_ site: FederationSite, _ purpose: EmailProof.Purpose) async throws {
        let now = site.test.clock.now
        let isOwners = purpose == .resetPassword || purpose == .changeEmail
        try await site.test.environment.storage.proofs.open(
            EmailProof(
                id: .numbered(1), purpose: purpose, email: try #require(Email("new@example.com")),
                userID: isOwners ? site.test.user.id : nil, name: "", passwordHash: nil, browser: nil,
                interaction: nil, link: TokenDigest(of: Self.link), code: nil, codeExpiresAt: nil, guesses: 0, mails: 1,
                createdAt: now, expiresAt: now + .seconds(600)),
            ordering: nil)
    }

    private func recourse(_ site: FederationSite, _ purpose: Recourse.Purpose, _ path: String) async throws -> Form {
        let now = site.test.clock.now
        try await site.test.environment.storage.recourses.open(
            Recourse(
                id: .numbered(1), purpose: purpose, userID: site.test.user.id, email: site.test.user.email,
                link: TokenDigest(of: Self.link), createdAt: now, expiresAt: now + .seconds(600)),
            ordering: .waiting("m"))
        return try await linked(site, path)
    }

    private func linked(_ site: FederationSite, _ path: String) async throws -> Form {
        let browser = TestBrowser(site.test)
        return try Form(browser, await browser.get(path + "?link=" + Self.link))
    }

    /// A browser in which the person is signed in, at a page.
    private func signedIn(_ site: FederationSite, _ path: String) async -> (TestBrowser, Page) {
        let browser = TestBrowser(site.test)
        _ = await site.test.openAccount(browser, "/account/security")
        return (browser, await browser.follow(path))
    }

    /// The form of a route that stands on no page of the account; nil for one that nobody has named.
    private func form(_ pattern: String, on site: FederationSite) async throws -> Form? {
        let test = site.test
        let browser = TestBrowser(test)
        func signUp() async -> Page {
            let typed = [
                "name": "Grace", "email": "grace@example.com", "password": "violet harbour trombone lamp",
                "terms": "accepted",
            ]
            return await browser.follow(await browser.submit(await browser.get("/sign-up"), typed))
        }
        func secondFactor(_ start: String) async throws -> Page {
            _ = try await test.turnOn(TestBrowser(test))
            return await browser.follow(await browser.submit(await browser.follow(start), Self.typed))
        }
        switch pattern {
        case "/account/sign-in": return try Form(browser, await browser.follow("/account"))
        case "/account/sign-in/second-factor": return try Form(browser, await secondFactor("/account"))
        case "/interaction/:id/sign-in": return try Form(browser, await browser.follow(test.authorize()))
        case "/interaction/:id/second-factor": return try Form(browser, await secondFactor(test.authorize()))
        case "/interaction/:id/account":
            let (browser, page) = await signedIn(site, test.authorize(["prompt": "select_account"]))
            return try Form(browser, page)
        case "/interaction/:id/consent":
            let (browser, page) = await signedIn(site, test.authorize(["prompt": "consent"]))
            return try Form(browser, page)
        case "/logout/confirm":
            let (browser, page) = await signedIn(site, "/logout")
            return try Form(browser, page)
        case "/sign-up": return try Form(browser, await browser.get("/sign-up"))
        case "/sign-up/waiting/:id": return try Form(browser, await signUp())
        case "/sign-up/waiting/:id/mail": return try Form(browser, await signUp(), to: "/mail")
        case "/sign-up/confirm":
            try await proof(site, .signUp)
            return try await linked(site, pattern)
        case "/sign-up/invited":
            try await proof(site, .invitation)
            return try await linked(site, pattern)
        case "/forgot-password": return try Form(browser, await browser.get(pattern))
        case "/reset-password":
            try await proof(site, .resetPassword)
            return try await linked(site, pattern)
        case "/account/email/confirm":
            try await proof(site, .changeEmail)
            let (browser, page) = await signedIn(site, pattern + "?link=" + Self.link)
            return try Form(browser, page)
        case "/account/restore-email": return try await recourse(site, .restoreEmail, pattern)
        case "/account/not-me": return try await recourse(site, .disown, pattern)
        case "/account/keep": return try await recourse(site, .keepAccount, pattern)
        case "/federation/:connector/account":
            let person = ScriptedPerson("g-1", email: "grace@example.org", name: "Grace")
            return try Form(browser, await site.signIn(browser, as: person))
        case "/password-strength":
            let page = await browser.get("/sign-up")
            let start = try #require(page.text.firstRange(of: "id=\"password-advice\""))
            let advice = Page(response: .text(String(page.text[start.lowerBound...])))
            return Form(
                browser, pattern, ["csrf": try #require(advice.attribute("data-token=\"")), "password": "a password"])
        case "/passkey/sign-in-options":
            let page = await browser.follow("/account")
            return Form(browser, pattern, ["csrf": try #require(page.attribute("data-token=\"")), "place": ""])
        case "/passkey/second-factor-options":
            var key = try TestSite.authenticator()
            #expect(try await test.addPasskey(TestBrowser(test), &key).status == 200)
            let page = await browser.follow(await browser.submit(await browser.follow("/account"), Self.typed))
            return Form(
                browser, pattern,
                [
                    "csrf": try #require(page.attribute("data-token=\"")),
                    "place": page.attribute("data-place=\"") ?? "",
                ])
        case "/playground/refresh":
            browser.headers = ["Host": "id.example"]
            let start = await browser.follow("/playground/start")
            var page = await browser.follow(await browser.submit(start, Self.typed))
            if page.text.contains("id=\"allow\"") {
                page = await browser.follow(await browser.submit(page, ["decision": "allow"]))
            }
            var form = try Form(browser, page)
            form.cookie = try #require(browser.cookies.keys.first { $0.contains("playground") })
            return form
        default:
            // The forms of one's own account have one token, of the browser and the session.
            guard pattern.hasPrefix("/account/") else { return nil }
            let (browser, page) = await signedIn(site, "/account/security")
            let path = pattern.split(separator: "/").map { $0.hasPrefix(":") ? "x" : $0 }.reduce("") { "\($0)/\($1)" }
            var fields = ["csrf": try #require(page.hiddenFields["csrf"])]
            if pattern.hasSuffix("/recovery-codes/file") { fields["codes"] = "AAAA-AAAA-AAAA-AAAA" }
            return Form(browser, path, fields)
        }
    }

    /// Refused as a form of nobody's, and not for what it says.
    private func isRefused(_ page: Page) -> Bool {
        let isHTML = page.response.headers["Content-Type"]?.hasPrefix("text/html") == true
        return page.status == 403 && (!isHTML || page.text.contains("<p id=\"error\" class=\"lead\">"))
    }

    /// The patterns that take posts of people.
    private func patterns(_ site: FederationSite) async -> [String] {
        var found: [String] = []
        for pattern in site.test.site.routePatterns where pattern.hasPrefix("/") && !pattern.hasSuffix("/") {
            guard !site.test.site.isForMachines(pattern), !pattern.hasPrefix("/v1/auth") else { continue }
            let path = pattern.split(separator: "/").map { $0.hasPrefix(":") ? "x" : $0 }.reduce("") { "\($0)/\($1)" }
            if await TestBrowser(site.test).post(path, [:]).status != 405 { found.append(pattern) }
        }
        return found
    }

    @Test("Without its token, in another browser, or from another site it does nothing; as it stands it does")
    func everyForm() async throws {
        let all = await patterns(try await site())
        #expect(all.count > 40 && Set(Self.open.keys).isSubset(of: all))
        for pattern in all where Self.open[pattern] == nil {
            let site = try await site()
            guard let form = try await form(pattern, on: site) else {
                Issue.record("nobody has named the form of \(pattern)")
                continue
            }
            let browser = form.browser
            func post(_ fields: [String: String], _ headers: Headers = [:]) async -> Page {
                await browser.post(form.action, fields, headers: headers)
            }
            var bare = form.fields
            bare["csrf"] = nil
            #expect(isRefused(await post(bare)), "\(pattern) without a token")
            #expect(isRefused(await post(bare.merging(["csrf": ""]) { $1 })), "\(pattern) with an empty token")
            for (name, value) in [
                ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "https://evil.example"),
            ] {
                var headers = Headers()
                headers.set(name, value)
                #expect(isRefused(await post(form.fields, headers)), "\(pattern) with \(name): \(value)")
            }
            let own = try #require(browser.cookies[form.cookie])
            browser.cookies[form.cookie] = site.test.environment.newSecret()
            #expect(isRefused(await post(form.fields)), "\(pattern) in another browser")
            browser.cookies[form.cookie] = own
            let taken = await post(form.fields, ["Sec-Fetch-Site": "same-origin"])
            #expect(!isRefused(taken) && taken.status < 500, "\(pattern) as it stands: \(taken.status)")
        }
    }

    @Test("What has no token takes nothing from other sites, or asks, or has another proof")
    func openForms() async throws {
        let site = try await site()
        let browser = TestBrowser(site.test)
        let fields = ["language": "de", "back": "/account"]
        #expect(isRefused(await browser.post("/language", fields, headers: ["Sec-Fetch-Site": "cross-site"])))
        #expect(isRefused(await browser.post("/language", fields, headers: ["Origin": "https://evil.example"])))
        #expect(await browser.post("/language", fields).status == 303)
        let (owner, _) = await signedIn(site, "/account")
        let asked = await owner.post("/logout", [:], headers: ["Sec-Fetch-Site": "cross-site"])
        #expect(asked.text.contains("id=\"sign-out\"") || asked.text.contains("name=\"decision\""))
        #expect(await owner.get("/account").status == 200)
        // An answer of a provider that this browser did not ask for is that of nobody.
        let query = try site.provider.authorize(
            try await site.leave(TestBrowser(site.test)),
            as: ScriptedPerson("e-1", email: "eve@example.org", name: "Eve"))
        #expect(await browser.follow("/federation/login/callback?\(query)").status == 403)
    }
}
