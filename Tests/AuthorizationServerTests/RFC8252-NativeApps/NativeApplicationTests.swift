import AuthorizationServer
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("RFC 8252 native applications")
struct NativeApplicationTests {
    @Test(
        .spec("A-97", "RFC 8252 §8.6"),
        arguments: [
            "http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost:3000/cb", "com.example.app:/cb",
        ])
    func areNeverLetThroughWithoutAQuestion(_ address: String) async throws {
        let server = try await TestServer()
        let app = try await server.register(.open(redirectURIs: [address], party: .first))
        let web = try await server.register(.open("web", party: .first))
        let browser = try await server.signIn()
        for client in [app, web] {
            try await server.storage.consents.remember(
                client.scopes, user: server.user.id, client: client.id, at: server.clock.now)
        }
        #expect(
            try await server.decide([.prompt: "none"], for: app, from: browser).answer?[.error] == "consent_required")
        #expect(try await server.decide(for: app, from: browser).interaction != nil)
        #expect(try await server.decide(for: web, from: browser).answer?[.code] != nil)
    }

    @Test(.spec("R-16", "RFC 7591 §5"))
    func aPublicClientThatRegisteredItselfIsAskedForEachTime() async throws {
        let server = try await TestServer()
        var stranger = Client.open("stranger")
        stranger.registrationDigest = .numbered(1)
        for client in [stranger, .open("known")] {
            try await server.register(client)
            let browser = try await server.signIn()
            try await server.storage.consents.remember(
                client.scopes, user: server.user.id, client: client.id, at: server.clock.now)
            let isAsked = try await server.decide(for: client, from: browser).interaction != nil
            #expect(isAsked == client.isSelfRegistered)
        }
    }

    @Test(
        .spec("A-21", "RFC 8252 §7.3", "CVE-2024-8883"),
        arguments: [
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", "http://127.0.0.1:80@evil.example/cb"),
            ("http://[::1]/cb", "http://[::1]:51004/cb", "http://[::1]:80@evil.example/cb"),
            ("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb", "http://127.0.0.1:2/cb/../evil"),
        ])
    func mayListenOnAnyPort(_ registered: String, _ used: String, _ wrong: String) async throws {
        let server = try await TestServer()
        let app = try await server.register(.open(redirectURIs: [registered]))
        #expect(
            try await server.decide([.redirectURI: wrong], for: app, from: server.browser()).page == .invalidRequest)
        let code = try await server.authorize([.redirectURI: used], for: app)
        _ = try await server.redeem(code, redirectURI: used, from: app)
    }

    @Test(.spec("A-22"))
    func mayHaveASchemeOfTheirOwn() async throws {
        let server = try await TestServer()
        let app = try await server.register(.open(redirectURIs: ["com.example.app:/cb"]))
        for wrong in ["com.example.app:/cb/", "com.example.app:cb", "com.example.app://cb", "com.example.APP:/cb"] {
            #expect(try await server.decide([.redirectURI: wrong], for: app, from: server.browser()).page != nil)
        }
        #expect(try await server.authorization(for: app).location.hasPrefix("com.example.app:/cb?code="))
    }
}
