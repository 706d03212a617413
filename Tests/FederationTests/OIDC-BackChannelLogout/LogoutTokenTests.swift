import FederationTesting
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("OpenID Connect Back-Channel Logout: what a provider tells us")
struct LogoutTokenTests {
    @Test(
        .spec("OIDC Back-Channel Logout §2.4"),
        arguments: [
            (["sub": "ada"], "ada", nil), (["sid": "s-1"], nil, "s-1"), (["sub": "ada", "sid": "s-1"], "ada", "s-1"),
        ] as [([String: JSONValue?], String?, String?)])
    func saysWhoseSessionsEnd(_ claims: [String: JSONValue?], _ subject: String?, _ session: String?) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        for type in ["logout+jwt", "JWT", nil] as [JWSType?] {
            let end = try await upstream.signOut(by: try setup.provider.logoutToken(claims, type: type))
            #expect(
                end == UpstreamSignOut(connector: upstream.connector.id, subject: subject, providerSession: session))
        }
    }

    struct Forgery: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let claims: [String: JSONValue?]
        var type: JWSType? = "logout+jwt"

        static let all = [
            Forgery(testDescription: "another issuer", claims: ["iss": "https://evil.example"]),
            Forgery(testDescription: "another audience", claims: ["aud": "another-client"]),
            Forgery(testDescription: "a nonce, as ID tokens have it", claims: ["nonce": "n"]),
            Forgery(testDescription: "no event", claims: ["events": nil]),
            Forgery(testDescription: "another event", claims: ["events": ["urn:x": JSONValue.object([:])]]),
            Forgery(testDescription: "nobody", claims: ["sub": nil]),
            Forgery(testDescription: "no number", claims: ["jti": nil]),
            Forgery(testDescription: "no end", claims: ["exp": nil]),
            Forgery(testDescription: "no beginning", claims: ["iat": nil]),
            Forgery(testDescription: "too old", claims: ["exp": 1]),
            Forgery(testDescription: "another type", claims: [:], type: "at+jwt"),
        ]
    }

    @Test(.spec("OIDC Back-Channel Logout §2.6"), arguments: Forgery.all)
    func refuses(_ forgery: Forgery) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        var claims: [String: JSONValue?] = ["sub": "ada"]
        claims.merge(forgery.claims) { _, new in new }
        await #expect(throws: UpstreamFault.self) {
            try await upstream.signOut(by: try setup.provider.logoutToken(claims, type: forgery.type))
        }
        _ = try await upstream.signOut(by: try setup.provider.logoutToken(["sub": "ada"]))
    }

    @Test func refusesAnotherSignature() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let forger = try SigningKey.generate().named(setup.provider.key.keyID)
        let token = try setup.provider.logoutToken(["sub": "ada"], signedBy: forger)
        await #expect(throws: UpstreamFault.untrusted(.wrongSignature)) { try await upstream.signOut(by: token) }
    }

    @Test func countsOnce() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let token = try setup.provider.logoutToken(["sub": "ada"])
        _ = try await upstream.signOut(by: token)
        await #expect(throws: UpstreamFault.foreignAnswer(.replayedState)) { try await upstream.signOut(by: token) }
    }

    // The key sets of two connectors are two: what one signs is nothing to the other.
    @Test func isOfItsOwnConnector() async throws {
        let setup = try FederationSetup()
        let other = try FederationSetup(issuer: "https://other.example")
        let upstream = try setup.upstream()
        let token = try other.provider.logoutToken(["sub": "ada", "iss": .string(setup.provider.issuer)])
        await #expect(throws: UpstreamFault.self) { try await upstream.signOut(by: token) }
    }
}
