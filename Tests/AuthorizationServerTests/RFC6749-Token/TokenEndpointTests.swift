import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Token endpoint", .spec("RFC 6749 §3.2", "RFC 6749 §5.2"))
struct TokenEndpointTests {
    struct Attempt: Sendable, CustomTestStringConvertible {
        let grantType: String?
        let refusal: OAuthError.Code
        init(_ grantType: String?, _ refusal: OAuthError.Code) {
            self.grantType = grantType
            self.refusal = refusal
        }
        var testDescription: String { grantType ?? "none" }
    }

    @Test(
        .spec("T-02", "T-03"),
        arguments: [
            Attempt(nil, .invalidRequest), Attempt("", .invalidRequest), Attempt("password", .unsupportedGrantType),
            Attempt("implicit", .unsupportedGrantType), Attempt("Authorization_Code", .unsupportedGrantType),
            Attempt(" authorization_code", .unsupportedGrantType),
            Attempt("urn:ietf:params:oauth:grant-type:jwt-bearer", .unsupportedGrantType),
            Attempt("refresh_token", .unauthorizedClient), Attempt("authorization_code", .unauthorizedClient),
        ])
    func refusesAGrantTypeThatIsNotThere(_ attempt: Attempt) async throws {
        let server = try await TestServer()
        let machine = try await server.register(.confidential("machine", grantTypes: [.clientCredentials]))
        var form: [Parameter: String] = [:]
        form[.grantType] = attempt.grantType
        #expect(await refusal { try await server.token(form, from: machine) } == attempt.refusal)
        _ = try await server.token([.grantType: "client_credentials"], from: machine)
    }

    @Test(.spec("H-09"), arguments: ["grant_type=client_credentials", "scope=orders%3Aread", "scope=", "x=1&x=2"])
    func refusesARepeatedParameter(_ extra: String) async throws {
        let server = try await TestServer()
        let text = "grant_type=client_credentials&scope=orders%3Aread"
        let endpoint = TokenEndpoint(server.environment)
        let good = try FormParameters(decoding: Array(text.utf8))
        let bad = try FormParameters(decoding: Array("\(text)&\(extra)".utf8))
        #expect(await refusal { try await endpoint.respond(to: bad, from: server.client) } == .invalidRequest)
        _ = try await endpoint.respond(to: good, from: server.client)
    }
}

@Suite("Client credentials grant", .spec("RFC 6749 §4.4"))
struct ClientCredentialsGrantTests {
    @Test(.spec("T-31", "RFC 9068 §2.2"))
    func givesAnAccessTokenOfTheClientItself() async throws {
        let server = try await TestServer()
        let tokens = try await server.token([.grantType: "client_credentials", .scope: "orders:read"])
        #expect(tokens.refreshToken == nil)
        #expect(tokens.idToken == nil)
        let claims = try tokens.accessClaims
        #expect(claims.subject == "shop")
        #expect(claims["client_id"]?.string == "shop")
        #expect(claims["scope"]?.string == "orders:read")
        #expect(claims["auth_time"] == nil)
        #expect(claims["amr"] == nil)
        #expect(claims["sid"] == nil)
        #expect(try tokens.wire["refresh_token"] == nil)
    }

    @Test(.spec("T-30"))
    func refusesAPublicClient() async throws {
        let server = try await TestServer()
        let app = try await server.register(.open(grantTypes: [.authorizationCode, .clientCredentials]))
        let code = await refusal { try await server.token([.grantType: "client_credentials"], from: app) }
        #expect(code == .unauthorizedClient)
        _ = try await server.token([.grantType: "client_credentials"])
    }

    @Test(
        .spec("RFC 6749 §3.3"),
        arguments: [
            "openid", "profile", "email", "offline_access", "orders:read openid", "no:such", " ", "\"",
            "orders:read \u{E9}",
        ])
    func refusesScopesThatOnlyAPersonCanGive(_ scope: String) async throws {
        let server = try await TestServer()
        let code = await refusal { try await server.token([.grantType: "client_credentials", .scope: scope]) }
        #expect(code == .invalidScope)
        let tokens = try await server.token([.grantType: "client_credentials", .scope: "orders:write"])
        #expect(tokens.scope == [Scope("orders:write")!])
    }

    @Test func givesAllThatTheClientMayHaveWithoutAScope() async throws {
        let server = try await TestServer()
        let tokens = try await server.token([.grantType: "client_credentials"])
        #expect(tokens.scope == [Scope("orders:read")!, Scope("orders:write")!])
        let bare = try await server.register(.confidential("bare", scopes: [.openid]))
        let empty = try await server.token([.grantType: "client_credentials"], from: bare)
        #expect(try empty.wire["scope"] == nil)
        #expect(try empty.accessClaims["scope"] == nil)
    }

    @Test(.spec("U-04"))
    func opensNoUserInfo() async throws {
        let server = try await TestServer()
        let tokens = try await server.token([.grantType: "client_credentials"])
        #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .insufficientScope)
    }
}
