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
    @Test("oidcc-redirect-uri-regfrag")
    func redirectURIWithAFragment() async throws {
        var run = try await DynamicRun()
        let page = try await run.register(["redirect_uris": [.string(ConformanceRun.callback + "#fragment")]])
        #expect(page.status == 400 && page.json["error"]?.string == "invalid_redirect_uri")
        _ = try await run.become()
        try await run.leave()
    }

    @Test("oidcc-registration-jwks-uri")
    func keysAtAnAddress() async throws {
        var run = try await DynamicRun()
        run.documents.serve(
            try JWKSet([run.key.publicKey]).jsonBytes(), "application/jwk-set+json", at: DynamicRun.keySet)
        _ = try await run.become(["jwks": .null, "jwks_uri": .string(DynamicRun.keySet)])
        _ = try await run.signIn()
        #expect(run.documents.asked == [DynamicRun.keySet])
        try await run.leave()
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
        try await run.leave()
    }

    private static let sectorAddress = "https://suite.example/test/sector"
    private static let pairwise: JSONObject = [
        "sector_identifier_uri": .string(sectorAddress), "subject_type": "pairwise",
    ]

    @Test("oidcc-registration-sector-uri")
    func sector() async throws {
        var run = try await DynamicRun()
        run.documents.serve(Array(#"["\#(ConformanceRun.callback)"]"#.utf8), "application/json", at: Self.sectorAddress)
        _ = try await run.become(Self.pairwise)
        _ = try await run.signIn()
        try await run.leave()
    }

    @Test("oidcc-registration-sector-bad")
    func sectorThatLacksTheRedirectURI() async throws {
        var run = try await DynamicRun()
        let metadata = await run.run.browser.get("/.well-known/openid-configuration").json
        #expect(metadata["subject_types_supported"]?.array?.contains("pairwise") == true)
        run.documents.serve(Array(#"["https://suite.example/other"]"#.utf8), "application/json", at: Self.sectorAddress)
        let bad = try await run.register(Self.pairwise)
        #expect(bad.status == 400 && bad.json["error"]?.string == "invalid_client_metadata")
        _ = try await run.become()
        try await run.leave()
    }

    @Test("oidcc-ensure-client-assertion-with-iss-aud-succeeds")
    func assertionForTheIssuer() async throws {
        var run = try await DynamicRun()
        _ = try await run.become()
        let code = try #require(try await run.run.authorize()[.code])
        let fields = ["grant_type": "authorization_code", "code": code, "redirect_uri": ConformanceRun.callback]
        let page = try await run.token(fields, audience: "https://id.example")
        _ = try run.run.tokens(page, nonce: "nonce-1")
        try await run.leave()
    }

    @Test("oidcc-3rd_party-init-login")
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
        try await run.leave()
    }

    @Test("oidcc-3rd_party-init-login-nohttps")
    func thirdPartyInitiatedLoginWithoutHTTPS() async throws {
        let run = try await DynamicRun()
        let plain = try await run.register(["initiate_login_uri": "http://suite.example/test/start"])
        #expect(plain.status == 400 && plain.json["error"]?.string == "invalid_client_metadata")
    }
}
