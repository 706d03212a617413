import AuthorizationServer
import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("Token and UserInfo endpoints over HTTP")
struct BackChannelTests {
    @Test("T-01, H-18: tokens are never cached and readable by pages of other origins")
    func headersOfSuccess() async throws {
        let test = try await TestSite()
        let answer = await test.token(["grant_type": "client_credentials"])
        #expect(answer.status == 200)
        #expect(answer.response.headers["Content-Type"] == "application/json")
        #expect(answer.response.headers["Cache-Control"] == "no-store")
        #expect(answer.response.headers["Access-Control-Allow-Origin"] == "*")
        #expect(answer.response.headers["Access-Control-Allow-Credentials"] == nil)
        #expect(answer.json["token_type"]?.string == "Bearer" && answer.json["expires_in"]?.integer == 900)
        #expect(answer.json["refresh_token"] == nil && answer.json["id_token"] == nil)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var fields = ["grant_type": "client_credentials"]
        var authorization: String?
        var type = "application/x-www-form-urlencoded"
        let status: Int
        let error: String
    }

    static let basic = "Basic " + Base64.encode(Array("shop:\(TestSite.secret)".utf8))

    @Test(arguments: [
        Refusal(
            testDescription: "C-02 wrong secret", authorization: "Basic c2hvcDp3cm9uZw==", status: 401,
            error: "invalid_client"),
        Refusal(
            testDescription: "C-07 unknown client", authorization: "Basic bm9ib2R5Ondyb25n", status: 401,
            error: "invalid_client"),
        Refusal(testDescription: "not base64", authorization: "Basic %%%", status: 401, error: "invalid_client"),
        Refusal(testDescription: "no client at all", status: 401, error: "invalid_client"),
        Refusal(
            testDescription: "C-03 wrong secret in the body",
            fields: ["grant_type": "client_credentials", "client_id": "shop", "client_secret": "wrong"],
            status: 401,
            error: "invalid_client"
        ),
        Refusal(
            testDescription: "C-08 confidential client by its name alone",
            fields: ["grant_type": "client_credentials", "client_id": "shop"],
            status: 401,
            error: "invalid_client"
        ),
        Refusal(
            testDescription: "C-04 two methods",
            fields: ["grant_type": "client_credentials", "client_secret": TestSite.secret],
            authorization: basic,
            status: 400,
            error: "invalid_request"
        ),
        Refusal(
            testDescription: "C-19 another client_id",
            fields: ["grant_type": "client_credentials", "client_id": "other"],
            authorization: basic,
            status: 401,
            error: "invalid_client"
        ),
        Refusal(
            testDescription: "T-02 no grant_type", fields: [:], authorization: basic, status: 400,
            error: "invalid_request"),
        Refusal(
            testDescription: "T-03 password grant",
            fields: ["grant_type": "password"],
            authorization: basic,
            status: 400,
            error: "unsupported_grant_type"
        ),
        Refusal(
            testDescription: "H-08 JSON",
            authorization: basic,
            type: "application/json",
            status: 400,
            error: "invalid_request"
        ),
    ])
    func refusesAndTakesTheRightRequestAfterwards(_ refusal: Refusal) async throws {
        let test = try await TestSite()
        let answer = await test.token(
            refusal.fields,
            proof: refusal.authorization.map { .header($0) } ?? .none,
            headers: ["Content-Type": refusal.type]
        )
        #expect(answer.status == refusal.status)
        #expect(answer.json["error"]?.string == refusal.error)
        #expect(answer.response.headers["Cache-Control"] == "no-store")
        #expect((answer.response.headers["WWW-Authenticate"]?.hasPrefix("Basic ") == true) == (refusal.status == 401))
        #expect(
            await test.token(
                ["grant_type": "client_credentials"],
                headers: ["Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"]
            ).status == 200)
    }

    @Test(
        "H-12: bytes that are no form are a refusal, not a failure",
        arguments: ["a=%", "a=%zz", "a=%ff", "a=%00", "grant_type=a&grant_type=b"])
    func malformedForm(_ body: String) async throws {
        let test = try await TestSite()
        let request = Request(
            .post,
            "/token",
            headers: ["Content-Type": "application/x-www-form-urlencoded", "Authorization": BackChannelTests.basic],
            body: Array(body.utf8)
        )
        let answer = Page(response: await test.site.respond(to: request))
        #expect(answer.status == 400 && answer.json["error"]?.string == "invalid_request")
        #expect(test.failures.texts.isEmpty)
    }

    @Test("T-04, H-07: other methods are refused with Allow, and consume nothing")
    func otherMethods() async throws {
        let test = try await TestSite(party: .first)
        let code = try #require(await test.signIn(TestBrowser(test)).answer?[.code])
        let answer = Page(
            response: await test.site.respond(to: Request(.get, "/token", query: Array("code=\(code)".utf8))))
        #expect(answer.status == 405)
        #expect(answer.response.headers["Allow"]?.contains("POST") == true)
        #expect(await test.redeem(code).status == 200)
    }

    @Test("T-11, T-23, V-04: a replayed code and a reused refresh token take everything with them")
    func replayRevokes() async throws {
        let test = try await TestSite(party: .first)
        let browser = TestBrowser(test)
        let code = try #require(await test.signIn(browser).answer?[.code])
        let tokens = await test.redeem(code).json
        let accessToken = try #require(tokens["access_token"]?.string)
        #expect(await test.userInfo(accessToken).status == 200)
        #expect(await test.redeem(code).json["error"]?.string == "invalid_grant")
        #expect(await test.userInfo(accessToken).status == 401)
        #expect(
            await test.refresh(try #require(tokens["refresh_token"]?.string)).json["error"]?.string == "invalid_grant")

        let second = await test.redeem(try #require(await test.signIn(browser).answer?[.code])).json
        let old = try #require(second["refresh_token"]?.string)
        let rotated = await test.refresh(old).json
        let new = try #require(rotated["refresh_token"]?.string)
        #expect(await test.refresh(old).json["refresh_token"]?.string == new, "a retry within the grace")
        test.clock.advance(by: .seconds(11))
        #expect(await test.refresh(old).json["error"]?.string == "invalid_grant")
        #expect(await test.refresh(new).json["error"]?.string == "invalid_grant", "the whole family is dead")
        #expect(await test.userInfo(try #require(rotated["access_token"]?.string)).status == 401)
    }

    @Test("U-01, U-02, U-03, U-05, U-06, U-07: the ways to present an access token")
    func userInfoMethods() async throws {
        let test = try await TestSite(party: .first)
        let code = try #require(await test.signIn(TestBrowser(test)).answer?[.code])
        let token = try #require(await test.redeem(code).json["access_token"]?.string)
        func ask(_ method: Method, query: String? = nil, headers: Headers = [:], body: String = "") async -> Page {
            let request = Request(
                method, "/userinfo", query: query.map { Array($0.utf8) }, headers: headers, body: Array(body.utf8))
            return Page(response: await test.site.respond(to: request))
        }
        let form: Headers = ["Content-Type": "application/x-www-form-urlencoded"]
        let right: Headers = ["Authorization": "bEARER \(token)"]
        #expect(await ask(.get, headers: right).status == 200)
        #expect(await ask(.post, headers: right).json["sub"]?.string == test.user.id.rawValue)
        #expect(await ask(.post, headers: form, body: "access_token=\(token)").status == 200)
        #expect(await ask(.post, headers: ["Content-Type": "text/plain"], body: "access_token=\(token)").status == 401)
        let none = await ask(.get)
        #expect(none.status == 401)
        // U-14, D-21: whoever knows nothing but the address finds out whom to ask (RFC 9728 §5.1).
        let issuer = test.environment.issuer
        let address = try #require(issuer.userInfoMetadata)
        #expect(
            none.response.headers["WWW-Authenticate"] == "Bearer realm=\"martlet\", resource_metadata=\"\(address)\"")
        let document = await TestBrowser(test).get(String(address.dropFirst(issuer.origin.count)))
        #expect(document.status == 200 && document.response.headers["Content-Type"] == "application/json")
        #expect(document.json["resource"]?.string == issuer.url + "/userinfo")
        #expect(document.json["authorization_servers"] == [.string(issuer.url)])
        let wrong = await ask(.get, headers: ["Authorization": "Bearer wrong"])
        #expect(wrong.status == 401)
        #expect(wrong.response.headers["WWW-Authenticate"]?.contains("error=\"invalid_token\"") == true)
        #expect(wrong.response.headers["WWW-Authenticate"]?.hasSuffix(", resource_metadata=\"\(address)\"") == true)
        #expect(await ask(.get, query: "access_token=\(token)").status == 400)
        #expect(await ask(.get, query: "x=%zz", headers: right).status == 400, "H-12")
        var both = form
        both.set("Authorization", "Bearer \(token)")
        #expect(await ask(.post, headers: both, body: "access_token=\(token)").status == 400)
    }

    @Test("A header that came twice is refused, since a proxy may have looked at the other one")
    func repeatedHeaders() async throws {
        let test = try await TestSite()
        for name in ["Authorization", "Content-Type"] {
            var headers: Headers = [
                "Content-Type": "application/x-www-form-urlencoded", "Authorization": BackChannelTests.basic,
            ]
            let body = Array("grant_type=client_credentials".utf8)
            #expect(await test.site.respond(to: Request(.post, "/token", headers: headers, body: body)).status == .ok)
            headers.add(name, headers[name] ?? "")
            let answer = await test.site.respond(to: Request(.post, "/token", headers: headers, body: body))
            #expect(answer.status == .badRequest)
        }
    }

    @Test("U-04: a client's own token opens no UserInfo")
    func clientTokenAtUserInfo() async throws {
        let test = try await TestSite()
        let token = try #require(await test.token(["grant_type": "client_credentials"]).json["access_token"]?.string)
        let answer = await test.userInfo(token)
        #expect(answer.status == 403)
        #expect(answer.response.headers["WWW-Authenticate"]?.contains("insufficient_scope") == true)
    }

    @Test("D-01, D-02, D-17, D-20: both documents agree, the key set is public, all readable cross-origin")
    func documents() async throws {
        let test = try await TestSite()
        let browser = TestBrowser(test)
        let openID = await browser.get("/.well-known/openid-configuration")
        let oauth = await browser.get("/.well-known/oauth-authorization-server")
        #expect(openID.status == 200 && openID.text == oauth.text)
        #expect(openID.json["issuer"]?.string == "https://id.example")
        for page in [openID, await browser.get("/jwks")] {
            #expect(page.response.headers["Access-Control-Allow-Origin"] == "*")
            #expect(page.response.headers["ETag"]?.hasPrefix("\"") == true)
            #expect(page.response.headers["Cache-Control"]?.contains("max-age") == true)
        }
        // A key that somebody else knows is gone everywhere in five minutes, also behind a cache that lost us.
        let rule = await browser.get("/jwks").response.headers["Cache-Control"]
        #expect(rule == "public, max-age=300, must-revalidate")
        let keys = try #require(await browser.get("/jwks").json["keys"]?.array)
        #expect(keys.count == 2)
        for key in keys {
            #expect(key["kty"]?.string == "EC" && key["alg"]?.string == "ES256" && key["use"]?.string == "sig")
            #expect(key["kid"]?.string?.count == 43 && key["d"] == nil)
        }
    }

    @Test("D-05: every address in the discovery document answers")
    func everyAddressAnswers() async throws {
        let test = try await TestSite()
        let document = try #require(await TestBrowser(test).get("/.well-known/openid-configuration").json.object)
        let addresses = document.filter { $0.name.hasSuffix("_endpoint") || $0.name == "jwks_uri" }
        #expect(addresses.count == 7)
        for member in addresses {
            let address = try #require(member.value.string)
            #expect(await TestBrowser(test).get(address).status != 404, "\(member.name)")
        }
    }

    @Test("H-18: preflight requests are answered without a body")
    func preflight() async throws {
        let test = try await TestSite()
        for path in ["/token", "/userinfo", "/jwks", "/.well-known/openid-configuration"] {
            let answer = await test.site.respond(to: Request(.options, path))
            #expect(answer.status == .noContent)
            #expect(answer.headers["Access-Control-Allow-Headers"]?.contains("Authorization") == true)
        }
    }
}
