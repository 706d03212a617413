import AuthorizationServer
import HTTP
import Identity
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("The authorization endpoint over HTTP")
struct AuthorizationEndpointTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let changes: [String: String?]
    }

    @Test(
        "A-02, A-20, A-23: until client and redirect URI are proven, a mistake is a page and nothing redirects",
        arguments: [
            Mistake(testDescription: "no client_id", changes: ["client_id": nil]),
            Mistake(testDescription: "unknown client", changes: ["client_id": "nobody"]),
            Mistake(testDescription: "no redirect_uri", changes: ["redirect_uri": nil]),
            Mistake(testDescription: "another host", changes: ["redirect_uri": "https://evil.example/callback"]),
            Mistake(testDescription: "longer path", changes: ["redirect_uri": TestSite.redirectURI + "/more"]),
            Mistake(testDescription: "added query", changes: ["redirect_uri": TestSite.redirectURI + "?a=b"]),
            Mistake(testDescription: "script", changes: ["redirect_uri": "javascript:alert(1)"]),
        ]
    )
    func mistakeOnAPage(_ mistake: Mistake) async throws {
        let test = try await TestSite()
        let page = await TestBrowser(test).get(test.authorize(mistake.changes))
        #expect(page.status == 400)
        #expect(page.location == nil)
        #expect(page.text.contains("id=\"error\""))
        #expect(!page.text.contains("evil.example"))
        #expect(await TestBrowser(test).get(test.authorize()).status == 303)
    }

    @Test(
        "A-03, A-04, A-11, A-12, A-60, A-61, A-62, A-70: afterwards it goes back to the client",
        arguments: [
            (["response_type": nil], "invalid_request"), (["response_type": "token"], "unsupported_response_type"),
            (["response_type": "code id_token"], "unsupported_response_type"),
            (["registration": "{}"], "registration_not_supported"), (["request": "e30."], "request_not_supported"),
            (["request_uri": "https://a.example"], "request_uri_not_supported"),
            (["response_mode": "smoke"], "invalid_request"), (["code_challenge": nil], "invalid_request"),
            (["code_challenge_method": "plain"], "invalid_request"),
            (["code_challenge_method": nil], "invalid_request"),
            (["code_challenge": "short"], "invalid_request"), (["prompt": "none login"], "invalid_request"),
            (["prompt": "create"], "invalid_request"), (["max_age": "-1"], "invalid_request"),
            (["max_age": "soon"], "invalid_request"), (["id_token_hint": "x.y.z"], "invalid_request"),
            (["scope": nil], "invalid_scope"), (["scope": "nothing-known"], "invalid_scope"),
            (["prompt": "none"], "login_required"),
        ] as [([String: String?], String)]
    )
    func mistakeToTheClient(_ changes: [String: String?], _ code: String) async throws {
        let test = try await TestSite()
        let answer = await TestBrowser(test).get(test.authorize(changes))
        #expect(answer.status == 303)
        #expect(answer.location?.hasPrefix(TestSite.redirectURI + "?") == true)
        #expect(answer.answer?[.error] == code)
        #expect(answer.answer?[.state] == "the state")
        #expect(answer.answer?[.issuer] == "https://id.example")
    }

    @Test("H-09: a repeated parameter is an error")
    func repeatedParameter() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        #expect(await browser.get(test.authorize() + "&nonce=other").answer?[.error] == "invalid_request")
        #expect(await browser.get(test.authorize() + "&client_id=shop").status == 400)
        #expect(await browser.get(test.authorize() + "&redirect_uri=https%3A%2F%2Fevil.example").location == nil)
        #expect(await browser.get(test.authorize() + "&unknown=1").location?.hasPrefix("/interaction/") == true)
    }

    @Test("A-01: GET and POST mean the same, also when the post comes from another site without our cookies")
    func postedRequest() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        let query = test.authorize().dropFirst("/authorize?".count)
        let fields = try FormParameters(decoding: Array(query.utf8))
        let form = Dictionary(uniqueKeysWithValues: fields.names.map { ($0.rawValue, fields[$0] ?? "") })
        let moved = await browser.post("/authorize", form)
        #expect(moved.location?.hasPrefix("/authorize?") == true)
        #expect(await browser.follow(moved).text.contains("id=\"password\""))
        _ = await test.signIn(browser)
        #expect(await browser.post("/authorize", form).answer?[.code] != nil)
        #expect(await browser.post("/authorize", form, headers: ["Content-Type": "application/json"]).status == 400)
    }

    @Test("A-08: state of 1,000 odd characters comes back byte for byte, and absent stays absent")
    func oddState() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        _ = await test.signIn(browser)
        let state = String(repeating: "a&b=c d+%/?#é\u{1F426}\"<>", count: 50)
        let answer = try #require(await browser.get(test.authorize(["state": state])).answer)
        #expect(Array((answer[.state] ?? "").utf8) == Array(state.utf8))
        #expect(await browser.get(test.authorize(["state": nil])).answer?[.state] == nil)
    }

    @Test("A-90, A-91: form_post answers with a form, for success and for errors")
    func formPost() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        let page = await test.signIn(browser, ["response_mode": "form_post", "state": "\"><script>"])
        #expect(page.status == 200 && page.location == nil)
        #expect(page.formAction == TestSite.redirectURI)
        #expect(page.hiddenFields["code"]?.count == 43)
        #expect(page.hiddenFields["iss"] == "https://id.example")
        #expect(page.hiddenFields["state"] == "\"><script>" && !page.text.contains("\"><script>"))
        #expect(page.response.headers["Content-Security-Policy"]?.contains("form-action 'self' https:") == true)
        let error = await browser.get(test.authorize(["response_mode": "form_post", "response_type": "token"]))
        #expect(error.hiddenFields["error"] == "unsupported_response_type")
    }

    @Test("A-92: fragment, when asked for, leaves nothing in the query")
    func fragment() async throws {
        let test = try await TestSite(party: .first)
        let page = await test.signIn(TestBrowser(test), ["response_mode": "fragment"])
        #expect(page.location?.hasPrefix(TestSite.redirectURI + "#code=") == true)
        #expect(page.location?.contains("?") == false)
    }

    @Test("H-19: no other origin may read the authorization endpoint")
    func noCrossOriginReading() async throws {
        let test = try await TestSite()
        let page = await TestBrowser(test).get(test.authorize())
        #expect(page.response.headers["Access-Control-Allow-Origin"] == nil)
    }

    @Test("A-35: select_account shows the account, goes on with it, or lets another sign in")
    func selectAccount() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        _ = await test.signIn(browser)
        let page = await browser.follow(test.authorize(["prompt": "select_account"]))
        #expect(page.text.contains(TestSite.email) && page.text.contains("id=\"other-account\""))
        let other = await browser.follow(browser.submit(page, ["choice": "other"]))
        #expect(other.text.contains("id=\"password\""))
        #expect(await browser.submit(page, ["choice": "continue"]).answer?[.code] != nil)
    }

    @Test("A-35: the account that was shown is the one that goes on; the form of another page opens no other")
    func accountShownIsAccountUsed() async throws {
        let test = try await TestSite(party: .first)
        #expect(
            try await test.environment.storage.users.insert(.withNothingOptional(id: "u_zoe", email: "z@example.org")))
        let browser = TestBrowser(test)
        _ = await test.signIn(browser)
        let page = await browser.follow(test.authorize(["prompt": "select_account"]))
        let (secret, _) = try await test.sessions.start(
            for: UserID(rawValue: "u_zoe"), by: [.password], provenAt: test.sessions.now, replacing: nil, on: .unknown)
        let ada = browser.cookies["__Host-martlet-session"]
        browser.cookies["__Host-martlet-session"] = secret
        #expect(await browser.submit(page, ["choice": "continue"]).status == 403)
        browser.cookies["__Host-martlet-session"] = ada

        let login = await browser.follow(test.authorize(["prompt": "login"]))
        let action = try #require(login.formAction?.dropLast("sign-in".count))
        _ = await test.signIn(browser, ["prompt": "login"])
        let skipped = await browser.post(action + "account", login.hiddenFields.merging(["choice": "continue"]) { $1 })
        #expect(skipped.status == 403)
    }

    @Test("A-33, A-38: prompt=login and max_age ask again, and reloading does not skip it")
    func freshSignIn() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        _ = await test.signIn(browser)
        test.clock.advance(by: .seconds(100))
        #expect(await browser.get(test.authorize(["max_age": "100"])).answer?[.code] != nil)
        for changes in [["prompt": "login"], ["max_age": "99"], ["max_age": "0"]] as [[String: String?]] {
            let address = try #require(await browser.get(test.authorize(changes)).location)
            #expect(await browser.get(address).text.contains("id=\"password\""))
            #expect(await browser.get(address).text.contains("id=\"password\""))
            let page = await browser.get(address)
            let answer = await browser.submit(page, ["email": TestSite.email, "password": TestSite.password])
            #expect(answer.answer?[.code] != nil)
            test.clock.advance(by: .seconds(100))
        }
    }

    @Test("An issuer with a path has all its addresses below it")
    func issuerWithPath() async throws {
        let test = try await TestSite(issuer: "https://example.com/id", party: .first)
        let browser = TestBrowser(test)
        #expect(await test.signIn(browser).answer?[.issuer] == "https://example.com/id")
        #expect(await browser.get("/id/.well-known/openid-configuration").status == 200)
        #expect(await browser.get("/.well-known/oauth-authorization-server/id").status == 200)
        #expect(await browser.get("/authorize").status == 404)
    }
}
