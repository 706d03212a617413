import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Metadata of protected resources", .spec("RFC 9728"))
struct ProtectedResourceMetadataTests {
    @Test(
        .spec("D-21", "RFC 9728 §3.1"),
        arguments: [
            ("https://api.example", "https://api.example/.well-known/oauth-protected-resource"),
            ("https://api.example/", "https://api.example/.well-known/oauth-protected-resource"),
            (
                "https://api.example:8443/orders/v1",
                "https://api.example:8443/.well-known/oauth-protected-resource/orders/v1"
            ),
            ("https://api.example?tenant=a", "https://api.example/.well-known/oauth-protected-resource?tenant=a"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/.well-known/oauth-protected-resource"),
        ])
    func standsBetweenHostAndPath(_ resource: String, _ address: String) throws {
        #expect(ProtectedResourceMetadata.address(of: ResourceIdentifier(resource)!) == address)
    }

    @Test func aNameThatIsNoAddressHasNoPlace() {
        #expect(ProtectedResourceMetadata.address(of: ResourceIdentifier("urn:example:api")!) == nil)
    }

    @Test(.spec("D-21", "RFC 9728 §2")) func saysWhomToAsk() throws {
        let resource = Resource.withEveryFieldSet()
        let document = ProtectedResourceMetadata(of: resource, issuer: Issuer("https://id.example")!)
        let object = try JSONObject(parsing: document.jsonBytes())
        #expect(
            object == [
                "resource": .string(resource.id.rawValue), "authorization_servers": ["https://id.example"],
                "scopes_supported": ["orders:read", "orders:write"], "bearer_methods_supported": ["header"],
                "resource_name": .string(resource.name),
            ])
        let bare = ProtectedResourceMetadata(of: .withNothingOptional(), issuer: Issuer("https://id.example")!)
        #expect(try JSONObject(parsing: bare.jsonBytes())["scopes_supported"] == nil)
    }

    @Test(.spec("D-21", "RFC 9728 §3.3")) func userInfoIsAResourceByItsAddress() async throws {
        let server = try await TestServer()
        let issuer = server.environment.issuer
        let document = try #require(ProtectedResourceMetadata(ofUserInfoAt: issuer, signing: [.es256]))
        let object = try JSONObject(parsing: document.jsonBytes())
        #expect(issuer.userInfoMetadata == "https://id.example/.well-known/oauth-protected-resource/userinfo")
        let resource = try #require(object["resource"]?.string)
        #expect(resource == "https://id.example/userinfo")
        // A client that goes by it gets a token that opens the endpoint, and has no scope of anything else.
        let tokens = try await server.redeem(
            server.authorize([.scope: "openid email orders:read"], resources: [resource]))
        #expect(try tokens.accessClaims.audience == [resource])
        #expect(tokens.scope.description == "openid email")
        _ = try await server.userInfo(tokens.accessToken)
    }
}
