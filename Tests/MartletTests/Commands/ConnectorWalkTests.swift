import Federation
import FederationTesting
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Martlet

@Suite("A sign-in at a provider by hand")
struct ConnectorWalkTests {
    private static let browser = TokenDigest.numbered(7)

    /// What the operator was told.
    private final class Shown {
        var text = ""
    }

    /// Walks the way as an operator does, whose browser ends at what `visit` makes of the address that is shown.
    private func walk(
        _ upstream: Upstream, _ visit: @escaping (String) throws -> String
    ) async throws -> UpstreamIdentity {
        let shown = Shown()
        return try await ConnectorWalk(
            upstream: upstream, browser: Self.browser, tell: { shown.text = $0 },
            ask: { _ in
                let address = shown.text.split(separator: "\n").first {
                    $0.hasPrefix("https://login.example")
                }
                return (try? visit(String(address ?? ""))) ?? ""
            }
        ).walk()
    }

    @Test(arguments: ["", "  ", "\n", "#fragment"])
    func provesWhoComesBack(_ tail: String) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let identity = try await walk(upstream) { address in
            upstream.redirectURI + "?" + (try setup.provider.authorize(address, as: ScriptedPerson())) + tail
        }
        #expect(identity.subject == "ada" && identity.email == Email("ada@example.org"))
        let none = try await ConnectorWalk.Acquaintance(of: identity, in: setup.storage)
        let lines = ConnectorWalk.lines(of: identity, upstream.settings.policy, none)
        #expect(lines.first?.value == "ada" && lines.last?.value.contains("an account is made") == true)
    }

    @Test func saysWhomItWouldOpen() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream(settings: ["may_link": false])
        let identity = try await walk(upstream) { try "x?" + setup.provider.authorize($0, as: ScriptedPerson()) }
        var user = User.withNothingOptional(id: "u_ada", email: "ada@example.org")
        user.isEmailVerified = true
        #expect(try await setup.storage.users.insert(user))
        func last() async throws -> (label: String, value: String)? {
            let known = try await ConnectorWalk.Acquaintance(of: identity, in: setup.storage)
            return ConnectorWalk.lines(of: identity, upstream.settings.policy, known).last
        }
        #expect(try await last()?.label == "Refused")
        let link = LinkedIdentity(
            connector: ConnectorID(rawValue: "login"), subject: "ada", userID: user.id, email: nil, name: nil,
            linkedAt: .noon, lastUsedAt: nil)
        #expect(try await setup.storage.links.link(link) == .linked)
        #expect(try await last()?.value == "opens the account of ada@example.org")
    }

    @Test func saysWhatIsWrong() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        await #expect(throws: CommandFailure.self) { try await walk(upstream) { _ in "nothing" } }
        await #expect(throws: UpstreamFault.declined) {
            try await walk(upstream) { address in
                let state = try ScriptedUpstream.query(of: address)[Parameter("state")] ?? ""
                return "x?"
                    + ScriptedUpstream.encode([
                        ("error", "access_denied"), ("state", state), ("iss", setup.provider.issuer),
                    ])
            }
        }
        setup.provider.misbehave(.otherAudience)
        await #expect(throws: UpstreamFault.untrusted(.wrongAudience)) {
            try await walk(upstream) { try "x?" + setup.provider.authorize($0, as: ScriptedPerson()) }
        }
        // The answer to an address of before is of no use.
        setup.provider.misbehave()
        let old = try await upstream.authorizationAddress(for: "test", in: TokenDigest.numbered(8))
        await #expect(throws: UpstreamFault.self) {
            try await walk(upstream) { _ in try "x?" + setup.provider.authorize(old, as: ScriptedPerson()) }
        }
    }

    @Test func everyReasonHasARemedy() {
        for reason in UpstreamFault.Reason.allCases {
            #expect(reason.remedy.hasSuffix("."))
        }
    }
}
