import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("Authenticator apps", .spec("O-02", "O-03", "ASVS 6.5"))
struct AuthenticatorsTests {
    private struct Scene {
        let storage = Storage.inMemory()
        let clock = TestClock()
        let authenticators: Authenticators
        let zoe = User.withNothingOptional(id: "u_zoe", email: "zoe@example.org")
        let ada = User.withNothingOptional(id: "u_ada", email: "ada@example.org")
        static let masterKey = MasterKey(Secret([UInt8](repeating: 7, count: 32)))

        init() throws {
            authenticators = Authenticators(
                storage.secondFactors.authenticators, masterKey: try #require(Scene.masterKey), clock: clock,
                random: SeededRandom(), issuer: "id.example")
        }

        func code(_ user: User, drift: Int64 = 0) async throws -> String {
            let key = try #require(try await storage.secondFactors.authenticators.find(user.id))
            let secret = try #require(Scene.masterKey).open(
                key.sealed, purpose: "totp keys", boundTo: Array(user.id.rawValue.utf8))
            return try TOTP(secret: secret).code(at: TOTP.step(at: clock.now) + drift)
        }

        /// The app of a person is on.
        func turnOn(_ user: User) async throws {
            #expect(try await authenticators.propose(for: user.id))
            #expect(try await authenticators.confirm(try await code(user), for: user.id))
            clock.advance(by: .seconds(60))
        }
    }

    @Test func areOnAfterTheFirstCodeOnly() async throws {
        let scene = try Scene()
        let zoe = scene.zoe
        #expect(try await scene.authenticators.propose(for: zoe.id))
        #expect(try await !scene.authenticators.isOn(for: zoe.id))
        #expect(try await scene.authenticators.proposal(for: zoe)?.uri.contains("zoe%40example.org") == true)
        let code = try await scene.code(zoe)
        #expect(try await !scene.authenticators.accept(code, for: zoe.id))
        #expect(try await !scene.authenticators.confirm("", for: zoe.id))
        #expect(try await scene.authenticators.confirm(code, for: zoe.id))
        #expect(try await scene.authenticators.isOn(for: zoe.id))
        // What was shown once is not shown again, and is not replaced unasked.
        #expect(try await scene.authenticators.proposal(for: zoe) == nil)
        #expect(try await !scene.authenticators.propose(for: zoe.id))
        // The code that turned it on is spent.
        #expect(try await !scene.authenticators.accept(code, for: zoe.id))
    }

    @Test func aProposalWaitsHalfAnHour() async throws {
        let scene = try Scene()
        #expect(try await scene.authenticators.propose(for: scene.zoe.id))
        scene.clock.advance(by: Authenticators.proposalLifetime - .seconds(1))
        #expect(try await scene.authenticators.proposal(for: scene.zoe) != nil)
        scene.clock.advance(by: .seconds(1))
        #expect(try await scene.authenticators.proposal(for: scene.zoe) == nil)
        #expect(try await !scene.authenticators.confirm(try await scene.code(scene.zoe), for: scene.zoe.id))
    }

    @Test(.spec("THREATS TOTP replay"))
    func aCodeIsGoodOnceAndNoneBeforeItAfterwards() async throws {
        let scene = try Scene()
        try await scene.turnOn(scene.zoe)
        let before = try await scene.code(scene.zoe, drift: -1)
        let code = try await scene.code(scene.zoe)
        let after = try await scene.code(scene.zoe, drift: 1)
        let outcomes = try await concurrently(32) { try await scene.authenticators.accept(code, for: scene.zoe.id) }
        #expect(outcomes.count { $0 } == 1)
        #expect(try await !scene.authenticators.accept(before, for: scene.zoe.id))
        #expect(try await scene.authenticators.accept(after, for: scene.zoe.id))
    }

    @Test func aSecretThatIsCopiedToAnotherAccountOpensNothing() async throws {
        let scene = try Scene()
        try await scene.turnOn(scene.zoe)
        let store = scene.storage.secondFactors.authenticators
        let key = try #require(try await store.find(scene.zoe.id))
        #expect(
            try await store.propose(
                TOTPKey(
                    userID: scene.ada.id, sealed: key.sealed, createdAt: key.createdAt, confirmedAt: key.confirmedAt,
                    lastStep: nil)))
        let code = try await scene.code(scene.zoe)
        await #expect(throws: JOSEError.unsealable) {
            try await scene.authenticators.accept(code, for: scene.ada.id)
        }
        #expect(try await scene.authenticators.accept(code, for: scene.zoe.id))
    }
}
