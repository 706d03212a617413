import JOSE
import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Testing

@testable import Identity

@Suite("Signing in within limits", .spec("W-09", "ASVS 6.3.1"))
struct LimitedSignInTests {
    private static let right = "correct horse"
    private static let home = SignInOrigin(address: [192, 0, 2, 7])
    private static let neighbour = SignInOrigin(address: [192, 0, 2, 8])
    private static let elsewhere = SignInOrigin(address: [198, 51, 100, 1])

    /// Somebody who has an account, and limits.
    private struct Scene {
        let signIn: LimitedSignIn
        let clock: TestClock
        let pool: WorkerPool
        let users: any UserStore

        func attempt(
            _ password: String = "wrong", at email: String = "zoe@example.org",
            from origin: SignInOrigin = LimitedSignInTests.home
        ) async throws -> LimitedSignIn.Outcome {
            try await signIn.authenticate(email: email, password: password, from: origin)
        }
    }

    private func withScene(
        _ limits: SignInLimits, threads: Int = 2, queueLimit: Int = 64, _ body: (Scene) async throws -> Void
    ) async throws {
        try await withHasher(threads: threads, queueLimit: queueLimit) { hasher, pool in
            let storage = Storage.inMemory()
            var user = User.withNothingOptional(id: "u_zoe", email: "zoe@example.org")
            user.passwordHash = try await hasher.hash(try #require(Password(LimitedSignInTests.right)))
            _ = try await storage.users.insert(user)
            let clock = TestClock(.noon)
            let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
            let signIn = LimitedSignIn(
                PasswordSignIn(storage.users, hasher: hasher), attempts: storage.attempts,
                known: KnownBrowsers(masterKey, random: SeededRandom(seed: 1)), limits: limits, clock: clock)
            try await body(Scene(signIn: signIn, clock: clock, pool: pool, users: storage.users))
        }
    }

    private static let strangers = SignInLimits(
        perAddress: 0, perNetwork: 0,
        account: LockRule(failures: 12, step: .seconds(300), longest: .seconds(900), memory: .seconds(3600)))

    @Test("Guesses from everywhere lock the account for strangers, and not where its owner has signed in")
    func locksTheAccountForStrangers() async throws {
        try await withScene(Self.strangers) { (scene) async throws in
            let signedIn = try await scene.attempt(Self.right, from: Self.elsewhere)
            guard case .signedIn(let user) = signedIn else {
                Issue.record("\(signedIn)")
                return
            }
            let mark = scene.signIn.mark(for: user, from: Self.elsewhere, since: nil)
            for number in 1...12 {
                let place = SignInOrigin(address: [203, 0, UInt8(number), 1])
                #expect(try await scene.attempt(from: place) == .refused)
            }
            let newPlace = SignInOrigin(address: [203, 0, 99, 1])
            #expect(try await scene.attempt(Self.right, from: newPlace) == .limited(.seconds(300)))
            // The pair is not counted when the account is locked: its own limit begins anew.
            #expect(try await scene.attempt(at: "ada@example.org", from: newPlace) == .refused)
            let known = SignInOrigin(address: [203, 0, 99, 1], mark: mark)
            #expect(isSignedIn(try await scene.attempt(Self.right, from: known)))
            // What it knows is this account and no other.
            for number in 1...12 {
                let place = SignInOrigin(address: [203, 0, UInt8(number), 2], mark: mark)
                #expect(try await scene.attempt(at: "ada@example.org", from: place) != .limited(.seconds(1)))
            }
            let other = try await scene.attempt(at: "ada@example.org", from: known)
            #expect(other == .limited(.seconds(300)))
            // A known browser has the small limit, wherever it is.
            for number in 1...5 {
                let place = SignInOrigin(address: [203, 0, UInt8(number), 3], mark: mark)
                #expect(try await scene.attempt(from: place) == .refused)
            }
            #expect(try await scene.attempt(Self.right, from: known) == .limited(.seconds(300)))
            scene.clock.advance(by: .seconds(300))
            #expect(isSignedIn(try await scene.attempt(Self.right, from: known)))
        }
    }

    @Test("A mark that we did not make is none", arguments: ["", ".", "AAAA", String(repeating: "A", count: 5000)])
    func forgedMarks(_ mark: String) async throws {
        try await withScene(Self.lockOnly) { (scene) async throws in
            for _ in 1...5 { #expect(try await scene.attempt() == .refused) }
            let forged = SignInOrigin(address: [192, 0, 2, 7], mark: mark)
            #expect(try await scene.attempt(from: forged) == .limited(.seconds(300)))
        }
    }

    @Test("All failures of a node together have a rate, known browsers apart")
    func limitsEverywhere() async throws {
        try await withScene(SignInLimits(perAddress: 0, perNetwork: 0, everywhere: 3)) { (scene) async throws in
            let signedIn = try await scene.attempt(Self.right)
            guard case .signedIn(let user) = signedIn else {
                Issue.record("\(signedIn)")
                return
            }
            let mark = scene.signIn.mark(for: user, from: Self.home, since: nil)
            for number in 1...3 {
                let place = SignInOrigin(address: [203, 0, UInt8(number), 1])
                #expect(try await scene.attempt(at: "\(number)@example.org", from: place) == .refused)
            }
            #expect(try await scene.attempt(Self.right, from: Self.elsewhere) == .limited(.seconds(20)))
            let known = SignInOrigin(address: [198, 51, 100, 1], mark: mark)
            #expect(isSignedIn(try await scene.attempt(Self.right, from: known)))
        }
    }

    @Test("Whoever was in the account before everything ended uses up no attempts of its owner's browsers")
    func oldMarksAreNone() async throws {
        try await withScene(Self.strangers) { (scene) async throws in
            func signedIn(from origin: SignInOrigin) async throws -> User {
                guard case .signedIn(let user) = try await scene.attempt(Self.right, from: origin) else {
                    throw StorageError.busy
                }
                return user
            }
            let user = try await signedIn(from: Self.elsewhere)
            let theirs = scene.signIn.mark(for: user, from: Self.elsewhere, since: nil)
            // The owner sets the password anew, which ends everything, and signs in.
            let hash = try #require(user.passwordHash)
            #expect(try await scene.users.setPassword(hash, of: user.id, at: scene.clock.now))
            let now = try await scene.users.signedOutAt(user.id)
            let mine = scene.signIn.mark(for: user, from: Self.home, since: now)
            for number in 1...30 {
                _ = try await scene.attempt(from: SignInOrigin(address: [203, 0, UInt8(number), 1], mark: theirs))
            }
            #expect(
                try await scene.attempt(Self.right, from: SignInOrigin(address: [203, 0, 99, 1], mark: theirs))
                    == .limited(.seconds(300)))
            _ = try await signedIn(from: SignInOrigin(address: [203, 0, 98, 1], mark: mine))
            // What all of them share is a limit still, for whoever is in one of them now; a password set by mail ends it.
            for number in 1...12 {
                let place = SignInOrigin(
                    address: [203, 0, UInt8(number), 2],
                    mark: scene.signIn.mark(
                        for: user, from: SignInOrigin(address: [203, 0, UInt8(number), 2]), since: now))
                #expect(try await scene.attempt(from: place) == .refused)
            }
            let home = SignInOrigin(address: [203, 0, 98, 1], mark: mine)
            #expect(try await scene.attempt(Self.right, from: home) == .limited(.seconds(300)))
            try await scene.signIn.forgive(user)
            #expect(isSignedIn(try await scene.attempt(Self.right, from: home)))
            #expect(isSignedIn(try await scene.attempt(Self.right, from: SignInOrigin(address: [203, 0, 97, 1]))))
        }
    }

    private static let lockOnly = SignInLimits(perAddress: 0, perNetwork: 0)

    private func isSignedIn(_ outcome: LimitedSignIn.Outcome) -> Bool {
        if case .signedIn = outcome { true } else { false }
    }

    @Test("The fifth failure locks the account for this network, the right password included")
    func locksThePair() async throws {
        try await withScene(Self.lockOnly) { (scene) async throws in
            for _ in 1...5 { #expect(try await scene.attempt() == .refused) }
            #expect(try await scene.attempt(Self.right) == .limited(.seconds(300)))
            #expect(try await scene.attempt(Self.right, from: Self.neighbour) == .limited(.seconds(300)))
            // Nobody locks a person out from elsewhere, and no other account is touched.
            #expect(isSignedIn(try await scene.attempt(Self.right, from: Self.elsewhere)))
            #expect(try await scene.attempt(at: "ada@example.org") == .refused)
            scene.clock.advance(by: .seconds(300))
            #expect(isSignedIn(try await scene.attempt(Self.right)))
            #expect(try await scene.attempt() == .refused)
        }
    }

    @Test("THREATS: every spelling of an address, known or not, counts as one", arguments: ["zoe", "nobody"])
    func oneCountForEverySpelling(_ name: String) async throws {
        try await withScene(Self.lockOnly) { (scene) async throws in
            let spellings = ["\(name)@example.org", "\(name.uppercased())@EXAMPLE.org", " \(name)@example.org "]
            for number in 0..<5 {
                let spelling = spellings[number % 3]
                #expect(try await scene.attempt(at: spelling) == .refused)
            }
            for email in spellings { #expect(try await scene.attempt(at: email) == .limited(.seconds(300))) }
        }
    }

    @Test("Success forgets the failures before it")
    func successForgets() async throws {
        try await withScene(Self.lockOnly) { (scene) async throws in
            for _ in 1...4 {
                for _ in 1...4 { #expect(try await scene.attempt() == .refused) }
                #expect(isSignedIn(try await scene.attempt(Self.right)))
            }
        }
    }

    @Test("Of any number of guesses at once no more are compared than one after the other")
    func countsParallelGuesses() async throws {
        try await withScene(Self.lockOnly) { (scene) async throws in
            let outcomes = try await concurrently(40) { try await scene.attempt() }
            #expect(outcomes.count { $0 == .refused } == 5)
            #expect(outcomes.count { $0 == .limited(.seconds(300)) } == 35)
        }
    }

    @Test("An attempt that a full queue turned away is no failure")
    func busyDoesNotCount() async throws {
        try await withScene(SignInLimits(perAddress: 2, perNetwork: 0), threads: 1, queueLimit: 0) {
            (scene) async throws in
            try await keepingBusy(scene.pool) {
                for _ in 1...20 {
                    await #expect(throws: WorkerPoolError.full) { try await scene.attempt() }
                }
            }
            #expect(try await scene.attempt() == .refused)
        }
    }

    @Test("Failures at many accounts use up the rate of the address, and of the network")
    func limitsByOrigin() async throws {
        try await withScene(SignInLimits(perAddress: 3, perNetwork: 5)) { (scene) async throws in
            for number in 1...3 { #expect(try await scene.attempt(at: "\(number)@example.org") == .refused) }
            #expect(try await scene.attempt(Self.right) == .limited(.seconds(20)))
            for number in 4...5 {
                #expect(try await scene.attempt(at: "\(number)@example.org", from: Self.neighbour) == .refused)
            }
            #expect(try await scene.attempt(Self.right, from: Self.neighbour) == .limited(.seconds(12)))
            #expect(isSignedIn(try await scene.attempt(Self.right, from: Self.elsewhere)))
            scene.clock.advance(by: .seconds(20))
            #expect(isSignedIn(try await scene.attempt(Self.right)))
        }
    }

    @Test("A whole office signs in at nine")
    func successesUseUpNothing() async throws {
        try await withScene(SignInLimits(perAddress: 2, perNetwork: 2)) { (scene) async throws in
            for _ in 1...20 { #expect(isSignedIn(try await scene.attempt(Self.right))) }
        }
    }

    @Test("Without limits there are none")
    func none() async throws {
        try await withScene(.none) { (scene) async throws in
            for _ in 1...50 { #expect(try await scene.attempt() == .refused) }
            #expect(isSignedIn(try await scene.attempt(Self.right)))
        }
    }
}
