import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("A provider that is dead is left alone for a while")
struct CircuitTests {
    @Test func afterAFewFailuresNobodyAsksUntilItIsTime() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        setup.provider.misbehave(.dead)
        for _ in 0..<CircuitBreaker.tolerance {
            #expect(!upstream.isResting)
            await #expect(throws: UpstreamFault.unavailable(.unreachable)) {
                try await ScriptedBrowser().visit(upstream, at: setup.provider)
            }
        }
        let asked = setup.provider.calls.count
        #expect(upstream.isResting)
        await #expect(throws: UpstreamFault.unavailable(.circuitOpen)) {
            try await ScriptedBrowser().visit(upstream, at: setup.provider)
        }
        #expect(setup.provider.calls.count == asked)
        // One tries, and it is still dead: the others need not.
        setup.clock.advance(by: CircuitBreaker.pause)
        #expect(!upstream.isResting)
        _ = try? await ScriptedBrowser().visit(upstream, at: setup.provider)
        #expect(setup.provider.calls.count == asked + 1 && upstream.isResting)
        // It comes back.
        setup.provider.misbehave()
        setup.clock.advance(by: CircuitBreaker.pause)
        _ = try await ScriptedBrowser().signIn(upstream, at: setup.provider)
        #expect(!upstream.isResting)
    }

    // What a person or an operator does wrong says nothing about the provider.
    @Test func refusalsAreNoFailures() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        setup.provider.misbehave(.refusesTheClient)
        for _ in 0..<5 {
            await #expect(throws: UpstreamFault.misconfigured(.refusedClient)) {
                try await ScriptedBrowser().signIn(upstream, at: setup.provider)
            }
        }
        #expect(!upstream.isResting)
    }

    // What one person sends may make the provider fail for them; nobody else is to lose the button by it.
    @Test(arguments: [ScriptedUpstream.Misbehaviour.failsAtTheTokenEndpoint, .hugeTokenAnswer, .redirectsTheTokenCall])
    func failuresOfOnePersonsAnswerAreNoFailures(_ misbehaviour: ScriptedUpstream.Misbehaviour) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        setup.provider.misbehave(misbehaviour)
        for _ in 0..<(2 * CircuitBreaker.tolerance) {
            await #expect(throws: UpstreamFault.self) {
                try await ScriptedBrowser().signIn(upstream, at: setup.provider)
            }
        }
        #expect(!upstream.isResting)
        setup.provider.misbehave(.slowTokenAnswer)
        for _ in 0..<CircuitBreaker.tolerance {
            _ = try? await ScriptedBrowser().signIn(upstream, at: setup.provider)
        }
        #expect(upstream.isResting)
    }

    // The endpoints that answer do not hide one that never does; keys that are known do while it is silent.
    @Test func aKeySetThatCannotBeHadRestsAsWell() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        setup.provider.misbehave(.slowKeySet)
        for number in 0..<CircuitBreaker.tolerance {
            // The failure before is forgiven by then.
            if number > 0 { setup.clock.advance(by: .seconds(60)) }
            #expect(!upstream.isResting)
            _ = try? await ScriptedBrowser().signIn(upstream, at: setup.provider)
        }
        let asked = setup.provider.calls.count { $0.hasSuffix("/keys") }
        #expect(asked == CircuitBreaker.tolerance)
        #expect(upstream.isResting)
        _ = try? await ScriptedBrowser().signIn(upstream, at: setup.provider)
        #expect(setup.provider.calls.count { $0.hasSuffix("/keys") } == asked)
        setup.provider.misbehave()
        setup.clock.advance(by: .seconds(120))
        _ = try await ScriptedBrowser().signIn(upstream, at: setup.provider)
        #expect(!upstream.isResting)
    }

    @Test func oneDeadConnectorLeavesTheOthersAlone() async throws {
        let setup = try FederationSetup()
        let other = try FederationSetup(issuer: "https://other.example")
        let (dead, well) = (try setup.upstream("dead"), try other.upstream("well"))
        setup.provider.misbehave(.dead)
        for _ in 0..<5 { _ = try? await ScriptedBrowser().visit(dead, at: setup.provider) }
        #expect(dead.isResting && !well.isResting)
        _ = try await ScriptedBrowser().signIn(well, at: other.provider)
    }
}
