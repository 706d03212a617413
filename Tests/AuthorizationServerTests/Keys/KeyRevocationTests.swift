import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import AuthorizationServer

@Suite("Keys that somebody else may know, and keys made elsewhere", .spec("D-18", "X-05"))
struct KeyRevocationTests {
    private func rotation(_ server: TestServer) -> KeyRotation {
        KeyRotation(
            server.storage.keys, masterKey: server.masterKey, clock: server.clock, policy: server.environment.policy)
    }

    private func key(_ server: TestServer, _ state: SigningKeyRecord.State) async throws -> KeyID {
        try #require(try await server.storage.keys.list().first { $0.state == state }).id
    }

    private func reload(_ server: TestServer) async throws {
        try server.environment.keys.load(try await server.storage.keys.list(), opening: server.masterKey)
    }

    @Test func whatARevokedKeySignedIsRefusedAndANewTokenComesByRefresh() async throws {
        let server = try await TestServer()
        let (old, next) = (try await key(server, .current), try await key(server, .next))
        let token = try await server.redeem(server.authorize())
        _ = try await server.userInfo(token.accessToken)
        let revocation = try await rotation(server).revoke(old)
        // Both were published from the beginning.
        #expect(revocation == .init(state: .current, current: next, isUnpublished: false))
        try await reload(server)
        #expect(server.environment.keys.published?.publicKey(withID: old.rawValue) == nil)
        #expect(await refusal { try await server.userInfo(token.accessToken) } == .invalidToken)
        let fresh = try await server.redeem(server.authorize())
        #expect(try UnverifiedJWT(parsing: fresh.accessToken).header.keyID == next.rawValue)
        _ = try await server.userInfo(fresh.accessToken)
        #expect(
            try await server.storage.keys.list().map(\.state).sorted { $0.rawValue < $1.rawValue } == [.current, .next])
    }

    @Test func aRevokedKeyIsForgottenAlsoWhereAnotherCannotBeRead() async throws {
        let server = try await TestServer()
        let old = try await key(server, .current)
        let token = try await server.redeem(server.authorize())
        let foreign = try #require(MasterKey(Secret([UInt8](repeating: 9, count: 32))))
        let unreadable = SigningKeyRecord(
            id: KeyID(rawValue: "unreadable"), algorithm: "ES256",
            sealed: try SigningKey.generate().sealed(by: foreign),
            state: .current, createdAt: .noon, changedAt: .noon)
        _ = try await rotation(server).revoke(old)
        let stored = try await server.storage.keys.list() + [unreadable]
        _ = try await server.userInfo(token.accessToken)
        #expect(throws: KeyRing.LoadError.self) {
            try server.environment.keys.load(stored, opening: server.masterKey)
        }
        #expect(server.environment.keys.published?.publicKey(withID: old.rawValue) == nil)
        #expect(await refusal { try await server.userInfo(token.accessToken) } == .invalidToken)
    }

    @Test func aNextOrRetiringKeyGoesWithoutAnyChangeOfTheCurrentOne() async throws {
        let server = try await TestServer()
        let current = try await key(server, .current)
        let next = try await key(server, .next)
        #expect(try await rotation(server).revoke(next) == .init(state: .next, current: current, isUnpublished: false))
        let newcomer = try await key(server, .next)
        #expect(newcomer != next)
        server.clock.advance(by: server.environment.policy.keyPublication)
        _ = try await rotation(server).rotate()
        #expect(
            try await rotation(server).revoke(current)
                == .init(state: .retiring, current: newcomer, isUnpublished: false))
        #expect(try await server.storage.keys.list().count == 2)
        await #expect(throws: KeyRotation.Refusal.unknown(current)) { try await rotation(server).revoke(current) }
    }

    @Test func anImportedKeyIsNextOrCurrentAndKeepsItsName() async throws {
        let server = try await TestServer()
        let (current, next) = (try await key(server, .current), try await key(server, .next))
        server.clock.advance(by: .seconds(1))
        let imported = try SigningKey.generate(.es256).named("from elsewhere")
        #expect(try await rotation(server).adopt(.inProcess(imported), as: .next) == KeyID(rawValue: "from elsewhere"))
        try await reload(server)
        #expect(
            Set(server.environment.keys.published?.keys.map(\.keyID) ?? []) == [current.rawValue, "from elsewhere"])
        #expect(try await !server.storage.keys.list().contains { $0.id == next })
        // Under whatever name it comes again.
        let again = try imported.named("another name")
        await #expect(throws: KeyRotation.Refusal.self) {
            try await rotation(server).adopt(.inProcess(again), as: .next)
        }
        await #expect(throws: KeyRotation.Refusal.self) { try await rotation(server).rotate() }
        server.clock.advance(by: server.environment.policy.keyPublication)
        #expect(try await rotation(server).rotate() == KeyID(rawValue: "from elsewhere"))
        try await reload(server)
        let token = try await server.redeem(server.authorize())
        #expect(try UnverifiedJWT(parsing: token.accessToken).header.keyID == "from elsewhere")
        _ = try await server.userInfo(token.accessToken)

        let known = try SigningKey.generate(.es256)
        _ = try await rotation(server).adopt(.inProcess(known), as: .current)
        try await reload(server)
        let other = try await server.redeem(server.authorize())
        #expect(try UnverifiedJWT(parsing: other.accessToken).header.keyID == known.keyID)
        _ = try await server.userInfo(token.accessToken)
    }

    @Test func aKeyOfAnAlgorithmThatNobodyUsesIsRefused() async throws {
        let server = try await TestServer()
        let strange = try SigningKey.generate(.es384)
        await #expect(throws: KeyRotation.Refusal.unused(.es384)) {
            try await rotation(server).adopt(.inProcess(strange), as: .next)
        }
        #expect(try await server.storage.keys.list().count == 2)
    }
}
