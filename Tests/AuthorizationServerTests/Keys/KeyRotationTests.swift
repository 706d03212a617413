import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import AuthorizationServer

@Suite("Life of signing keys", .spec("D-17", "D-18", "X-05", "OpenID Connect Core §10.1.1"))
struct KeyRotationTests {
    private func states(_ server: TestServer) async throws -> [SigningKeyRecord.State] {
        try await server.storage.keys.list().map(\.state).sorted { $0.rawValue < $1.rawValue }
    }

    private func rotation(_ server: TestServer) -> KeyRotation {
        KeyRotation(
            server.storage.keys, masterKey: server.masterKey, clock: server.clock, policy: server.environment.policy)
    }

    @Test func beginsOnceWithAKeyThatSignsAndOneThatIsKnown() async throws {
        let server = try await TestServer()
        let keys = try await server.storage.keys.list().map(\.id)
        #expect(try await states(server) == [.current, .next])
        try await rotation(server).begin()
        #expect(try await server.storage.keys.list().map(\.id) == keys)
        #expect(server.environment.keys.published?.keys.count == 2)
    }

    @Test func publishesAKeyBeforeItSignsAndAfter() async throws {
        let server = try await TestServer()
        let next = try #require(try await server.storage.keys.list().first { $0.state == .next })
        #expect(server.environment.keys.published?.keys.contains { $0.keyID == next.id.rawValue } == true)
        let old = try await server.redeem(server.authorize())
        #expect(try await rotation(server).rotate() == next.id)
        try server.environment.keys.load(try await server.storage.keys.list(), opening: server.masterKey)
        let new = try await server.redeem(server.authorize())
        #expect(try UnverifiedJWT(parsing: new.accessToken).header.keyID == next.id.rawValue)
        #expect(try await states(server) == [.current, .next, .retiring])
        _ = try await server.userInfo(old.accessToken)
    }

    @Test func rotatesOnItsScheduleAndDropsWhatHasRetired() async throws {
        let server = try await TestServer()
        let first = try await server.storage.keys.list().first { $0.state == .current }
        server.clock.advance(by: .seconds(90 * 86_400 - 1))
        try await rotation(server).maintain()
        #expect(try await states(server) == [.current, .next])
        server.clock.advance(by: .seconds(1))
        try await rotation(server).maintain()
        #expect(try await states(server) == [.current, .next, .retiring])
        // As long as a token that it signed may live, and an hour.
        server.clock.advance(by: .seconds(2 * 3600 - 1))
        try await rotation(server).maintain()
        #expect(try await states(server).contains(.retiring))
        server.clock.advance(by: .seconds(1))
        try await rotation(server).maintain()
        #expect(try await states(server) == [.current, .next])
        #expect(try await !server.storage.keys.list().contains { $0.id == first?.id })
    }

    @Test func aKeyThatCannotBeOpenedIsLeftOutUnlessItSigns() async throws {
        let server = try await TestServer()
        let ring = server.environment.keys
        let tokens = try await server.redeem(server.authorize())
        let records = try await server.storage.keys.list()
        func damaged(_ state: SigningKeyRecord.State) throws -> [SigningKeyRecord] {
            let place = try #require(records.firstIndex { $0.state == state })
            var sealed = records[place].sealed
            sealed[sealed.count - 1] ^= 1
            var others = records
            others[place] = SigningKeyRecord(
                id: KeyID(rawValue: "damaged"), algorithm: records[place].algorithm, sealed: sealed, state: state,
                createdAt: records[place].createdAt, changedAt: records[place].changedAt)
            return others
        }
        try ring.load(try damaged(.next), opening: server.masterKey)
        #expect(ring.unopened == [KeyID(rawValue: "damaged")])
        #expect(ring.published?.keys.count == records.count - 1)
        _ = try await server.userInfo(tokens.accessToken)
        #expect(throws: KeyRing.LoadError.self) {
            try ring.load(try damaged(.current), opening: server.masterKey)
        }
        try ring.load(records, opening: server.masterKey)
        #expect(ring.unopened.isEmpty && ring.published?.keys.count == records.count)
    }

    @Test func takesOneStepWhenManyNodesTry() async throws {
        let server = try await TestServer()
        let rotation = rotation(server)
        let outcomes = try await concurrently(10) {
            do {
                return try await rotation.rotate()
            } catch is KeyRotation.Refusal {
                // Who came later found a next key that is too new.
                return nil
            }
        }
        let count = try await server.storage.keys.list().count
        #expect(outcomes.compactMap { $0 }.count == count - 2)
        #expect(try await states(server).count { $0 == .current } == 1)
    }

    @Test func aKeySignsOnceEveryCopyOfTheKeySetHasIt() async throws {
        let server = try await TestServer()
        let rotation = rotation(server)
        // The first two keys were published together, before this second.
        server.clock.advance(by: .seconds(1))
        #expect(try await rotation.rotate() != nil)
        let next = try #require(try await server.storage.keys.list().first { $0.state == .next })
        let moment = next.createdAt + server.environment.policy.keyPublication
        await #expect(throws: KeyRotation.Refusal.unpublished(next.id, until: moment)) { try await rotation.rotate() }
        #expect(server.environment.policy.keyPublication > Policy.keySetLifetime + .seconds(2))
        server.clock.advance(by: server.environment.policy.keyPublication - .microseconds(1))
        await #expect(throws: KeyRotation.Refusal.self) { try await rotation.rotate() }
        server.clock.advance(by: .microseconds(1))
        #expect(try await rotation.rotate() == next.id)
    }

    private func severalAlgorithms() -> Policy {
        var policy = Policy()
        policy.signingAlgorithms = [.es256, .edDSA]
        return policy
    }

    private func states(_ server: TestServer, of algorithm: SignatureAlgorithm) async throws -> [SigningKeyRecord.State]
    {
        try await server.storage.keys.list().filter { $0.algorithm == algorithm.rawValue }.map(\.state)
            .sorted { $0.rawValue < $1.rawValue }
    }

    @Test func everyAlgorithmHasAKeyFromTheStartAndASuccessorSoon() async throws {
        var policy = severalAlgorithms()
        policy.signingAlgorithms.append(.rs256)
        let server = try await TestServer(policy: policy)
        #expect(server.environment.keys.algorithms == [.es256, .edDSA, .rs256])
        for algorithm in [SignatureAlgorithm.es256, .edDSA] {
            #expect(try await states(server, of: algorithm) == [.current, .next])
        }
        // Nobody waits for a second RSA key.
        #expect(try await states(server, of: .rs256) == [.current])
        server.clock.advance(by: .seconds(1))
        await #expect(throws: KeyRotation.Refusal.noNextKey(.rs256)) { try await rotation(server).rotate(.rs256) }
        try await rotation(server).maintain()
        #expect(try await states(server, of: .rs256) == [.current, .next])
        await #expect(throws: KeyRotation.Refusal.self) { try await rotation(server).rotate(.rs256) }
        server.clock.advance(by: policy.keyPublication)
        _ = try await rotation(server).rotate(.rs256)
        #expect(try await states(server, of: .rs256) == [.current, .next, .retiring])
        #expect(try await states(server, of: .es256) == [.current, .next])
        await #expect(throws: KeyRotation.Refusal.unused(.ps256)) { try await rotation(server).rotate(.ps256) }
    }

    @Test func theRingSignsWithWhatIsAskedFor() async throws {
        let server = try await TestServer(policy: severalAlgorithms())
        let ring = server.environment.keys
        let keys = try await server.storage.keys.list().filter { $0.state == .current }
        func signer(_ algorithm: String) -> String? { keys.first { $0.algorithm == algorithm }?.id.rawValue }
        #expect(ring.signers?.keyID == signer("ES256"))
        #expect(ring.signers(for: .edDSA)?.keyID == signer("EdDSA"))
        #expect(ring.signers(for: .rs256) == nil)
        let token = try await server.redeem(server.authorize())
        #expect(try UnverifiedJWT(parsing: token.accessToken).header.algorithm == "ES256")
        _ = try await server.userInfo(token.accessToken)
    }

    @Test func anAlgorithmThatIsAddedSignsWhenEverybodyKnowsItsKey() async throws {
        let server = try await TestServer()
        var policy = severalAlgorithms()
        policy.signingAlgorithms.reverse()
        let rotation = KeyRotation(
            server.storage.keys, masterKey: server.masterKey, clock: server.clock, policy: policy)
        try await rotation.maintain()
        #expect(try await states(server, of: .edDSA) == [.next])
        server.clock.advance(by: policy.keyPublication - .microseconds(1))
        try await rotation.maintain()
        #expect(try await states(server, of: .edDSA) == [.next])
        server.clock.advance(by: .microseconds(1))
        try await rotation.maintain()
        try await rotation.maintain()
        #expect(try await states(server, of: .edDSA) == [.current, .next])
    }

    @Test func anAlgorithmThatIsTakenAwayRetires() async throws {
        let server = try await TestServer(policy: severalAlgorithms())
        try await rotation(server).maintain()
        let plain = KeyRotation(server.storage.keys, masterKey: server.masterKey, clock: server.clock, policy: Policy())
        try await plain.maintain()
        #expect(try await states(server, of: .edDSA) == [.retiring])
        #expect(try await states(server, of: .es256) == [.current, .next])
        try server.environment.keys.load(try await server.storage.keys.list(), opening: server.masterKey)
        #expect(server.environment.keys.algorithms == [.es256])
        server.clock.advance(by: Policy().keyRetirement)
        try await plain.maintain()
        #expect(try await states(server, of: .edDSA) == [])
    }

    @Test func somebodySignsWhileEveryAlgorithmIsExchanged() async throws {
        let server = try await TestServer()
        var policy = Policy()
        policy.signingAlgorithms = [.edDSA]
        let other = KeyRotation(server.storage.keys, masterKey: server.masterKey, clock: server.clock, policy: policy)
        try await other.maintain()
        #expect(try await states(server, of: .es256) == [.current, .next])
        server.clock.advance(by: policy.keyPublication)
        for _ in 0..<2 {
            try await other.maintain()
            #expect(try await server.storage.keys.list().contains { $0.state == .current })
        }
        #expect(try await states(server, of: .es256) == [.retiring])
        #expect(try await states(server, of: .edDSA).contains(.current))
    }

    @Test func keysOfANewerProgramAreLeftAlone() async throws {
        let server = try await TestServer()
        let strange = SigningKeyRecord.withEveryFieldSet(id: "from the future", algorithm: "ML-DSA-65")
        try await server.storage.keys.place(strange, at: server.clock.now)
        try await rotation(server).maintain()
        let records = try await server.storage.keys.list()
        #expect(records.contains(strange))
        try server.environment.keys.load(records, opening: server.masterKey)
        #expect(server.environment.keys.published?.keys.count == 2)
    }

    @Test func aNodeWithoutTheNewMasterKeyGoesOnWithTheKeysItKnows() async throws {
        let server = try await TestServer()
        let stranger = try await TestServer(seed: 2)
        let records = try await server.storage.keys.list()
        let resealed = try records.map { record in
            let key = try SigningKey(opening: record.sealed, with: server.masterKey)
            return SigningKeyRecord(
                id: record.id, algorithm: record.algorithm, sealed: try key.sealed(by: stranger.masterKey),
                state: record.state, createdAt: record.createdAt, changedAt: record.changedAt)
        }
        let published = server.environment.keys.published
        try server.environment.keys.load(resealed, opening: server.masterKey)
        #expect(server.environment.keys.published == published)
        // What it does not know it cannot take.
        let strange = try await stranger.storage.keys.list()
        #expect(throws: KeyRing.LoadError.self) {
            try server.environment.keys.load(resealed + strange, opening: server.masterKey)
        }
        #expect(throws: KeyRing.LoadError.self) {
            try stranger.environment.keys.load(records, opening: stranger.masterKey)
        }
    }

    @Test func refusesKeysOfAnotherMasterKeyAndKeepsWhatItHad() async throws {
        let server = try await TestServer()
        let stranger = try await TestServer(seed: 2)
        let before = server.environment.keys.published
        let strange = try await stranger.storage.keys.list()
        #expect(throws: KeyRing.LoadError.self) {
            try server.environment.keys.load(strange, opening: server.masterKey)
        }
        #expect(throws: KeyRing.LoadError.self) { try server.environment.keys.load([], opening: server.masterKey) }
        #expect(server.environment.keys.published == before)
        _ = try await server.redeem(server.authorize())
        let foreign = KeyRotation(
            server.storage.keys, masterKey: stranger.masterKey, clock: server.clock, policy: Policy())
        await #expect(throws: KeyRing.LoadError.self) { try await foreign.rotate() }
    }

    @Test(.spec("D-17", "CVE-2026-90942"))
    func publishesNothingPrivate() async throws {
        let server = try await TestServer()
        let keys = try #require(try server.environment.keys.published?.wire["keys"]?.array)
        #expect(Set(keys.compactMap { $0["kid"]?.string }).count == keys.count)
        for key in keys {
            #expect(Set(key.object?.map(\.name) ?? []) == ["kty", "crv", "x", "y", "kid", "use", "alg"])
        }
    }
}
