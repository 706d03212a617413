import AuthorizationServer
import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

/// Modules of `oidcc-dynamic-certification-test-plan` about what a client that the suite registered is answered: each with
/// `private_key_jwt`, and removed at the end.
@Suite(
    "Conformance: Dynamic OP, what registered clients get", .spec("OpenID Connect Core", "OpenID Connect Registration"))
struct DynamicPlanTests {
    private static let queried = ConformanceRun.callback + "?dummy1=lorem&dummy2=ipsum"

    @Test("oidcc-server")
    func server() async throws {
        var run = try await DynamicRun()
        _ = try await run.become()
        let tokens = try await run.signIn()
        #expect(tokens.header.algorithm == "RS256")
        _ = try await run.run.userInfo(tokens)
        try await run.leave()
    }

    @Test("oidcc-idtoken-rs256")
    func idTokenRS256() async throws {
        var run = try await DynamicRun()
        let made = try await run.become(["id_token_signed_response_alg": "RS256"])
        #expect(made["id_token_signed_response_alg"] == "RS256")
        #expect(try await run.signIn().header.algorithm == "RS256")
        try await run.leave()
    }

    @Test("oidcc-userinfo-rs256")
    func userInfoRS256() async throws {
        var run = try await DynamicRun()
        _ = try await run.become(["userinfo_signed_response_alg": "RS256"])
        let tokens = try await run.signIn(["scope": "openid profile"])
        let page = await run.run.test.userInfo(tokens.accessToken)
        #expect(page.status == 200 && page.response.headers["Content-Type"] == "application/jwt")
        let jwt = try UnverifiedJWT(parsing: page.text)
        let claims = try jwt.unverifiedClaims()
        #expect(jwt.header.algorithm == "RS256" && claims.issuer == "https://id.example")
        #expect(claims.audience == [run.run.client] && claims.subject == tokens.claims.subject)
        #expect(claims["name"]?.string == "Ada Lovelace" && claims["nonce"] == nil)
        try await run.leave()
    }

    @Test("oidcc-ensure-redirect-uri-in-authorization-request")
    func redirectURIIsNeeded() async throws {
        var run = try await DynamicRun()
        _ = try await run.become(["redirect_uris": [.string(ConformanceRun.callback), .string(Self.queried)]])
        run.run.staysHere(await run.run.browser.get(run.run.request(["redirect_uri": nil])))
        #expect(try await run.run.authorize()[.code] != nil)
        try await run.leave()
    }

    @Test("oidcc-redirect-uri-query-OK")
    func redirectURIWithAQuery() async throws {
        var run = try await DynamicRun()
        _ = try await run.become(["redirect_uris": [.string(Self.queried)]])
        let page = await run.run.act(await run.run.browser.get(run.run.request(["redirect_uri": Self.queried])))
        #expect(page.location?.hasPrefix(Self.queried + "&code=") == true)
        #expect(page.answer?[Parameter("dummy1")] == "lorem" && page.answer?[Parameter("dummy2")] == "ipsum")
        #expect(page.answer?[.state] == "state 1~")
        _ = try await run.redeem(try #require(page.answer?[.code]), redirectURI: Self.queried)
        try await run.leave()
    }

    @Test(
        "A query that is not the registered one",
        arguments: [
            ("oidcc-redirect-uri-query-mismatch", queried, ConformanceRun.callback + "?dummy1=lorem&dummy2=dolor"),
            ("oidcc-redirect-uri-query-added", ConformanceRun.callback, ConformanceRun.callback + "?dummy1=lorem"),
        ])
    func redirectURIWithAnotherQuery(_ module: String, _ registered: String, _ asked: String) async throws {
        var run = try await DynamicRun()
        _ = try await run.become(["redirect_uris": [.string(registered)]])
        run.run.staysHere(await run.run.browser.get(run.run.request(["redirect_uri": asked])))
        let good = await run.run.act(await run.run.browser.get(run.run.request(["redirect_uri": registered])))
        #expect(good.answer?[.code] != nil, "\(module)")
        try await run.leave()
    }

    @Test("oidcc-server-rotate-keys")
    func rotateKeys() async throws {
        var dynamic = try await DynamicRun()
        _ = try await dynamic.become()
        let run = dynamic.run
        func kids() async -> Set<String> {
            Set(await run.browser.get("/jwks").json["keys"]?.array?.compactMap { $0["kid"]?.string } ?? [])
        }
        let before = await kids()
        let earlier = try await dynamic.signIn()
        let storage = run.test.environment.storage
        let key = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        let rotation = KeyRotation(
            storage.keys, masterKey: key, clock: run.test.clock, policy: run.test.environment.policy)
        _ = try await rotation.rotate()
        try run.test.environment.keys.load(try await storage.keys.list(), opening: key)
        try await run.test.site.reload()
        let after = await kids()
        #expect(after.isStrictSuperset(of: before))
        // What was signed before still verifies, and the next sign-in works.
        #expect(after.contains(try #require(earlier.header.keyID)))
        _ = try await dynamic.signIn()
        try await dynamic.leave()
    }
}
