import AuthorizationServer
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Clients that sign people in themselves")
struct OwnSignInTests {
    private func client(
        _ id: String, _ mode: Client.OwnSignIn, party: Client.Party = .first, at uris: [String] = []
    ) -> Client {
        var client = Client.open(id, redirectURIs: uris, party: party)
        client.ownSignIn = mode
        return client
    }

    @Test(arguments: [
        ("https://App.Example/cb", "https://app.example"), ("https://app.example:443/cb", "https://app.example"),
        ("https://app.example:8443/cb", "https://app.example:8443"), ("http://localhost:80/", "http://localhost"),
        ("http://127.0.0.1:4430/cb", "http://127.0.0.1:4430"), ("com.example.app:/cb", nil),
    ])
    func originsAreWrittenAsBrowsersDo(_ uri: String, _ origin: String?) {
        #expect(RedirectURI.registered(uri).pageOrigin == origin)
    }

    @Test func onlyTheOperatorsOwnClientsCount() async throws {
        let server = try await TestServer()
        let clients = server.environment.storage.clients
        #expect(try await server.environment.clients.ownSignIn() == nil)
        let other = client("other", .tokens, party: .third, at: ["https://other.example/"])
        #expect(try await clients.insert(other))
        server.environment.clients.forget()
        #expect(try await server.environment.clients.ownSignIn() == nil)
        #expect(try await clients.insert(client("phone", .tokens, at: ["https://phone.example/"])))
        #expect(try await clients.insert(client("web", .cookies, at: ["https://web.example/"])))
        server.environment.clients.forget()
        let origins = try #require(try await server.environment.clients.ownSignIn())
        #expect(origins.contains("https://phone.example") && !origins.takesCookies(of: "https://phone.example"))
        #expect(origins.contains("https://web.example") && origins.takesCookies(of: "https://web.example"))
        #expect(!origins.contains("https://other.example") && !origins.contains("null"))
    }

    @Test("A grant is given in a session; one that comes too late for its account is none")
    func tokens() async throws {
        let server = try await TestServer()
        let phone = client("phone", .tokens)
        #expect(try await server.environment.storage.clients.insert(phone))
        let browser = try await server.signIn()
        let session = try #require(browser.session)
        let own = OwnSignIn(server.environment)
        let scopes = try await own.scopes(nil, for: phone)
        #expect(scopes == [.openid, .profile, .email])
        let issued = try #require(try await own.tokens(for: phone, in: session, scopes: scopes))
        let token = try #require(
            try BearerToken(
                authorization: "Bearer " + issued.accessToken, form: nil, query: FormParameters()))
        let holder = try await own.holder(of: token)
        #expect(holder.user.id == server.user.id && holder.client == phone && holder.grant.sessionID == session.id)
        try await own.end(holder.grant)
        await #expect(throws: OAuthError.self) { try await own.holder(of: token) }

        server.clock.advance(by: .seconds(1))
        #expect(
            try await server.environment.storage.users.setPassword("$new", of: server.user.id, at: server.clock.now))
        #expect(try await own.tokens(for: phone, in: session, scopes: scopes)?.accessToken == nil)
        #expect(try await !own.note(phone, in: session, scopes: scopes))
        let anew = try #require(try await server.signIn().session)
        #expect(try await own.tokens(for: phone, in: anew, scopes: scopes)?.accessToken != nil)
        #expect(try await own.note(phone, in: anew, scopes: scopes))
    }
}
