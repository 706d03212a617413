import AuthorizationServer
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Issuer", .spec("RFC 8414 §2", "D-03", "J-01"))
struct IssuerTests {
    @Test(arguments: [
        ("https://id.example", "https://id.example", ""), ("https://id.example/a/b", "https://id.example", "/a/b"),
        ("https://id.example:8443/T", "https://id.example:8443", "/T"),
        ("http://localhost:8080", "http://localhost:8080", ""),
        ("http://127.0.0.1/x", "http://127.0.0.1", "/x"), ("http://[::1]:80", "http://[::1]:80", ""),
    ])
    func isAnAddressInItsParts(_ text: String, _ origin: String, _ path: String) throws {
        let issuer = try #require(Issuer(text))
        #expect(issuer.url == text)
        #expect(issuer.origin == origin)
        #expect(issuer.path == path)
        #expect(issuer.isSecure == text.hasPrefix("https:"))
        #expect(issuer.address(of: "/token") == text + "/token")
    }

    @Test(arguments: [
        "", "id.example", "http://id.example", "https://id.example/", "https://id.example?x=1", "https://id.example#x",
        "https://user@id.example", "com.example.app:/x", "https://id.example/../x", "https://ID.example",
        "HTTPS://id.example",
        "https://ID.example/tenant", "HTTPS://id.example/tenant", "https://id.example/t?", "ftp://id.example",
    ])
    func isNothingElse(_ text: String) {
        #expect(Issuer(text) == nil)
    }
}

@Suite("Client directory", .spec("X-06"))
struct ClientDirectoryTests {
    @Test func keepsAClientUntilItIsToldToForget() async throws {
        let server = try await TestServer()
        let clients = server.environment.clients
        #expect(try await clients.find(server.client.id)?.name == "shop")
        _ = try await server.storage.clients.remove(server.client.id)
        #expect(try await clients.find(server.client.id) != nil)
        clients.forget()
        #expect(try await clients.find(server.client.id) == nil)
        // What is not there is looked up every time, so a new client works at once.
        _ = try await server.storage.clients.insert(server.client)
        #expect(try await clients.find(server.client.id) != nil)
    }

    @Test(.spec("D-06"))
    func knowsTheScopesOfEveryClientAndTheStandardOnes() async throws {
        let server = try await TestServer()
        #expect(try await server.environment.clients.knownScopes().contains(.openid))
        #expect(try await server.environment.clients.knownScopes().description.contains("orders:write"))
        _ = try await server.storage.clients.remove(server.client.id)
        server.environment.clients.forget()
        let standard: ScopeSet = [.openid, .profile, .email, .address, .phone, .offlineAccess]
        #expect(try await server.environment.clients.knownScopes() == standard)
    }
}
