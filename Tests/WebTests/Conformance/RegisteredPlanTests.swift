import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Testing
import Web

/// The modules of `oidcc-dynamic-certification-test-plan` about registration itself, and those of
/// `oidcc-3rdparty-init-login-certification-test-plan`.
@Suite("Conformance: Dynamic OP and third-party-initiated login OP", .spec("OpenID Connect Registration"))
struct RegisteredPlanTests {
    @Test("oidcc-server, registered by the suite")
    func server() async throws {
        var run = try await DynamicRun()
        let made = try await run.become()
        let tokens = try await run.signIn()
        #expect(tokens.header.algorithm == "RS256")
        _ = try await run.run.userInfo(tokens)
        try await run.remove(made)
    }

    @Test("oidcc-idtoken-rs256, oidcc-userinfo-rs256")
    func rs256() async throws {
        var run = try await DynamicRun()
        _ = try await run.become(["id_token_signed_response_alg": "RS256", "userinfo_signed_response_alg": "RS256"])
        let tokens = try await run.signIn()
        #expect(tokens.header.algorithm == "RS256")
        let page = await run.run.test.userInfo(tokens.accessToken)
        #expect(page.status == 200 && page.response.headers["Content-Type"] == "application/jwt")
        let jwt = try UnverifiedJWT(parsing: page.text)
        let claims = try jwt.unverifiedClaims()
        #expect(jwt.header.algorithm == "RS256" && claims.issuer == "https://id.example")
        #expect(claims.audience == [run.run.client] && claims["nonce"] == nil)
    }

    @Test("oidcc-ensure-redirect-uri-in-authorization-request, oidcc-redirect-uri-query-OK")
    func redirectURIs() async throws {
        var run = try await DynamicRun()
        let queried = ConformanceRun.callback + "?dummy1=lorem&dummy2=ipsum"
        _ = try await run.become(["redirect_uris": [.string(ConformanceRun.callback), .string(queried)]])
        run.run.staysHere(await run.run.browser.get(run.run.request(["redirect_uri": nil])))
        let page = await run.run.act(await run.run.browser.get(run.run.request(["redirect_uri": queried])))
        #expect(page.location?.hasPrefix(queried + "&code=") == true)
        _ = try await run.redeem(try #require(page.answer?[.code]), redirectURI: queried)
    }

    @Test("oidcc-redirect-uri-regfrag")
    func redirectURIWithAFragment() async throws {
        let run = try await DynamicRun()
        let page = try await run.register(["redirect_uris": [.string(ConformanceRun.callback + "#fragment")]])
        #expect(page.status == 400 && page.json["error"]?.string == "invalid_redirect_uri")
        #expect(try await run.register().status == 201)
    }

    @Test("oidcc-registration-jwks-uri")
    func keysAtAnAddress() async throws {
        var run = try await DynamicRun()
        run.documents.serve(
            try JWKSet([run.key.publicKey]).jsonBytes(), "application/jwk-set+json", at: DynamicRun.keySet)
        _ = try await run.become(["jwks": .null, "jwks_uri": .string(DynamicRun.keySet)])
        _ = try await run.signIn()
        #expect(run.documents.asked == [DynamicRun.keySet])
    }

    @Test("oidcc-refresh-token-rp-key-rotation")
    func keyRotation() async throws {
        var run = try await DynamicRun()
        run.documents.serve(
            try JWKSet([run.key.publicKey]).jsonBytes(), "application/jwk-set+json", at: DynamicRun.keySet)
        _ = try await run.become(["jwks": .null, "jwks_uri": .string(DynamicRun.keySet)])
        let tokens = try await run.signIn(["scope": "openid offline_access", "prompt": "consent"])
        run.key = try SigningKey.generate(.rs256)
        run.documents.serve(
            try JWKSet([run.key.publicKey]).jsonBytes(), "application/jwk-set+json", at: DynamicRun.keySet)
        run.run.test.clock.advance(by: .seconds(60))
        let page = try await run.token(["grant_type": "refresh_token", "refresh_token": tokens.refreshToken])
        let later = try run.run.tokens(page)
        #expect(later.claims.subject == tokens.claims.subject)
    }

    @Test("oidcc-registration-sector-uri, oidcc-registration-sector-bad")
    func sector() async throws {
        var run = try await DynamicRun()
        let sector = "https://suite.example/test/sector"
        let members: JSONObject = ["sector_identifier_uri": .string(sector), "subject_type": "pairwise"]
        run.documents.serve(Array(#"["https://suite.example/other"]"#.utf8), "application/json", at: sector)
        let bad = try await run.register(members)
        #expect(bad.status == 400 && bad.json["error"]?.string == "invalid_client_metadata")
        run.documents.serve(Array(#"["\#(ConformanceRun.callback)"]"#.utf8), "application/json", at: sector)
        _ = try await run.become(members)
        _ = try await run.signIn()
    }

    @Test("oidcc-ensure-client-assertion-with-iss-aud-succeeds")
    func assertionForTheIssuer() async throws {
        var run = try await DynamicRun()
        _ = try await run.become()
        let code = try #require(try await run.run.authorize()[.code])
        let fields = ["grant_type": "authorization_code", "code": code, "redirect_uri": ConformanceRun.callback]
        let page = try await run.token(fields, audience: "https://id.example")
        _ = try run.run.tokens(page, nonce: "nonce-1")
    }

    @Test("oidcc-3rd_party-init-login, oidcc-3rd_party-init-login-nohttps")
    func thirdPartyInitiatedLogin() async throws {
        var run = try await DynamicRun()
        let start = "https://suite.example/test/start"
        let made = try await run.become(["initiate_login_uri": .string(start)])
        #expect(made["initiate_login_uri"]?.string == start)
        let uri = try #require(made["registration_client_uri"]?.string)
        let token = try #require(made["registration_access_token"]?.string)
        let request = Request(
            .get, String(uri.dropFirst("https://id.example".count)), headers: ["Authorization": "Bearer " + token])
        let page = Page(response: await run.run.test.site.respond(to: request))
        #expect(page.status == 200 && page.response.headers["Content-Type"] == "application/json")
        #expect(page.json["initiate_login_uri"]?.string == start)
        let plain = try await run.register(["initiate_login_uri": "http://suite.example/test/start"])
        #expect(plain.status == 400 && plain.json["error"]?.string == "invalid_client_metadata")
    }
}
