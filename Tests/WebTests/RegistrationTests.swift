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

@Suite("Registration over HTTP")
struct RegistrationOverHTTPTests {
    private func site(_ policy: JSONObject? = ["access": "open"]) async throws -> TestSite {
        try await TestSite(registration: try policy.map { try RegistrationPolicy($0) })
    }

    private func send(
        _ test: TestSite, _ method: Method, _ path: String, _ body: String = "", token: String? = nil,
        type: String = "application/json"
    ) async -> Page {
        var headers: Headers = ["Content-Type": type]
        if let token { headers.set("Authorization", "Bearer " + token) }
        let request = Request(method, path, headers: headers, body: Array(body.utf8))
        return Page(response: await test.site.respond(to: request))
    }

    private static let document = #"{"redirect_uris": ["https://app.example/cb"]}"#

    @Test("R-01, R-17, R-19, R-20: a client is made, read, replaced and removed")
    func lives() async throws {
        let test = try await site()
        let made = await send(test, .post, "/register", RegistrationOverHTTPTests.document)
        #expect(made.status == 201)
        #expect(made.response.headers["Cache-Control"] == "no-store")
        #expect(made.response.headers["Content-Type"] == "application/json")
        let uri = try #require(made.json["registration_client_uri"]?.string)
        let token = try #require(made.json["registration_access_token"]?.string)
        let id = try #require(made.json["client_id"]?.string)
        #expect(uri.hasPrefix("https://id.example/register/"))
        let path = String(uri.dropFirst("https://id.example".count))
        #expect(await send(test, .get, path, token: token).json["client_id"]?.string == id)
        let body = #"{"client_id": "\#(id)", "redirect_uris": ["https://app.example/other"]}"#
        let changed = await send(test, .put, path, body, token: token)
        #expect(changed.status == 200 && changed.json["redirect_uris"] == ["https://app.example/other"])
        #expect(await send(test, .delete, path).status == 401)
        let gone = await send(test, .delete, path, token: token)
        #expect(gone.status == 204 && gone.response.body.bytes.isEmpty)
        let late = await send(test, .get, path, token: token)
        #expect(late.status == 401 && late.response.headers["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
    }

    @Test("R-03: what is no document is refused as one")
    func refusesOtherContent() async throws {
        let test = try await site()
        for (body, type) in [
            ("", "application/json"), ("[]", "application/json"), ("{", "application/json"),
            (#"{"redirect_uris": [], "redirect_uris": []}"#, "application/json"),
            (RegistrationOverHTTPTests.document, "application/x-www-form-urlencoded"),
        ] {
            let answer = await send(test, .post, "/register", body, type: type)
            #expect(answer.status == 400 && answer.json["error"]?.string == "invalid_client_metadata")
        }
        let answer = await send(test, .post, "/register", #"{"redirect_uris": ["http://app.example/"]}"#)
        #expect(answer.status == 400 && answer.json["error"]?.string == "invalid_redirect_uri")
        #expect(answer.json["error_description"]?.string?.hasPrefix("redirect_uris: ") == true)
        let charset = await send(
            test, .post, "/register", RegistrationOverHTTPTests.document, type: "application/json; charset=utf-8")
        #expect(charset.status == 201)
    }

    @Test("R-13: closed unless the operator opens it, and the discovery document says which")
    func isClosed() async throws {
        let closed = try await site(nil)
        #expect(await send(closed, .post, "/register", RegistrationOverHTTPTests.document).status == 404)
        let silent = await TestBrowser(closed).get("/.well-known/openid-configuration")
        #expect(silent.json["registration_endpoint"] == nil)
        let guarded = try await site([:])
        let answer = await send(guarded, .post, "/register", RegistrationOverHTTPTests.document)
        #expect(answer.status == 401 && answer.response.headers["WWW-Authenticate"]?.contains("invalid_token") == true)
        let document = await TestBrowser(guarded).get("/.well-known/openid-configuration")
        #expect(document.json["registration_endpoint"]?.string == "https://id.example/register")
    }

    @Test("R-16: a network registers twenty clients an hour")
    func isLimited() async throws {
        let test = try await site()
        for _ in 0..<20 {
            #expect(await send(test, .post, "/register", RegistrationOverHTTPTests.document).status == 201)
        }
        let answer = await send(test, .post, "/register", RegistrationOverHTTPTests.document)
        #expect(answer.status == 429 && answer.response.headers["Retry-After"] != nil)
        test.clock.advance(by: .seconds(3600))
        #expect(await send(test, .post, "/register", RegistrationOverHTTPTests.document).status == 201)
    }

    @Test("X-04: registrations stand in the log of security events")
    func notes() async throws {
        let test = try await site()
        let made = await send(test, .post, "/register", RegistrationOverHTTPTests.document)
        let id = try #require(made.json["client_id"]?.string)
        _ = await send(
            test, .delete, "/register/" + id, token: try #require(made.json["registration_access_token"]?.string))
        try await test.audit.flush()
        let events = try await test.environment.storage.audit.find(AuditSearch(), limit: 9)
        #expect(Set(events.map(\.action)) == ["client_added", "client_removed"])
        #expect(events.allSatisfy { $0.client == ClientID(id) })
    }
}
