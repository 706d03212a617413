import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("What a provider says of itself")
struct UpstreamDiscoveryTests {
    private let setup: FederationSetup

    init() throws { setup = try FederationSetup() }

    private func document(_ path: String) throws -> UpstreamMetadata {
        let issuer = setup.provider.issuer
        let document: JSONObject = [
            "issuer": .string(issuer), "authorization_endpoint": .string(issuer + path),
            "token_endpoint": .string(issuer + "/token"), "jwks_uri": .string(issuer + "/keys"),
        ]
        return try UpstreamMetadata(document: document.jsonBytes(), try setup.upstream().settings)
    }

    private var documentsAskedFor: Int { setup.provider.calls.count { $0.hasSuffix("/openid-configuration") } }

    private func visit(_ upstream: Upstream) async throws {
        _ = try await ScriptedBrowser().visit(upstream, at: setup.provider)
    }

    /// Asks five times at once; `answer` waits until all others wait for it.
    private func askTogether(
        _ discovery: UpstreamDiscovery, _ answer: Result<UpstreamMetadata, UpstreamFault>, asked: Tally
    ) async throws -> [Result<UpstreamMetadata, UpstreamFault>] {
        try await concurrently(5) { [setup] in
            do throws(UpstreamFault) {
                return .success(
                    try await discovery.metadata(at: setup.clock.now) { () async throws(UpstreamFault) in
                        await asked.add()
                        while discovery.waitingCount < 4 { await Task.yield() }
                        return try answer.get()
                    })
            } catch {
                return .failure(error)
            }
        }
    }

    @Test(arguments: [true, false])
    func isAskedForOnceAtATime(_ isUp: Bool) async throws {
        let (discovery, asked) = (UpstreamDiscovery(), Tally())
        let answer: Result<UpstreamMetadata, UpstreamFault> =
            isUp ? .success(try document("/authorize")) : .failure(.unavailable(.timedOut))
        #expect(try await askTogether(discovery, answer, asked: asked) == Array(repeating: answer, count: 5))
        #expect(await asked.count == 1)
    }

    @Test func whoGoesAwayLeavesTheQuestionToTheNext() async throws {
        let (discovery, asked) = (UpstreamDiscovery(), Tally())
        let metadata = try document("/authorize")
        let first = Task { [setup] in
            try await discovery.metadata(at: setup.clock.now) { () async throws(UpstreamFault) in
                await asked.add()
                while !Task.isCancelled { await Task.yield() }
                throw .unavailable(.cancelled)
            }
        }
        while await asked.count == 0 { await Task.yield() }
        async let second = discovery.metadata(at: setup.clock.now) { () async throws(UpstreamFault) in metadata }
        while discovery.waitingCount < 1 { await Task.yield() }
        first.cancel()
        #expect(try await second == metadata)
        await #expect(throws: UpstreamFault.unavailable(.cancelled)) { try await first.value }
        #expect(discovery.known == metadata)
    }

    @Test func anOldOneDoesWhileSomebodyAsks() async throws {
        let discovery = UpstreamDiscovery()
        let (old, new) = (try document("/old"), try document("/new"))
        _ = try await discovery.metadata(at: setup.clock.now) { () async throws(UpstreamFault) in old }
        setup.clock.advance(by: UpstreamDiscovery.lifetime)
        let now = setup.clock.now
        let found = try await discovery.metadata(at: now) { () async throws(UpstreamFault) in
            #expect(
                try await discovery.metadata(at: now) { () async throws(UpstreamFault) in
                    throw .unavailable(.unreachable)
                } == old)
            return new
        }
        #expect(found == new && discovery.known == new)
        // And where the provider does not answer by then.
        setup.clock.advance(by: UpstreamDiscovery.lifetime)
        #expect(
            try await discovery.metadata(at: setup.clock.now) { () async throws(UpstreamFault) in
                throw .unavailable(.unreachable)
            } == new)
    }

    @Test func whatIsWrongWithItCountsForAWhile() async throws {
        let upstream = try setup.upstream()
        setup.provider.misbehave(.brokenDiscovery)
        for _ in 0..<5 {
            await #expect(throws: UpstreamFault.misconfigured(.malformedDiscovery)) { try await visit(upstream) }
        }
        #expect(documentsAskedFor == 1)
        setup.provider.misbehave()
        setup.clock.advance(by: UpstreamDiscovery.faultLifetime)
        try await visit(upstream)
        try await visit(upstream)
        #expect(documentsAskedFor == 2)
    }
}

private actor Tally {
    private(set) var count = 0

    func add() { count += 1 }
}
