import JOSE
import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Testing

@testable import Identity

@Suite("Both factors count in one limit", .spec("O-04", "W-09", "ASVS 6.3.1"))
struct SecondFactorLimitTests {
    private static let right = "correct horse"
    private static let home = SignInOrigin(address: [192, 0, 2, 7])

    private struct Scene {
        let signIn: LimitedSignIn
        let clock: TestClock
        let user: User

        /// A password where a second factor follows.
        func password(_ text: String, from origin: SignInOrigin = home) async throws -> LimitedSignIn.Outcome {
            try await signIn.authenticate(
                email: user.email.rawValue, password: text, from: origin, isEnough: { _ in false })
        }

        func code(isRight: Bool, from origin: SignInOrigin = home) async throws -> LimitedSignIn.Outcome {
            try await signIn.prove(user, from: origin) { isRight }
        }
    }

    private func withScene(_ body: (Scene) async throws -> Void) async throws {
        try await withHasher(threads: 2, queueLimit: 64) { hasher, _ in
            let storage = Storage.inMemory()
            var user = User.withNothingOptional(id: "u_zoe", email: "zoe@example.org")
            user.passwordHash = try await hasher.hash(try #require(Password(Self.right)))
            _ = try await storage.users.insert(user)
            let clock = TestClock(.noon)
            let signIn = LimitedSignIn(
                PasswordSignIn(storage.users, hasher: hasher), attempts: storage.attempts,
                known: KnownBrowsers(
                    try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32)))), random: SeededRandom()),
                limits: SignInLimits(perAddress: 0, perNetwork: 0), clock: clock)
            try await body(Scene(signIn: signIn, clock: clock, user: user))
        }
    }

    private func isSignedIn(_ outcome: LimitedSignIn.Outcome) -> Bool {
        if case .signedIn = outcome { true } else { false }
    }

    @Test("Whoever knows the password gets no new attempts at the code by it")
    func aRightPasswordForgetsNothing() async throws {
        try await withScene { (scene) async throws in
            for _ in 1...4 {
                #expect(isSignedIn(try await scene.password(Self.right)))
                #expect(try await scene.code(isRight: false) == .refused)
            }
            #expect(isSignedIn(try await scene.password(Self.right)))
            #expect(try await scene.code(isRight: false) == .refused)
            #expect(try await scene.code(isRight: true) == .limited(.seconds(300)))
            #expect(try await scene.password(Self.right) == .limited(.seconds(300)))
            scene.clock.advance(by: .seconds(300))
            #expect(isSignedIn(try await scene.code(isRight: true)))
            // Only both together forget.
            for _ in 1...4 { #expect(try await scene.code(isRight: false) == .refused) }
            #expect(isSignedIn(try await scene.code(isRight: true)))
        }
    }

    @Test("Wrong passwords and wrong codes add up")
    func bothCount() async throws {
        try await withScene { (scene) async throws in
            for _ in 1...3 { #expect(try await scene.password("wrong") == .refused) }
            for _ in 1...2 { #expect(try await scene.code(isRight: false) == .refused) }
            #expect(try await scene.code(isRight: true) == .limited(.seconds(300)))
        }
    }

    @Test("THREATS: of many guesses at the same time no more are made than the limit allows")
    func parallelGuesses() async throws {
        try await withScene { (scene) async throws in
            let made = Counter()
            let signIn = scene.signIn
            let user = scene.user
            let outcomes = try await concurrently(40) {
                try await signIn.prove(user, from: SecondFactorLimitTests.home) {
                    _ = made.next()
                    return false
                }
            }
            #expect(outcomes.count { $0 == .refused } == 5)
            #expect(made.next() == 6)
        }
    }

    @Test("Guesses at the code from many networks add up for the account")
    func theAccountIsLockedForEverybody() async throws {
        try await withScene { (scene) async throws in
            for number in 0..<UInt8(20) {
                let origin = SignInOrigin(address: [203, 0, number, 1])
                #expect(try await scene.code(isRight: false, from: origin) == .refused)
            }
            let elsewhere = SignInOrigin(address: [198, 51, 100, 1])
            #expect(try await scene.code(isRight: true, from: elsewhere) == .limited(.seconds(300)))
            // The password alone cannot be locked so: nobody locks out a person whose password they do not know.
            #expect(isSignedIn(try await scene.password(Self.right, from: elsewhere)))
            scene.clock.advance(by: .seconds(300))
            #expect(isSignedIn(try await scene.code(isRight: true, from: elsewhere)))
        }
    }

    @Test("What could not be compared does not count")
    func aFailingStoreDoesNotCount() async throws {
        struct Failure: Error {}
        try await withScene { (scene) async throws in
            for _ in 1...9 {
                await #expect(throws: Failure.self) {
                    try await scene.signIn.prove(scene.user, from: Self.home) { throw Failure() }
                }
            }
            for _ in 1...5 { #expect(try await scene.code(isRight: false) == .refused) }
            #expect(try await scene.code(isRight: true) == .limited(.seconds(300)))
        }
    }
}
