import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Testing

/// The modules of `oidcc-basic-certification-test-plan`, of the Hybrid plan for `code id_token`, and of the Form Post plan,
/// which runs both by `form_post`.
@Suite(
    "Conformance: Basic OP, Hybrid OP and Form Post OP",
    .spec("OpenID Connect Core", "OAuth 2.0 Form Post Response Mode"))
struct BasicPlanTests {
    typealias Plan = ConformanceRun.Plan

    @Test("oidcc-server", arguments: Plan.allCases)
    func server(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let tokens = try await run.signIn()
        #expect(tokens.answer["expires_in"]?.integer != nil)
        _ = try await run.userInfo(tokens)
    }

    @Test("The metadata names the response types that clients of the plan can register", arguments: Plan.allCases)
    func responseTypes(_ plan: Plan) async throws {
        let run = try await DynamicRun(DynamicRun.policy, plan)
        let metadata = await run.run.browser.get("/.well-known/openid-configuration").json
        let types: JSONValue = plan.isHybrid ? ["code", "code id_token"] : ["code"]
        #expect(metadata["response_types_supported"] == types)
    }

    @Test("oidcc-response-type-missing", arguments: Plan.allCases)
    func responseTypeMissing(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let answer = try await run.authorize(["response_type": nil])
        #expect(["invalid_request", "unsupported_response_type"].contains(answer[.error] ?? ""))
    }

    @Test("oidcc-idtoken-signature", arguments: Plan.allCases)
    func idTokenSignature(_ plan: Plan) async throws {
        // Registered by the suite, which names no algorithm.
        var run = try await DynamicRun(DynamicRun.policy, plan)
        let made = try await run.become()
        #expect(made["id_token_signed_response_alg"].map { $0 == "RS256" } ?? true)
        let tokens = try await run.signIn()
        #expect(tokens.header.algorithm == "RS256")
        let keys = await run.run.browser.get("/jwks").json["keys"]?.array ?? []
        #expect(keys.contains { $0["kid"]?.string == tokens.header.keyID })
        try await run.leave()
    }

    @Test("oidcc-idtoken-unsigned")
    func idTokenUnsigned() async throws {
        // Skipped by the suite, since the algorithm is not offered.
        let run = try await ConformanceRun()
        let metadata = await run.browser.get("/.well-known/openid-configuration").json
        #expect(metadata["id_token_signing_alg_values_supported"]?.array?.contains("none") == false)
    }

    private static let ways: [String: ConformanceRun.Way] = [
        "oidcc-userinfo-get": .get, "oidcc-userinfo-post-header": .postHeader, "oidcc-userinfo-post-body": .postBody,
    ]

    @Test("UserInfo by", arguments: Plan.allCases, ways.keys.sorted())
    func userInfo(_ plan: Plan, _ module: String) async throws {
        let run = try await ConformanceRun(plan)
        _ = try await run.userInfo(try await run.signIn(), by: try #require(Self.ways[module]))
    }

    @Test("oidcc-ensure-request-without-nonce-succeeds-for-code-flow", arguments: Plan.code)
    func withoutNonce(_ plan: Plan) async throws {
        #expect(try await ConformanceRun(plan).signIn(["nonce": nil]).claims["nonce"] == nil)
    }

    @Test("oidcc-ensure-request-without-nonce-fails", arguments: Plan.hybrids)
    func withoutNonceFails(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let answer = try run.callback(await run.browser.get(run.request(["nonce": nil])))
        #expect(answer[.error] == "invalid_request" && answer[.code] == nil)
        #expect(try await run.authorize()[.idToken] != nil)
    }

    private static let scopes: [(scope: String, claims: [String])] = [
        (
            "profile",
            [
                "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile",
                "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
            ]
        ),
        ("email", ["email", "email_verified"]), ("address", ["address"]),
        ("phone", ["phone_number", "phone_number_verified"]),
    ]

    @Test(
        "Scope", arguments: Plan.allCases,
        ["oidcc-scope-profile", "oidcc-scope-email", "oidcc-scope-address", "oidcc-scope-phone"])
    func scope(_ plan: Plan, _ module: String) async throws {
        let (scope, claims) = try #require(Self.scopes.first { module == "oidcc-scope-" + $0.scope })
        let run = try await ConformanceRun(plan)
        let told = try await run.userInfo(try await run.signIn(["scope": "openid " + scope]))
        #expect(Set(told.object?.map(\.name) ?? []) == Set(claims + ["sub"]))
    }

    @Test("oidcc-scope-all", arguments: Plan.allCases)
    func scopeAll(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let told = try await run.userInfo(try await run.signIn(["scope": "openid profile email address phone"]))
        #expect(Set(told.object?.map(\.name) ?? []) == Set(Self.scopes.flatMap(\.claims) + ["sub"]))
    }

    @Test("oidcc-alternate-happy-flow", arguments: Plan.allCases)
    func alternateHappyFlow(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let request = run.request(["scope": "phone address email profile openid"])
        let query = request.split(separator: "?")[1].split(separator: "&").reversed().joined(separator: "&")
        let answer = try run.callback(await run.act(await run.browser.get("/authorize?" + query)))
        let told = try await run.userInfo(try await run.redeem(try #require(answer[.code])))
        #expect(told["phone_number"] != nil && told["name"] != nil)
    }

    @Test("Display", arguments: Plan.allCases, ["oidcc-display-page", "oidcc-display-popup"])
    func display(_ plan: Plan, _ module: String) async throws {
        let run = try await ConformanceRun(plan)
        let display = String(module.dropFirst("oidcc-display-".count))
        let page = await run.browser.follow(run.request(["display": display]))
        #expect(page.status == 200 && page.text.contains("id=\"password\""))
        #expect(page.text.contains("class=\"task popup\"") == (display == "popup"))
        #expect(try run.callback(await run.act(page))[.code] != nil)
    }

    @Test("oidcc-prompt-login", arguments: Plan.allCases)
    func promptLogin(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let first = try await run.signIn()
        run.test.clock.advance(by: .seconds(2))
        let page = await run.browser.follow(run.request(["prompt": "login"]))
        #expect(page.text.contains("id=\"password\""))
        let answer = try run.callback(await run.act(page))
        let second = try await run.redeem(try #require(answer[.code]))
        #expect(second.time("auth_time") > first.time("auth_time"))
        #expect(second.claims.subject == first.claims.subject)
    }

    @Test("oidcc-prompt-none-not-logged-in", arguments: Plan.allCases)
    func promptNoneNotLoggedIn(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let answer = try run.callback(await run.browser.get(run.request(["prompt": "none"])))
        #expect(
            ["login_required", "interaction_required", "consent_required", "account_selection_required"]
                .contains(answer[.error] ?? ""))
    }

    @Test("Silently", arguments: Plan.allCases, ["oidcc-prompt-none-logged-in", "oidcc-id-token-hint"])
    func promptNoneLoggedIn(_ plan: Plan, _ module: String) async throws {
        let run = try await ConformanceRun(plan)
        let first = try await run.signIn()
        run.test.clock.advance(by: .seconds(2))
        let hint = module == "oidcc-id-token-hint" ? first.idToken : nil
        let page = await run.browser.get(run.request(["prompt": "none", "id_token_hint": hint]))
        let second = try await run.redeem(try #require(try run.callback(page)[.code]))
        #expect(second.claims.subject == first.claims.subject)
        #expect(second.time("auth_time") == first.time("auth_time"))
    }

    @Test("oidcc-max-age-1", arguments: Plan.allCases)
    func maxAge1(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let first = try await run.signIn()
        run.test.clock.advance(by: .seconds(2))
        let page = await run.browser.follow(run.request(["max_age": "1"]))
        #expect(page.text.contains("id=\"password\""))
        let second = try await run.redeem(try #require(try run.callback(await run.act(page))[.code]))
        #expect(second.time("auth_time") > first.time("auth_time"))
        #expect(run.test.clock.now.seconds - second.time("auth_time") <= 1)
    }

    @Test("oidcc-max-age-10000", arguments: Plan.allCases)
    func maxAge10000(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let first = try await run.signIn()
        run.test.clock.advance(by: .seconds(2))
        let page = await run.browser.get(run.request(["max_age": "10000"]))
        let second = try await run.redeem(try #require(try run.callback(page)[.code]))
        #expect(second.time("auth_time") > 0 && second.time("auth_time") == first.time("auth_time"))
        #expect(second.claims.subject == first.claims.subject)
    }

    private static let addition = [
        "oidcc-ensure-request-with-unknown-parameter-succeeds": ["extra": "foobar"],
        "oidcc-login-hint": ["login_hint": TestSite.email], "oidcc-ui-locales": ["ui_locales": "se"],
        "oidcc-claims-locales": ["claims_locales": "se"],
    ]

    @Test("Harmless parameters", arguments: Plan.allCases, addition.keys.sorted())
    func harmless(_ plan: Plan, _ module: String) async throws {
        let run = try await ConformanceRun(plan)
        let changes = try #require(Self.addition[module])
        let page = await run.browser.follow(run.request(changes))
        if changes["login_hint"] != nil { #expect(page.text.contains("value=\"\(TestSite.email)\"")) }
        let answer = try run.callback(await run.act(page))
        _ = try await run.userInfo(try await run.redeem(try #require(answer[.code])))
    }

    @Test("oidcc-ensure-request-with-acr-values-succeeds", arguments: Plan.allCases)
    func acrValues(_ plan: Plan) async throws {
        // The suite asks for what the metadata names.
        let run = try await ConformanceRun(plan)
        let metadata = await run.browser.get("/.well-known/openid-configuration").json
        let names = metadata["acr_values_supported"]?.array?.compactMap(\.string) ?? []
        let tokens = try await run.signIn(["acr_values": names.joined(separator: " ")])
        #expect(names.contains(tokens.claims["acr"]?.string ?? ""))
    }

    @Test("oidcc-codereuse", arguments: Plan.allCases)
    func codeReuse(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let code = try #require(try await run.authorize()[.code])
        _ = try await run.redeem(code)
        let again = await run.token(
            ["grant_type": "authorization_code", "code": code, "redirect_uri": ConformanceRun.callback])
        #expect(again.status == 400 && again.json["error"]?.string == "invalid_grant")
    }

    @Test("oidcc-codereuse-30seconds", arguments: Plan.allCases)
    func codeReuseAfter30Seconds(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let code = try #require(try await run.authorize()[.code])
        let tokens = try await run.redeem(code)
        _ = try await run.userInfo(tokens)
        run.test.clock.advance(by: .seconds(30))
        let again = await run.token(
            ["grant_type": "authorization_code", "code": code, "redirect_uri": ConformanceRun.callback])
        #expect(again.status == 400 && again.json["error"]?.string == "invalid_grant")
        #expect(await run.test.userInfo(tokens.accessToken).status == 401)
    }

    @Test("oidcc-ensure-registered-redirect-uri", arguments: Plan.allCases)
    func registeredRedirectURI(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        run.staysHere(await run.browser.get(run.request(["redirect_uri": ConformanceRun.callback + "/evil"])))
        #expect(try await run.authorize()[.code] != nil)
    }

    @Test("oidcc-ensure-post-request-succeeds", arguments: Plan.code)
    func postRequest(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let query = run.request().dropFirst("/authorize?".count)
        let form = try FormParameters(decoding: Array(query.utf8))
        let fields = Dictionary(uniqueKeysWithValues: form.names.map { ($0.rawValue, form[$0] ?? "") })
        let answer = try run.callback(await run.act(await run.browser.post("/authorize", fields)))
        _ = try await run.redeem(try #require(answer[.code]))
    }

    @Test("oidcc-server-client-secret-post", arguments: Plan.allCases)
    func clientSecretPost(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let code = try #require(try await run.authorize()[.code])
        _ = try await run.userInfo(try await run.redeem(code, byPost: true))
    }

    @Test("oidcc-claims-essential", arguments: Plan.allCases)
    func claimsEssential(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let tokens = try await run.signIn(["claims": #"{"userinfo":{"name":{"essential":true}}}"#])
        #expect(try await run.userInfo(tokens)["name"]?.string == "Ada Lovelace")
    }

    @Test("oidcc-refresh-token", arguments: Plan.allCases)
    func refreshToken(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let first = try await run.signIn(["scope": "openid offline_access", "prompt": "consent"])
        run.test.clock.advance(by: .seconds(2))
        let foreign = await run.token(
            ["grant_type": "refresh_token", "refresh_token": first.refreshToken], as: "suite-2")
        #expect(foreign.status == 400 && foreign.json["error"]?.string == "invalid_grant")
        let page = await run.token(["grant_type": "refresh_token", "refresh_token": first.refreshToken])
        let second = try run.tokens(page)
        #expect(second.claims.issuedAt != first.claims.issuedAt)
        for name in ["iss", "sub", "aud", "auth_time", "azp"] {
            #expect(second.claims[name] == first.claims[name], "\(name)")
        }
        _ = try await run.userInfo(second)
    }

    @Test("oidcc-ensure-request-with-valid-pkce-succeeds", arguments: Plan.allCases)
    func validPKCE(_ plan: Plan) async throws {
        let run = try await ConformanceRun(plan)
        let changes = [
            "code_challenge": CodeChallenge.s256(TestSite.verifier).rawValue, "code_challenge_method": "S256",
        ]
        let code = try #require(try await run.authorize(changes)[.code])
        let fields = ["grant_type": "authorization_code", "code": code, "redirect_uri": ConformanceRun.callback]
        let without = await run.token(fields)
        #expect(without.status == 400 && without.json["error"]?.string == "invalid_grant")
        _ = try await run.redeem(code, more: ["code_verifier": TestSite.verifier])
    }
}
