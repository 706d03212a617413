import AuthorizationServer
import HTTP
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Revocation and introspection over HTTP")
struct RevocationOverHTTPTests {
    private static let basic = "Basic " + Base64.encode(Array("shop:\(TestSite.secret)".utf8))

    private func post(
        _ test: TestSite, _ path: String, _ fields: [String: String], authorization: String? = basic,
        accept: String? = nil
    ) async -> Page {
        var headers: Headers = [:]
        if let authorization { headers.set("Authorization", authorization) }
        if let accept { headers.set("Accept", accept) }
        return await TestBrowser(test).post(path, fields, headers: headers)
    }

    @Test("V-01, V-02: 200 for a token and for none, and the token is dead")
    func revokes() async throws {
        let test = try await TestSite()
        let token = try #require(await test.token(["grant_type": "client_credentials"]).json["access_token"]?.string)
        #expect(await post(test, "/introspect", ["token": token]).json["active"]?.bool == true)
        for text in [token, token, "nonsense"] {
            let answer = await post(test, "/revoke", ["token": text, "token_type_hint": "access_token"])
            #expect(answer.status == 200)
            #expect(answer.response.headers["Cache-Control"] == "no-store")
            #expect(answer.json == [:])
        }
        let answer = await post(test, "/introspect", ["token": token])
        #expect(answer.status == 200 && answer.json == ["active": false])
        #expect(answer.response.headers["Content-Type"] == "application/json")
    }

    @Test(
        "V-06, N-02, C-02: who does not prove themselves gets 401; GET gets 405", arguments: ["/revoke", "/introspect"])
    func wantsTheClient(_ path: String) async throws {
        let test = try await TestSite()
        for authorization in [nil, "Basic c2hvcDp3cm9uZw=="] {
            let answer = await post(test, path, ["token": "x", "client_id": "shop"], authorization: authorization)
            #expect(answer.status == 401 && answer.json["error"]?.string == "invalid_client")
            #expect(answer.response.headers["WWW-Authenticate"]?.hasPrefix("Basic") == true)
        }
        #expect(await post(test, path, [:]).json["error"]?.string == "invalid_request")
        #expect(await TestBrowser(test).get(path).status == 405)
        #expect(await post(test, path, ["token": "x"]).status == 200)
    }

    @Test("N-05: a signed answer for whoever asks for that type")
    func signs() async throws {
        let test = try await TestSite()
        let token = try #require(await test.token(["grant_type": "client_credentials"]).json["access_token"]?.string)
        for accept in [
            "application/token-introspection+jwt", "application/json;q=0.5, Application/Token-Introspection+JWT;q=0.9",
        ] {
            let answer = await post(test, "/introspect", ["token": token], accept: accept)
            #expect(answer.status == 200)
            #expect(answer.response.headers["Content-Type"] == "application/token-introspection+jwt")
            let text = String(decoding: answer.response.body.bytes, as: UTF8.self)
            #expect(try UnverifiedJWT(parsing: text).header.type == "token-introspection+jwt")
        }
        for accept in ["*/*", "application/json", "application/token-introspection+jwt;q=0", "text/x+jwt"] {
            let answer = await post(test, "/introspect", ["token": token], accept: accept)
            #expect(answer.response.headers["Content-Type"] == "application/json")
            #expect(answer.json["active"]?.bool == true)
        }
    }

    @Test("X-04: what was revoked, and for whom, stands in the log of security events")
    func notes() async throws {
        let test = try await TestSite(party: .first)
        let code = try #require(await test.signIn(TestBrowser(test)).answer?[.code])
        let refresh = try #require(await test.redeem(code).json["refresh_token"]?.string)
        _ = await post(test, "/revoke", ["token": "nonsense"])
        #expect(await post(test, "/revoke", ["token": refresh]).status == 200)
        try await test.audit.flush()
        let events = try await test.environment.storage.audit.find(AuditSearch(), limit: 99)
            .filter { $0.action == "grant_revoked" }
        #expect(events.map(\.subject) == [test.user.id])
        #expect(events.map(\.client) == [ClientID("shop")])
    }
}
