import JOSE
import Testing

@testable import TokenVerifier

@Suite("The keys of an issuer", .timeLimit(.minutes(10)))
struct IssuerKeysTests {
    let issuer: Issuer
    let source: ScriptedSource
    let clock = FixedClock()

    init() throws {
        issuer = try Issuer()
        source = try ScriptedSource([issuer.key.publicKey])
    }

    private func makeKeys(_ change: (inout KeySetPolicy) -> Void = { _ in }) -> IssuerKeys {
        var policy = KeySetPolicy()
        change(&policy)
        return IssuerKeys(at: "keys", by: source, policy: policy, clock: clock)
    }

    private var kid: String { issuer.key.keyID }

    private func failure(_ body: () async throws(KeySetFailure) -> KeySnapshot) async -> KeySetFailure? {
        do throws(KeySetFailure) {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    // MARK: Their age

    @Test func areFetchedOnceAndKeptForTheirLifetime() async throws {
        let keys = makeKeys()
        #expect(keys.fresh == nil)
        for _ in 0..<3 { #expect(try await keys.current().keys.publicKey(withID: kid) != nil) }
        clock.advance(by: .seconds(299))
        _ = try await keys.current()
        #expect(source.requests == [ScriptedSource.Request(address: "keys", validator: nil)])
        clock.advance(by: .seconds(1))
        #expect(keys.fresh == nil)
        _ = try await keys.current()
        // The second time with the tag of the first, and what is unchanged is fresh again.
        #expect(source.requests.count == 2)
        #expect(source.requests.last?.validator == "\"\(kid)\"")
        clock.advance(by: .seconds(299))
        #expect(keys.fresh?.keys.publicKey(withID: kid) != nil)
    }

    @Test func areUsedWhileTheIssuerCannotBeReachedUpToABound() async throws {
        let keys = makeKeys { $0.staleness = .seconds(1000) }
        _ = try await keys.current()
        source.failure = .unreachable
        clock.advance(by: .seconds(1299))
        #expect(try await keys.current().keys.publicKey(withID: kid) != nil)
        #expect(keys.lastFailure == .unreachable)
        clock.advance(by: .seconds(1))
        #expect(await failure { () throws(KeySetFailure) in try await keys.current() } == .unreachable)
        source.failure = nil
        clock.advance(by: .seconds(10))
        _ = try await keys.current()
        #expect(keys.lastFailure == nil)
    }

    @Test func areNotAskedForOverAndOverAfterAFailure() async throws {
        let keys = makeKeys()
        source.failure = .timedOut
        for _ in 0..<5 { #expect(await failure { () throws(KeySetFailure) in try await keys.current() } == .timedOut) }
        #expect(source.requests.count == 1)
        clock.advance(by: .seconds(10))
        #expect(await failure { () throws(KeySetFailure) in try await keys.current() } == .timedOut)
        #expect(source.requests.count == 2)
    }

    @Test func areSoughtAnewWhenTheyAreNoLongerWhereTheyWere() async throws {
        let discovery = "https://id.example/.well-known/openid-configuration"
        let document = #"{"issuer":"https://id.example","jwks_uri":"PLACE"}"#
        func point(to place: String) {
            let text = document.replacing("PLACE", with: place)
            source[discovery] = .document(Array(text.utf8), lifetime: nil, validator: nil)
        }
        point(to: "keys")
        let keys = IssuerKeys(discoveredFrom: "https://id.example", by: source, clock: clock)
        _ = try await keys.current()
        clock.advance(by: .seconds(300))
        _ = try await keys.current()
        // Discovered once.
        #expect(source.requests.map(\.address) == [discovery, "keys", "keys"])
        point(to: "moved")
        source["keys"] = nil
        let other = try Issuer()
        try source.publish([other.key.publicKey], at: "moved")
        clock.advance(by: .seconds(300))
        _ = try await keys.current()
        #expect(keys.lastFailure == .refused(status: 404))
        clock.advance(by: .seconds(10))
        #expect(try await keys.current().keys.publicKey(withID: other.key.keyID) != nil)
        // Without the tag of the document elsewhere.
        #expect(source.requests.last == ScriptedSource.Request(address: "moved", validator: nil))
    }

    // MARK: Keys that are not among them

    @Test func areAskedForAnewWhenOneIsUnknown() async throws {
        let keys = makeKeys()
        let before = try await keys.current()
        let other = try Issuer()
        try source.publish([issuer.key.publicKey, other.key.publicKey])
        let after = try await keys.newer(than: before)
        #expect(after.keys.publicKey(withID: other.key.keyID) != nil)
        #expect(after.epoch == before.epoch)
    }

    @Test func causeNoStormForUnknownOnes() async throws {
        let keys = makeKeys()
        for _ in 0..<100 { _ = try await keys.newer(than: keys.current()) }
        // The first keys, and a burst of three.
        #expect(source.requests.count == 4)
        clock.advance(by: .seconds(59))
        _ = try await keys.newer(than: keys.current())
        #expect(source.requests.count == 4)
        clock.advance(by: .seconds(1))
        for _ in 0..<100 { _ = try await keys.newer(than: keys.current()) }
        #expect(source.requests.count == 5)
        // What was saved up is the burst and no more.
        clock.advance(by: .seconds(280))
        for _ in 0..<100 { _ = try await keys.newer(than: keys.current()) }
        #expect(source.requests.count == 8)
    }

    @Test func areNotAskedForAnUnknownOneAfterAFailure() async throws {
        let keys = makeKeys()
        let held = try await keys.current()
        source.failure = .unreachable
        for _ in 0..<3 { _ = try await keys.newer(than: keys.current()) }
        #expect(source.requests.count == 2)
        // Somebody has asked since that snapshot.
        source.failure = nil
        clock.advance(by: .seconds(10))
        _ = try await keys.newer(than: held)
        #expect(source.requests.count == 2)
        _ = try await keys.newer(than: keys.current())
        #expect(source.requests.count == 3)
    }

    // MARK: Many at a time

    @Test func areFetchedOnceForAllWhoWait() async throws {
        let keys = makeKeys()
        source.shut()
        try await withThrowingTaskGroup(of: KeySnapshot.self) { group in
            for _ in 0..<32 { group.addTask { try await keys.current() } }
            await eventually { source.requests.count == 1 && keys.waitingCount == 31 }
            source.open()
            for try await snapshot in group { #expect(snapshot.keys.publicKey(withID: kid) != nil) }
        }
        #expect(source.requests.count == 1)
    }

    @Test func areFetchedByOneWhileOthersUseTheOld() async throws {
        let keys = makeKeys()
        _ = try await keys.current()
        clock.advance(by: .seconds(300))
        source.shut()
        async let asking = keys.current()
        await eventually { source.requests.count == 2 }
        for _ in 0..<10 { _ = try await keys.current() }
        source.open()
        _ = try await asking
        #expect(source.requests.count == 2)
    }

    @Test func areFetchedOnceForAllWithAnUnknownOne() async throws {
        let keys = makeKeys()
        let held = try await keys.current()
        let other = try Issuer()
        try source.publish([issuer.key.publicKey, other.key.publicKey])
        source.shut()
        try await withThrowingTaskGroup(of: KeySnapshot.self) { group in
            for _ in 0..<32 { group.addTask { try await keys.newer(than: held) } }
            await eventually { source.requests.count == 2 && keys.waitingCount == 31 }
            source.open()
            for try await snapshot in group { #expect(snapshot.keys.publicKey(withID: other.key.keyID) != nil) }
        }
        #expect(source.requests.count == 2)
    }

    @Test func areAskedForByTheNextWhenWhoeverAskedIsCancelled() async throws {
        let keys = makeKeys()
        source.shut()
        let first = Task { try await keys.current() }
        await eventually { source.requests.count == 1 }
        let second = Task { try await keys.current() }
        await eventually { keys.waitingCount == 1 }
        first.cancel()
        source.open()
        await #expect(throws: KeySetFailure.cancelled) { try await first.value }
        #expect(try await second.value.keys.publicKey(withID: kid) != nil)
        #expect(source.requests.count == 2)
        // Nobody was at fault.
        #expect(keys.lastFailure == nil)
    }

    @Test func areWaitedForNoLongerByWhoIsCancelled() async throws {
        let keys = makeKeys()
        source.shut()
        let first = Task { try await keys.current() }
        await eventually { source.requests.count == 1 }
        let second = Task { try await keys.current() }
        await eventually { keys.waitingCount == 1 }
        second.cancel()
        await #expect(throws: KeySetFailure.cancelled) { try await second.value }
        #expect(keys.waitingCount == 0)
        source.open()
        _ = try await first.value
    }

    @Test func areGivenUpWhenASourceCallsItselfCancelled() async {
        let keys = makeKeys()
        source.failure = .cancelled
        #expect(await failure { () throws(KeySetFailure) in try await keys.current() } == .unreachable)
        #expect(source.requests.count == 1)
    }

    // MARK: Ahead of time

    @Test func areKeptFreshSoThatNobodyWaits() async throws {
        let keys = makeKeys()
        let work = Task { await keys.keepFresh() }
        await eventually { source.requests.count >= 10 }
        work.cancel()
        await work.value
        #expect(keys.lastFailure == nil)
        // Twelve seconds before they grow old.
        #expect(clock.slept.allSatisfy { $0 == .seconds(288) })
    }

    @Test func areKeptFreshAfterFailuresToo() async throws {
        let keys = makeKeys()
        source.failure = .unreachable
        let work = Task { await keys.keepFresh() }
        await eventually { source.requests.count >= 3 }
        source.failure = nil
        await eventually { keys.fresh != nil }
        work.cancel()
        await work.value
        #expect(clock.slept.first == .seconds(10))
    }

    @Test func areThoseThatWereGivenAndNoOthers() async throws {
        let keys = IssuerKeys(try JWKSet([issuer.key.publicKey]))
        let held = try await keys.current()
        #expect(held.keys.publicKey(withID: kid) != nil)
        #expect(try await keys.newer(than: held).keys == held.keys)
        await keys.keepFresh()
    }
}
