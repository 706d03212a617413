import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import AuthorizationServer

@Suite("Signing keys that stay in a device", .spec("D-17", "X-05", "RFC 7512"))
struct DeviceKeyTests {
    let device = FakeDevice()

    private func makeServer() async throws -> TestServer { try await TestServer(devices: device) }

    private func rotation(_ server: TestServer) -> KeyRotation {
        KeyRotation(
            server.storage.keys, masterKey: server.masterKey, clock: server.clock, policy: server.environment.policy,
            devices: device)
    }

    private func reload(_ server: TestServer) async throws {
        try server.environment.keys.load(try await server.storage.keys.list(), opening: server.masterKey)
    }

    private func states(_ server: TestServer) async throws -> [String: SigningKeyRecord.State] {
        Dictionary(
            uniqueKeysWithValues: try await server.storage.keys.list().map { ($0.id.rawValue, $0.state) })
    }

    /// A server whose current key is in the device.
    private func makeServerWithKey() async throws -> (TestServer, KeyID) {
        let server = try await makeServer()
        let id = try await rotation(server).adopt(device.make("first"), as: .current)
        try await reload(server)
        return (server, id)
    }

    @Test func tokensAreSignedThereAndVerifiedHere() async throws {
        let (server, id) = try await makeServerWithKey()
        let before = device.signatures
        let tokens = try await server.redeem(server.authorize())
        // An access token and an ID token.
        #expect(device.signatures == before + 2)
        for token in [tokens.accessToken, try #require(tokens.idToken)] {
            #expect(try UnverifiedJWT(parsing: token).header.keyID == id.rawValue)
        }
        _ = try await server.userInfo(tokens.accessToken)
        let keys = try #require(server.environment.keys.published)
        #expect(keys.keys.contains { $0.keyID == id.rawValue })
        // No device is needed to verify, nor to publish.
        device.fail(.noKey)
        try await reload(server)
        _ = try await server.userInfo(tokens.accessToken)
    }

    @Test(arguments: [KeyDeviceError.noKey, .busy, .pinRefused, .failing("words")])
    func nothingIsSpentWhileItFails(_ failure: KeyDeviceError) async throws {
        let (server, _) = try await makeServerWithKey()
        let code = try await server.authorize()
        device.fail(failure)
        await #expect(throws: failure) { try await server.redeem(code) }
        device.fail(nil)
        let tokens = try await server.redeem(code)
        let refreshToken = try #require(tokens.refreshToken)
        device.fail(failure)
        await #expect(throws: failure) { try await server.refresh(refreshToken) }
        device.fail(nil)
        _ = try await server.refresh(refreshToken)
    }

    @Test func isPublishedBeforeItSignsAndIsFollowedByNobody() async throws {
        let server = try await makeServer()
        let software = try #require(try await server.storage.keys.list().first { $0.state == .current }).id
        server.clock.advance(by: .seconds(1))
        let id = try await rotation(server).adopt(device.make("first"), as: .next)
        try await reload(server)
        #expect(server.environment.keys.published?.keys.map(\.keyID).contains(id.rawValue) == true)
        await #expect(throws: KeyRotation.Refusal.self) { try await rotation(server).rotate() }
        server.clock.advance(by: server.environment.policy.keyPublication)
        // A device that does not sign does not become the one that has to.
        device.fail(.noKey)
        await #expect(throws: KeyDeviceError.noKey) { try await rotation(server).rotate() }
        device.fail(nil)
        #expect(try await rotation(server).rotate() == id)
        #expect(try await states(server) == [software.rawValue: .retiring, id.rawValue: .current])
        for _ in 0..<3 {
            server.clock.advance(by: .seconds(90 * 86_400))
            try await rotation(server).maintain()
        }
        #expect(try await states(server) == [id.rawValue: .current])
        await #expect(throws: KeyRotation.Refusal.noNextKey(.es256)) { try await rotation(server).rotate() }
    }

    @Test func theScheduleTakesASuccessorOfTheDeviceAndNoOther() async throws {
        let (server, first) = try await makeServerWithKey()
        #expect(try await states(server).values.count { $0 != .retiring } == 1)
        server.clock.advance(by: .seconds(90 * 86_400))
        // Such as a node of an older version makes it.
        let imported = try await rotation(server).adopt(.inProcess(SigningKey.generate()), as: .next)
        server.clock.advance(by: .seconds(3600))
        try await rotation(server).maintain()
        #expect(try await states(server)[first.rawValue] == .current)
        let second = try await rotation(server).adopt(device.make("second"), as: .next)
        #expect(try await states(server)[imported.rawValue] == nil)
        server.clock.advance(by: .seconds(3600))
        device.fail(.failing("words"))
        try await rotation(server).maintain()
        #expect(try await states(server)[first.rawValue] == .current)
        device.fail(nil)
        try await rotation(server).maintain()
        #expect(try await states(server) == [first.rawValue: .retiring, second.rawValue: .current])
    }

    /// An operator may leave the device again.
    @Test func aKeyOfTheServerFollowsWhereSomebodySaysSo() async throws {
        let (server, first) = try await makeServerWithKey()
        server.clock.advance(by: .seconds(1))
        let imported = try await rotation(server).adopt(.inProcess(SigningKey.generate()), as: .next)
        server.clock.advance(by: .seconds(3600))
        #expect(try await rotation(server).rotate() == imported)
        let states = try await states(server)
        #expect(states[first.rawValue] == .retiring && states.values.contains(.next))
    }

    @Test func isRevokedOnlyWhereAnotherOneSigns() async throws {
        let (server, first) = try await makeServerWithKey()
        await #expect(throws: KeyRotation.Refusal.alone(first)) { try await rotation(server).revoke(first) }
        let second = try await rotation(server).adopt(device.make("second"), as: .next)
        #expect(try await rotation(server).revoke(first).current == second)
        #expect(try await states(server).filter { $0.value != .retiring } == [second.rawValue: .current])
    }

    @Test func theSameKeyIsTakenOnce() async throws {
        let server = try await makeServer()
        let key = try device.make("first")
        let id = try await rotation(server).adopt(key, as: .next)
        await #expect(throws: KeyRotation.Refusal.present(id)) { try await rotation(server).adopt(key, as: .current) }
    }

    @Test func whoHasNoDevicesVerifiesAndDoesNotSign() async throws {
        let (server, id) = try await makeServerWithKey()
        let tokens = try await server.redeem(server.authorize())
        let ring = KeyRing([.es256])
        try ring.load(try await server.storage.keys.list(), opening: server.masterKey)
        let verifier = AccessTokenVerifier(keys: ring, issuer: server.environment.issuer, leeway: .seconds(10))
        _ = try verifier.verify(tokens.accessToken, at: server.clock.now)
        let signers = try #require(ring.signers)
        #expect(signers.keyID == id.rawValue)
        await #expect(throws: KeyDeviceError.noProvider) { try await signers.idToken.prepare() }
        await #expect(throws: KeyDeviceError.noProvider) { try await signers.idToken.sign(JSONObject()) }
    }
}
