import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

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

    @Test func takesOneStepWhenManyNodesTry() async throws {
        let server = try await TestServer()
        let rotation = rotation(server)
        let outcomes = try await concurrently(10) { try await rotation.rotate() }
        let count = try await server.storage.keys.list().count
        #expect(outcomes.compactMap { $0 }.count == count - 2)
        #expect(try await states(server).count { $0 == .current } == 1)
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
