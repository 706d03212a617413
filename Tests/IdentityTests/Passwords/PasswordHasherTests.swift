import Identity
import MartletTesting
import Reactor
import Testing

@Suite("Password hashes", .spec("W-06", "RFC 9106"))
struct PasswordHasherTests {
    @Test func nameTheirAlgorithmAndCost() async throws {
        try await withHasher { hasher, _ in
            let password = try #require(Password("correct horse"))
            let (one, two) = (try await hasher.hash(password), try await hasher.hash(password))
            #expect(one.hasPrefix("$argon2id$v=19$m=64,t=1,p=1$"))
            #expect(one != two)  // a salt each
        }
        let standard = Argon2Parameters.standard
        #expect(standard.memory >= 19 * 1024 && standard.passes >= 2 && standard.lanes >= 1)
    }

    @Test func areOutdatedWhenTheCostIsAnother() async throws {
        let password = try #require(Password("correct horse"))
        let old = try await withHasher { hasher, _ in try await hasher.hash(password) }
        let pool = try WorkerPool(name: "hash", threads: 1, queueLimit: 9)
        for parameters in [Argon2Parameters(memory: 128, passes: 1, lanes: 1), .init(memory: 64, passes: 2, lanes: 1)] {
            let dearer = try PasswordHasher(pool: pool, parameters: parameters)
            #expect(try await dearer.verify(password, against: old) == .matches(isOutdated: true))
            #expect(try await dearer.verify(try #require(Password("wrong")), against: old) == .differs)
        }
        await pool.stop()
    }

    @Test func ofNobodyMatchNothing() async throws {
        try await withHasher { hasher, _ in
            let password = try #require(Password("correct horse"))
            #expect(try await hasher.verify(password, against: nil) == .differs)
        }
    }

    @Test(arguments: ["", "x", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$c2FsdA", "$2b$10$abcdefghijklmnopqrstuv"])
    func areRefusedWhenDamaged(_ hash: String) async throws {
        try await withHasher { hasher, _ in
            let password = try #require(Password("correct horse"))
            await #expect(throws: ForeignHash.Refusal.self) { try await hasher.verify(password, against: hash) }
        }
    }

    @Test(.spec("H-21"))
    func areRefusedAtOnceWhereTheQueueIsFull() async throws {
        try await withHasher(threads: 1, queueLimit: 0) { hasher, pool in
            let password = try #require(Password("correct horse"))
            try await keepingBusy(pool) {
                await #expect(throws: WorkerPoolError.full) { try await hasher.hash(password) }
            }
        }
    }
}

@Suite("The cost of password hashes")
struct PasswordHasherCostTests {
    @Test(arguments: [(7, 1, 1), (64, 0, 1), (64, 1, 0), (15, 1, 2)] as [(UInt32, UInt32, UInt32)])
    func refusesWhatTheLibraryWouldRefuse(_ memory: UInt32, _ passes: UInt32, _ lanes: UInt32) throws {
        let pool = try WorkerPool(name: "passwords", threads: 1, queueLimit: 1)
        #expect(throws: PasswordHasher.Failure.self) {
            try PasswordHasher(pool: pool, parameters: Argon2Parameters(memory: memory, passes: passes, lanes: lanes))
        }
        _ = try PasswordHasher(pool: pool, parameters: Argon2Parameters(memory: 16, passes: 1, lanes: 2))
    }
}
