import FederationTesting
import HTTP
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
            ("ada", nil), (nil, "s-1"), ("ada", "s-1"),
        ] as [(String?, String?)])
    func saysWhoseSessionsEnd(_ subject: String?, _ session: String?) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        var claims: JSONObject = [:]
        claims["sub"] = subject.map { .string($0) }
        claims["sid"] = session.map { .string($0) }
        for type in ["logout+jwt", "JWT", nil] as [JWSType?] {
            let end = try await upstream.signOut(by: try setup.provider.logoutToken(claims, type: type))
            #expect(
                end
                    == UpstreamSignOut(
                        connector: upstream.connector.id, subject: subject, providerSession: session,
                        saidAt: Timestamp(seconds: setup.clock.now.seconds)))
        }
    }

    struct Forgery: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let claims: JSONObject
        var type: JWSType? = "logout+jwt"

        static let all = [
            Forgery(testDescription: "another issuer", claims: ["iss": "https://evil.example"]),
            Forgery(testDescription: "another audience", claims: ["aud": "another-client"]),
            Forgery(testDescription: "a nonce, as ID tokens have it", claims: ["nonce": "n"]),
            Forgery(testDescription: "no event", claims: ["events": .null]),
            Forgery(testDescription: "another event", claims: ["events": ["urn:x": JSONValue.object([:])]]),
            Forgery(testDescription: "nobody", claims: ["sub": .null]),
            Forgery(testDescription: "no number", claims: ["jti": .null]),
            Forgery(testDescription: "no end", claims: ["exp": .null]),
            Forgery(testDescription: "no beginning", claims: ["iat": .null]),
            Forgery(testDescription: "too old", claims: ["exp": 1]),
            Forgery(testDescription: "another type", claims: [:], type: "at+jwt"),
        ]
    }

    @Test(.spec("OIDC Back-Channel Logout §2.6"), arguments: Forgery.all)
    func refuses(_ forgery: Forgery) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        var claims: JSONObject = ["sub": "ada"]
        for member in forgery.claims { claims[member.name] = member.value }
        await #expect(throws: UpstreamFault.self) {
            try await upstream.signOut(by: try setup.provider.logoutToken(claims, type: forgery.type))
        }
        _ = try await upstream.signOut(by: try setup.provider.logoutToken(["sub": "ada"]))
    }

    // Where people are known by another claim, `sub` names nobody.
    @Test(
        .spec("OIDC Back-Channel Logout §2.4"),
        arguments: [
            (["oid": "a-1", "sub": "ada"], "a-1"), (["oid": 4711, "sub": "ada"], "4711"),
            (["sid": "s-1", "sub": "ada"], nil),
        ] as [(JSONObject, String?)])
    func namesPeopleAsASignInDoes(_ claims: JSONObject, _ subject: String?) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream(settings: ["claims": ["subject": "oid"]])
        let end = try await upstream.signOut(by: try setup.provider.logoutToken(claims))
        #expect(end.subject == subject && end.providerSession == claims["sid"]?.string)
    }

    // Nobody would be signed out by it, and the provider would think they were.
    @Test func refusesATokenThatNamesNobodyHere() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream(settings: ["claims": ["subject": "oid"]])
        for claims in [["sub": "ada"], ["sub": "ada", "oid": ["x"]]] as [JSONObject] {
            let token = try setup.provider.logoutToken(claims)
            await #expect(throws: UpstreamFault.untrusted(.noSubject)) { try await upstream.signOut(by: token) }
        }
        let token = try setup.provider.logoutToken(["sub": "ada", "oid": "a-1"])
        #expect(try await upstream.signOut(by: token).subject == "a-1")
    }

    @Test func refusesAnotherSignature() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let forger = try SigningKey.generate().named(setup.provider.key.keyID)
        let token = try setup.provider.logoutToken(["sub": "ada"], signedBy: forger)
        await #expect(throws: UpstreamFault.untrusted(.wrongSignature)) { try await upstream.signOut(by: token) }
    }

    // The provider sends it again where we have failed in between.
    @Test func maySayTheSameTwice() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let token = try setup.provider.logoutToken(["sub": "ada"])
        let said = Timestamp(seconds: setup.clock.now.seconds)
        let first = try await upstream.signOut(by: token)
        setup.clock.advance(by: .seconds(10))
        #expect(try await upstream.signOut(by: token) == first)
        #expect(first.saidAt == said)
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
