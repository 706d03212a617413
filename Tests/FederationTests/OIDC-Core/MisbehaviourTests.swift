import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("A provider that misbehaves signs nobody in")
struct MisbehaviourTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let misbehaviour: ScriptedUpstream.Misbehaviour
        let fault: UpstreamFault
        var testDescription: String { "\(misbehaviour)" }

        init(_ misbehaviour: ScriptedUpstream.Misbehaviour, _ fault: UpstreamFault) {
            (self.misbehaviour, self.fault) = (misbehaviour, fault)
        }
    }

    static let onTheWayBack: [Case] = [
        Case(.wrongTokenIssuer, .untrusted(.wrongTokenIssuer)), Case(.otherAudience, .untrusted(.wrongAudience)),
        Case(.secondAudience, .untrusted(.wrongAudience)), Case(.otherNonce, .untrusted(.wrongNonce)),
        Case(.noNonce, .untrusted(.wrongNonce)), Case(.noAlgorithm, .untrusted(.wrongAlgorithm)),
        Case(.sharedSecretAlgorithm, .untrusted(.wrongAlgorithm)), Case(.foreignKey, .untrusted(.unknownKey)),
        Case(.foreignKeyUnderItsName, .untrusted(.wrongSignature)), Case(.expired, .untrusted(.expiredToken)),
        Case(.notYetValid, .untrusted(.expiredToken)),
        Case(.otherAccessTokenHash, .untrusted(.wrongAccessTokenHash)), Case(.noIDToken, .untrusted(.noIDToken)),
        Case(.noSubject, .untrusted(.malformedToken)), Case(.brokenToken, .untrusted(.malformedToken)),
        Case(.malformedTokenAnswer, .untrusted(.malformedTokenResponse)),
        Case(.hugeTokenAnswer, .unavailable(.answerTooLarge)), Case(.hugeKeySet, .unavailable(.answerTooLarge)),
        Case(.slowTokenAnswer, .unavailable(.timedOut)), Case(.slowKeySet, .unavailable(.timedOut)),
        Case(.redirectsTheTokenCall, .unavailable(.redirected)), Case(.redirectsKeySet, .unavailable(.noKeys)),
        Case(.refusesTheClient, .misconfigured(.refusedClient)), Case(.refusesTheCode, .foreignAnswer(.refusedCode)),
        Case(.failsAtTheTokenEndpoint, .unavailable(.serverError)), Case(.dead, .unavailable(.unreachable)),
    ]

    @Test(.spec("OpenID Connect Core §3.1.3.7"), arguments: onTheWayBack)
    func isRefusedOnTheWayBack(_ example: Case) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let answer = try await ScriptedBrowser().visit(upstream, at: setup.provider)
        setup.provider.misbehave(example.misbehaviour)
        let fault = await #expect(throws: UpstreamFault.self) {
            try await ScriptedBrowser().finish(answer, at: upstream)
        }
        #expect(fault == example.fault)
        // The same provider, well again, when it is asked again.
        setup.provider.misbehave()
        setup.clock.advance(by: .seconds(600))
        let identity = try await ScriptedBrowser().signIn(upstream, at: setup.provider)
        #expect(identity.subject == "ada")
    }

    // Its tokens live for 300 seconds.
    @Test(
        "Clocks may differ by a minute, and no more", .spec("RFC 7519 §4.1.4", "RFC 7519 §4.1.6"),
        arguments: [
            (Int64(59), true), (61, false), (-359, true), (-361, false),
        ])
    func clocksDiffer(_ seconds: Int64, _ isTaken: Bool) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        setup.provider.runAhead(by: seconds)
        let answer = try await ScriptedBrowser().visit(upstream, at: setup.provider)
        let subject = try? await ScriptedBrowser().finish(answer, at: upstream).subject
        #expect((subject != nil) == isTaken)
    }

    static let onTheWayThere: [Case] = [
        Case(.brokenDiscovery, .misconfigured(.malformedDiscovery)),
        Case(.otherIssuerInDiscovery, .misconfigured(.wrongDiscoveryIssuer)),
        Case(.plainTokenEndpoint, .misconfigured(.unsafeAddress)),
        Case(.privateTokenEndpoint, .misconfigured(.unsafeAddress)),
        Case(.hugeDiscovery, .unavailable(.answerTooLarge)), Case(.slowDiscovery, .unavailable(.timedOut)),
        Case(.redirectsDiscovery, .unavailable(.redirected)), Case(.dead, .unavailable(.unreachable)),
    ]

    @Test(.spec("OpenID Connect Discovery §4.3"), arguments: onTheWayThere)
    func isRefusedOnTheWayThere(_ example: Case) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        setup.provider.misbehave(example.misbehaviour)
        let fault = await #expect(throws: UpstreamFault.self) {
            try await ScriptedBrowser().visit(upstream, at: setup.provider)
        }
        #expect(fault == example.fault)
        setup.provider.misbehave()
        setup.clock.advance(by: UpstreamDiscovery.faultLifetime)
        _ = try await ScriptedBrowser().signIn(upstream, at: setup.provider)
    }

    @Test(.spec("OpenID Connect Core §5.3.2"))
    func whatIsAskedForMustBeAboutTheSamePerson() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        var person = ScriptedPerson()
        person.claims = ["sub": "ada"]
        setup.provider.misbehave(.otherPersonAtUserInfo)
        let fault = await #expect(throws: UpstreamFault.self) {
            try await ScriptedBrowser().signIn(upstream, at: setup.provider, as: person)
        }
        #expect(fault == .untrusted(.otherSubject))
        setup.provider.misbehave()
        let identity = try await ScriptedBrowser().signIn(upstream, at: setup.provider, as: person)
        #expect(identity.email?.rawValue == "ada@example.org" && identity.isEmailVerified)
    }

    @Test(arguments: [
        Case(.hugeProfile, .unavailable(.answerTooLarge)), Case(.slowProfile, .unavailable(.timedOut)),
        Case(.redirectsProfile, .unavailable(.redirected)),
    ])
    func theProfileIsBoundedToo(_ example: Case) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        var person = ScriptedPerson()
        person.claims = ["sub": "ada"]
        setup.provider.misbehave(example.misbehaviour)
        let fault = await #expect(throws: UpstreamFault.self) {
            try await ScriptedBrowser().signIn(upstream, at: setup.provider, as: person)
        }
        #expect(fault == example.fault)
        // No redirect is followed, so that none can go round.
        #expect(setup.provider.calls.count { $0.hasSuffix("/userinfo") } == 1)
        setup.provider.misbehave()
        #expect(try await ScriptedBrowser().signIn(upstream, at: setup.provider, as: person).subject == "ada")
    }

    // One that joins is tried by a test here.
    @Test func everyMisbehaviourIsTried() {
        let tried = (Self.onTheWayBack + Self.onTheWayThere).map(\.misbehaviour)
        let elsewhere: [ScriptedUpstream.Misbehaviour] = [
            .otherPersonAtUserInfo, .hugeProfile, .slowProfile, .redirectsProfile,
        ]
        #expect(Set(tried + elsewhere) == Set(ScriptedUpstream.Misbehaviour.allCases))
    }

    @Test func aNewKeyIsFetchedOnce() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        _ = try await ScriptedBrowser().signIn(upstream, at: setup.provider)
        _ = try setup.provider.rotate()
        for _ in 0..<3 { _ = try await ScriptedBrowser().signIn(upstream, at: setup.provider) }
        #expect(setup.provider.calls.count { $0.hasSuffix("/keys") } == 2)
    }

    // Tokens of keys that nobody has make it ask, a few times and then no more for a while.
    @Test func unknownKeysCauseNoStorm() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        _ = try await ScriptedBrowser().signIn(upstream, at: setup.provider)
        setup.provider.misbehave(.foreignKey)
        for _ in 0..<20 {
            await #expect(throws: UpstreamFault.untrusted(.unknownKey)) {
                try await ScriptedBrowser().signIn(upstream, at: setup.provider)
            }
        }
        #expect(setup.provider.calls.count { $0.hasSuffix("/keys") } <= 5)
    }
}
