public import Federation
public import JOSE
public import JSON
public import MartletTesting
public import OAuthTypes
public import Stores
import TokenVerifier

/// A connector to a scripted provider, with a clock that stands still and everything in memory.
public struct FederationSetup: Sendable {
    /// The provider.
    public let provider: ScriptedUpstream
    /// The time on both sides.
    public let clock: TestClock
    /// Our records.
    public let storage: Storage
    /// What connectors work with.
    public let parts: Upstream.Parts
    /// Seals here.
    public let masterKey: MasterKey

    /// Our issuer.
    public static let root = "https://id.example"

    /// A provider and what it takes to talk to it.
    public init(issuer: String = "https://login.example", transport: (any UpstreamTransport)? = nil) throws {
        clock = TestClock()
        storage = .inMemory()
        masterKey = MasterKey(Secret([UInt8](repeating: 7, count: MasterKey.count)))!
        provider = try ScriptedUpstream(issuer: issuer, clock: clock)
        parts = Upstream.Parts(
            transport: transport ?? provider, masterKey: masterKey, clock: clock,
            verifierClock: ClockOfTest(clock: clock), random: SeededRandom(),
            spent: storage.secondFactors.spentChallenges,
            root: FederationSetup.root)
    }

    /// The same over another transport.
    public func parts(over transport: any UpstreamTransport) -> Upstream.Parts {
        Upstream.Parts(
            transport: transport, masterKey: masterKey, clock: clock, verifierClock: ClockOfTest(clock: clock),
            random: SeededRandom(), spent: storage.secondFactors.spentChallenges, root: FederationSetup.root)
    }

    /// The record of a connector; `settings` go over what is needed at least.
    public func connector(
        _ id: String = "login", kind: Connector.Kind = .openID, preset: String? = nil, settings: JSONObject = [:],
        secret: String? = nil
    ) throws -> Connector {
        var all: JSONObject = ["client_id": .string(provider.clientID)]
        if preset == nil, kind == .openID { all["issuer"] = .string(provider.issuer) }
        for member in settings { all[member.name] = member.value }
        let sealed = try masterKey.seal(
            Array((secret ?? provider.secret).utf8), purpose: Upstream.secretPurpose, boundTo: Array(id.utf8))
        return Connector(
            id: ConnectorID(rawValue: id), kind: kind, preset: preset, name: "Login",
            settings: String(
                decoding: all.jsonBytes(), as: UTF8.self), sealedSecret: sealed, position: 0, createdAt: .noon,
            updatedAt: .noon, disabledAt: nil)
    }

    /// The connector at work.
    public func upstream(
        _ id: String = "login", kind: Connector.Kind = .openID, preset: String? = nil, settings: JSONObject = [:],
        secret: String? = nil
    ) throws -> Upstream {
        try Upstream(try connector(id, kind: kind, preset: preset, settings: settings, secret: secret), parts)
    }
}

/// A browser that signs in: all it does is to carry addresses.
public struct ScriptedBrowser: Sendable {
    /// The digest of its cookie.
    public let digest: TokenDigest

    /// A browser of a number.
    public init(_ number: Int = 1) { digest = .numbered(number) }

    /// Goes to the provider and comes back; answers what it comes back with.
    public func visit(
        _ upstream: Upstream, at provider: ScriptedUpstream, as person: ScriptedPerson = ScriptedPerson(),
        for purpose: String = "test", _ wishes: Upstream.Wishes = Upstream.Wishes()
    ) async throws -> Upstream.Answer {
        let address = try await upstream.authorizationAddress(for: purpose, in: digest, wishes)
        return try Self.answer(try provider.authorize(address, as: person))
    }

    /// What a query says.
    public static func answer(_ query: String) throws -> Upstream.Answer {
        Upstream.Answer(try FormParameters(decoding: Array(query.utf8)))
    }

    /// Shows us what it came back with.
    public func finish(_ answer: Upstream.Answer, at upstream: Upstream) async throws -> UpstreamIdentity {
        let state = try upstream.state(of: answer, in: digest)
        return try await upstream.identity(answer, state)
    }

    /// All of it.
    public func signIn(
        _ upstream: Upstream, at provider: ScriptedUpstream, as person: ScriptedPerson = ScriptedPerson(),
        _ wishes: Upstream.Wishes = Upstream.Wishes()
    ) async throws -> UpstreamIdentity {
        try await finish(try await visit(upstream, at: provider, as: person, wishes), at: upstream)
    }
}

/// The clock of a test, as the verifier of tokens wants it.
struct ClockOfTest: VerifierClock {
    let clock: TestClock

    var seconds: Int64 { clock.now.seconds }
    var elapsed: Duration { clock.now - Timestamp(microseconds: 0) }

    func sleep(for duration: Duration) async throws { await Task.yield() }
}
