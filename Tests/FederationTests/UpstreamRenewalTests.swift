import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("Tokens of a provider are renewed by one at a time")
struct UpstreamRenewalTests {
    private let setup: FederationSetup
    private let session = Session.withEveryFieldSet()
    private static let id = ConnectorID(rawValue: "login")

    init() throws { setup = try FederationSetup() }

    private var store: any UpstreamSessionStore { setup.storage.upstreamSessions }
    /// What one node knows.
    private var node: Federation { Federation(setup.storage.connectors, setup.parts) }

    /// A session whose access token ends in `seconds`.
    private func begin(endsIn seconds: Int64, leasedFor lease: Int64? = nil, refreshToken: String? = nil) async throws {
        _ = try await setup.storage.users.insert(.withNothingOptional(id: session.userID.rawValue))
        #expect(
            try await setup.storage.connectors.insert(setup.connector(settings: ["keep_tokens": true])))
        try await setup.storage.sessions.start(session, replacing: nil)
        let link = LinkedIdentity(
            connector: Self.id, subject: "ada", userID: session.userID, email: nil, name: nil, linkedAt: .noon,
            lastUsedAt: nil)
        #expect(try await setup.storage.links.link(link) == .linked)
        try await note(endsIn: seconds, leasedFor: lease, refreshToken: refreshToken ?? "refresh-of-1")
    }

    private func note(endsIn seconds: Int64, leasedFor lease: Int64?, refreshToken: String?) async throws {
        var tokens = UpstreamTokens()
        tokens.accessToken = "old"
        tokens.refreshToken = refreshToken
        tokens.expiresAt = setup.clock.now + .seconds(seconds)
        tokens.renewedUntil = lease.map { setup.clock.now + .seconds($0) }
        try await store.note(
            UpstreamSession(
                sessionID: session.id, connector: Self.id, subject: "ada", providerSession: nil, userID: session.userID,
                sealedTokens: try tokens.sealed(for: session.id, by: setup.masterKey), createdAt: setup.clock.now,
                expiresAt: session.expiresAt))
    }

    private func tokens(_ node: Federation) async throws -> UpstreamTokens? {
        try await node.tokens(of: session.id, at: Self.id, in: store, setup.storage.links)
    }

    private var renewals: Int { setup.provider.calls.count { $0.hasSuffix("/token") } }

    @Test func onWhicheverNodeTheyAre() async throws {
        try await begin(endsIn: 0)
        let nodes = [node, node, node]
        let found = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<12 { group.addTask { try await tokens(nodes[number % 3])?.accessToken } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(found == Array(repeating: "renewed-by-refresh-of-1", count: 12))
        #expect(renewals == 1)
    }

    @Test func whatStillCountsIsHandedOutMeanwhile() async throws {
        try await begin(endsIn: 20, leasedFor: 10)
        #expect(try await tokens(node)?.accessToken == "old")
        #expect(renewals == 0)
        try await note(endsIn: 20, leasedFor: nil, refreshToken: "refresh-of-1")
        #expect(try await tokens(node)?.accessToken == "renewed-by-refresh-of-1")
    }

    // A node that dies while it renews keeps nobody for long.
    @Test func aLeaseOfSomebodyWhoIsGoneEnds() async throws {
        try await begin(endsIn: 0, leasedFor: 10)
        await #expect(throws: UpstreamFault.unavailable(.timedOut)) { try await tokens(node) }
        #expect(renewals == 0)
        setup.clock.advance(by: .seconds(10))
        #expect(try await tokens(node)?.accessToken == "renewed-by-refresh-of-1")
    }

    @Test func aProviderThatFailsLeavesThemToTheNext() async throws {
        try await begin(endsIn: 0)
        setup.provider.misbehave(.slowTokenAnswer)
        let node = node
        await #expect(throws: UpstreamFault.unavailable(.timedOut)) { try await tokens(node) }
        setup.provider.misbehave(.refusesTheCode)
        #expect(try await tokens(node) == nil)
        setup.provider.misbehave()
        #expect(try await tokens(node)?.accessToken == "renewed-by-refresh-of-1")
        #expect(try await tokens(node)?.renewedUntil == nil)
    }

    // `keys reseal` while somebody renews: the new tokens are not lost for it.
    @Test func whatIsSealedAnewMeanwhileIsReplacedToo() async throws {
        try await begin(endsIn: 0)
        let (store, session, masterKey) = (store, session, setup.masterKey)
        let transport = Meanwhile(provider: setup.provider) {
            let sealed = try #require(try await store.find(session.id, at: .noon)?.sealedTokens)
            let tokens = try #require(UpstreamTokens(sealed, of: session.id, masterKey))
            let again = try #require(try tokens.sealed(for: session.id, by: masterKey))
            #expect(try await store.replaceTokens(of: session.id, sealed, by: again))
        }
        let parts = Upstream.Parts(
            transport: transport, masterKey: masterKey, clock: setup.clock, verifierClock: setup.parts.verifierClock,
            random: setup.parts.random, spent: setup.parts.spent, root: FederationSetup.root)
        let found = try await tokens(Federation(setup.storage.connectors, parts))
        #expect(found?.accessToken == "renewed-by-refresh-of-1")
        let kept = try #require(try await store.find(session.id, at: setup.clock.now)?.sealedTokens)
        #expect(UpstreamTokens(kept, of: session.id, setup.masterKey) == found)
        #expect(try await tokens(node) == found)
        #expect(renewals == 1)
    }

    @Test func withoutARefreshTokenNobodyIsAsked() async throws {
        try await begin(endsIn: 0)
        try await note(endsIn: 0, leasedFor: nil, refreshToken: nil)
        #expect(try await tokens(node) == nil)
        #expect(renewals == 0)
    }

    // The node that signs out need not have met the provider.
    @Test func whereToSignOutIsKnownOnEveryNode() async throws {
        _ = try await setup.storage.users.insert(.withNothingOptional(id: session.userID.rawValue))
        #expect(try await setup.storage.connectors.insert(setup.connector(settings: ["sign_out": true])))
        try await setup.storage.sessions.start(session, replacing: nil)
        let first = node
        let upstream = try #require(try await first.find(Self.id))
        let identity = try await ScriptedBrowser().signIn(upstream, at: setup.provider)
        try await store.note(try first.record(identity, of: session))
        let calls = setup.provider.calls.count
        setup.provider.misbehave(.slowDiscovery)
        for node in [first, node] {
            let farewell = try #require(try await node.farewell(of: session, in: store))
            let address = farewell.address(leadingTo: nil, in: .numbered(1))
            #expect(address?.hasPrefix(setup.provider.issuer + "/logout?") == true)
        }
        #expect(setup.provider.calls.count == calls)
    }
}

/// The provider, while it gives out tokens of which something else happens here.
private struct Meanwhile: UpstreamTransport {
    let provider: ScriptedUpstream
    let action: @Sendable () async throws -> Void

    func send(_ request: OutgoingRequest) async throws -> UpstreamAnswer {
        if request.address.hasSuffix("/token") { try await action() }
        return try await provider.send(request)
    }
}
