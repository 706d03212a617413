import FederationTesting
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("People of connectors who wait")
struct PendingLinkTests {
    private func identity(_ setup: FederationSetup) async throws -> UpstreamIdentity {
        let upstream = try setup.upstream(settings: [
            "keep_tokens": true, "claims": ["groups": "groups"], "second_factor": "always",
        ])
        var person = ScriptedPerson()
        for member in ["groups": ["a", "b"], "nickname": "N", "sid": "s-1", "auth_time": 7] as JSONObject {
            person.claims[member.name] = member.value
        }
        return try await ScriptedBrowser().signIn(upstream, at: setup.provider, as: person)
    }

    @Test func allThatTheProviderSaidComesBackInThatBrowserAlone() async throws {
        let setup = try FederationSetup()
        let federation = Federation(setup.storage.connectors, setup.parts)
        let identity = try await identity(setup)
        #expect(identity.groups?.count == 2 && identity.tokens.accessToken != nil)
        #expect(identity.details == [.nickname: "N"] && identity.provenAt != nil && !identity.methods.isEmpty)
        let (mine, theirs) = (ScriptedBrowser().digest, ScriptedBrowser(2).digest)
        let user = UserID(rawValue: "u_1")
        for goal in [PendingLink.Goal.link(user), .secondFactor(user), .account(purpose: "interaction 1")] {
            let pending = PendingLink(identity, for: goal)
            let record = try federation.record(of: pending, under: .numbered(9), in: mine)
            #expect(record.subject == identity.subject && record.providerSession == "s-1")
            #expect(federation.pendingLink(record, in: mine) == pending)
            #expect(federation.pendingLink(record, in: theirs) == nil)
        }
    }

    // Whoever can write to the database cannot put what one waits for in the place of another's.
    @Test func whatIsSealedCountsUnderItsOwnDigest() async throws {
        let setup = try FederationSetup()
        let federation = Federation(setup.storage.connectors, setup.parts)
        let browser = ScriptedBrowser().digest
        let pending = PendingLink(try await identity(setup), for: .link(UserID(rawValue: "u_1")))
        let record = try federation.record(of: pending, under: .numbered(9), in: browser)
        let moved = PendingIdentity(
            digest: .numbered(10), browser: record.browser, connector: record.connector, subject: record.subject,
            providerSession: record.providerSession, userID: record.userID, sealed: record.sealed,
            createdAt: record.createdAt, expiresAt: record.expiresAt)
        #expect(federation.pendingLink(moved, in: browser) == nil)
        #expect(federation.pendingLink(record, in: browser) == pending)
    }
}
