import AuthorizationServer
import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

/// Modules of `oidcc-dynamic-certification-test-plan` about the endpoints of a client that is registered already.
@Suite("Conformance: Dynamic OP, of registered clients", .spec("OpenID Connect Core", "OpenID Connect Registration"))
struct DynamicPlanTests {
    @Test("oidcc-idtoken-rs256")
    func idTokenRS256() async throws {
        #expect(try await ConformanceRun().signIn().header.algorithm == "RS256")
    }

    @Test("oidcc-userinfo-rs256")
    func userInfoRS256() async throws {
        let run = try await ConformanceRun()
        try await run.change { $0.metadata.userinfoSignedResponseAlg = .rs256 }
        let tokens = try await run.signIn(["scope": "openid profile"])
        let page = await run.test.userInfo(tokens.accessToken)
        #expect(page.status == 200 && page.response.headers["Content-Type"] == "application/jwt")
        let jwt = try UnverifiedJWT(parsing: page.text)
        let claims = try jwt.unverifiedClaims()
        #expect(jwt.header.algorithm == "RS256" && claims.issuer == "https://id.example")
        #expect(claims.audience == ["suite"] && claims.subject == tokens.claims.subject)
        #expect(claims["name"]?.string == "Ada Lovelace" && claims["nonce"] == nil)
    }

    @Test("oidcc-ensure-redirect-uri-in-authorization-request")
    func redirectURIIsNeeded() async throws {
        let run = try await ConformanceRun()
        try await run.change {
            $0.redirectURIs.append(try RedirectURI(registering: ConformanceRun.callback + "?dummy1=lorem"))
        }
        run.staysHere(await run.browser.get(run.request(["redirect_uri": nil])))
        #expect(try await run.authorize()[.code] != nil)
    }

    @Test("oidcc-redirect-uri-query-OK, oidcc-redirect-uri-query-mismatch, oidcc-redirect-uri-query-added")
    func redirectURIWithAQuery() async throws {
        let run = try await ConformanceRun()
        let queried = ConformanceRun.callback + "?dummy1=lorem&dummy2=ipsum"
        let added = ConformanceRun.callback + "?dummy1=lorem"
        run.staysHere(await run.browser.get(run.request(["redirect_uri": added])))
        try await run.change { $0.redirectURIs = [try RedirectURI(registering: queried)] }
        let page = await run.act(await run.browser.get(run.request(["redirect_uri": queried])))
        #expect(page.location?.hasPrefix(queried + "&code=") == true)
        #expect(page.answer?[Parameter("dummy1")] == "lorem" && page.answer?[.state] == "state 1~")
        let mismatch = ConformanceRun.callback + "?dummy1=lorem&dummy2=dolor"
        run.staysHere(await run.browser.get(run.request(["redirect_uri": mismatch])))
    }

    @Test("oidcc-server-rotate-keys")
    func rotateKeys() async throws {
        let run = try await ConformanceRun()
        func kids() async -> Set<String> {
            Set(await run.browser.get("/jwks").json["keys"]?.array?.compactMap { $0["kid"]?.string } ?? [])
        }
        let before = await kids()
        let storage = run.test.environment.storage
        let key = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        let rotation = KeyRotation(
            storage.keys, masterKey: key, clock: run.test.clock, policy: run.test.environment.policy)
        _ = try await rotation.rotate()
        try run.test.environment.keys.load(try await storage.keys.list(), opening: key)
        try await run.test.site.reload()
        let after = await kids()
        #expect(after.isStrictSuperset(of: before))
    }
}
