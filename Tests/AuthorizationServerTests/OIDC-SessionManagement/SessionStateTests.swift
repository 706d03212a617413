import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import AuthorizationServer

@Suite("Session management", .spec("OpenID Connect Session Management §2"))
struct SessionStateTests {
    private static func server() async throws -> TestServer {
        var policy = Policy()
        policy.offersSessionManagement = true
        return try await TestServer(policy: policy)
    }

    @Test("An answer tells a salted hash of client, origin and the browser's state", .spec("L-20"))
    func isInTheAnswer() async throws {
        let server = try await Self.server()
        let browser = try await server.signIn()
        let session = try #require(browser.session)
        var states: Set<String> = []
        for _ in 0..<2 {
            try await server.storage.consents.remember(
                [.openid], user: session.userID, client: server.client.id, at: server.clock.now)
            let answer = try await server.decide([.scope: "openid"], from: browser).answer
            let state = try #require(answer?[.sessionState])
            let salt = try #require(state.split(separator: ".").last)
            #expect(salt.utf8.count == 22 && !state.contains(" "))
            let text = "shop https://shop.example \(SessionState.browserState(of: session.digest)) \(salt)"
            #expect(state == SHA256.digest(of: text).base64URL + "." + salt)
            states.insert(state)
        }
        #expect(states.count == 2, "the salt is new each time")
    }

    @Test("Nobody is told who does not ask for an ID token, nor where it is not offered")
    func notToEverybody() async throws {
        let server = try await Self.server()
        #expect(try await server.authorization([.scope: "profile"])[.sessionState] == nil)
        #expect(try await TestServer().authorization([.scope: "openid"])[.sessionState] == nil)
    }

    @Test("The origin is written as browsers write it", .spec("RFC 6454 §6.2"))
    func origins() {
        #expect(SessionState.origin(of: "https://a.example:443/cb?x=1") == "https://a.example")
        #expect(SessionState.origin(of: "https://a.example:8443/cb") == "https://a.example:8443")
        #expect(SessionState.origin(of: "https://a.example:4443") == "https://a.example:4443")
        #expect(SessionState.origin(of: "http://127.0.0.1:80/cb") == "http://127.0.0.1")
        #expect(SessionState.origin(of: "com.example.app:/cb") == nil)
    }

    @Test("What scripts may read changes with the session's secret, and does not tell it")
    func browserState() {
        let (one, other) = (TokenDigest(of: "secret"), TokenDigest(of: "another secret"))
        #expect(SessionState.browserState(of: one) != SessionState.browserState(of: other))
        #expect(SessionState.browserState(of: one) == SessionState.browserState(of: one))
        #expect(SessionState.browserState(of: one) != Base64URL.encode(one.bytes))
    }
}
