import JOSE
import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Testing

@testable import Identity

@Suite("Signing in by password", .spec("W-08", "ASVS 6.3.8"))
struct PasswordSignInTests {
    /// Accounts of every kind: whole, without a password, disabled.
    private func users(_ hasher: PasswordHasher) async throws -> any UserStore {
        let users = Storage.inMemory().users
        let hash = try await hasher.hash(try #require(Password("correct horse")))
        for name in ["zoe", "bare", "off"] {
            var user = User.withNothingOptional(id: "u_" + name, email: name + "@example.org")
            user.passwordHash = name == "bare" ? nil : hash
            user.disabledAt = name == "off" ? .noon : nil
            _ = try await users.insert(user)
        }
        return users
    }

    @Test(arguments: ["zoe@example.org", "ZOE@EXAMPLE.ORG", " zoe@example.org "])
    func findsThePersonInEverySpellingOfTheAddress(_ email: String) async throws {
        try await withHasher { hasher, _ in
            let signIn = PasswordSignIn(try await users(hasher), hasher: hasher)
            #expect(try await signIn.authenticate(email: email, password: "correct horse")?.id.rawValue == "u_zoe")
        }
    }

    @Test(arguments: [
        ("zoe@example.org", "wrong"), ("zoe@example.org", ""), ("zoe@example.org", "Correct horse"),
        ("zoe@example.org", "correct horse "), ("zoe@example.org", String(repeating: "p", count: 1_000_000)),
        ("nobody@example.org", "correct horse"), ("bare@example.org", "correct horse"), ("bare@example.org", ""),
        ("off@example.org", "correct horse"), ("off@example.org", "wrong"), ("", "correct horse"),
        ("u_zoe", "correct horse"),
        ("zoe@example.org\u{0}", "correct horse"), (String(repeating: "z", count: 1_000_000), "correct horse"),
    ])
    func refusesEverythingElseAlike(_ email: String, _ password: String) async throws {
        try await withHasher { hasher, _ in
            let signIn = PasswordSignIn(try await users(hasher), hasher: hasher)
            #expect(try await signIn.authenticate(email: email, password: password) == nil)
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: "correct horse") != nil)
        }
    }

    @Test(arguments: ["zoe@example.org", "bare@example.org", "off@example.org", "nobody@example.org", "no address"])
    func doesTheSameWorkForEverybody(_ email: String) async throws {
        try await withHasher(threads: 1, queueLimit: 0) { hasher, pool in
            let signIn = PasswordSignIn(try await users(hasher), hasher: hasher)
            // Whoever skipped the hash would get an answer now.
            try await keepingBusy(pool) {
                await #expect(throws: WorkerPoolError.full) {
                    try await signIn.authenticate(email: email, password: "wrong")
                }
            }
        }
    }

    @Test("One hash is computed for everybody, at the same cost", .spec("ASVS 6.3.8"))
    func countsTheSameHashesForEverybody() async throws {
        try await withHasher { hasher, _ in
            let users = try await users(hasher)
            for name in ["zoe", "bare", "off", "nobody", "somebody-else"] {
                let compared = MailDesk.Recorded<String>()
                var counting = hasher
                // Kind, version and cost.
                counting.comparing = { compared.add($0.split(separator: "$").prefix(3).joined(separator: "$")) }
                let signIn = PasswordSignIn(users, hasher: counting)
                #expect(try await signIn.authenticate(email: name + "@example.org", password: "wrong") == nil)
                #expect(compared.all == ["argon2id$v=19$m=64,t=1,p=1"], "\(name)")
            }
        }
    }

    @Test(.spec("W-06"))
    func strengthensAnOutdatedHash() async throws {
        try await withHasher { hasher, pool in
            let users = try await users(hasher)
            let parameters = Argon2Parameters(memory: 128, passes: 1, lanes: 1)
            let signIn = PasswordSignIn(users, hasher: try PasswordHasher(pool: pool, parameters: parameters))
            let zoe = UserID(rawValue: "u_zoe")
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: "wrong") == nil)
            #expect(try await users.find(zoe)?.passwordHash?.contains("m=64,") == true)
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: "correct horse") != nil)
            #expect(try await users.find(zoe)?.passwordHash?.contains("m=128,") == true)
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: "correct horse") != nil)
        }
    }

    @Test(.spec("W-06"))
    func letsThePersonInThoughTheHashCannotBeStrengthened() async throws {
        try await withHasher { hasher, pool in
            let users = ChangingUsers(store: try await users(hasher), onUpgrade: StorageError.busy)
            let parameters = Argon2Parameters(memory: 128, passes: 1, lanes: 1)
            let signIn = PasswordSignIn(users, hasher: try PasswordHasher(pool: pool, parameters: parameters))
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: "correct horse") != nil)
        }
    }

    @Test(.spec("T-28", "W-10"))
    func refusesAPasswordThatWasReplacedWhileItWasCompared() async throws {
        try await withHasher { hasher, _ in
            let store = try await users(hasher)
            let other = try await hasher.hash(try #require(Password("another horse")))
            let replaced = ChangingUsers(store: store) { _ = try await store.setPassword(other, of: $0, at: .noon) }
            let signIn = PasswordSignIn(replaced, hasher: hasher)
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: "correct horse") == nil)
            let calm = PasswordSignIn(store, hasher: hasher)
            #expect(try await calm.authenticate(email: "zoe@example.org", password: "another horse") != nil)
        }
    }

    @Test(.spec("T-28"))
    func refusesAnAccountThatWasDisabledWhileItsPasswordWasCompared() async throws {
        try await withHasher { hasher, _ in
            let store = try await users(hasher)
            let disabled = ChangingUsers(store: store) { _ = try await store.disable($0, at: .noon) }
            let signIn = PasswordSignIn(disabled, hasher: hasher)
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: "correct horse") == nil)
        }
    }
}

extension PasswordSignInTests {
    @Test(.spec("ASVS 6.3.8"))
    func unknownAddressesTakeTheTimesOfTheAccounts() async throws {
        try await withHasher { hasher, _ in
            let store = Storage.inMemory().users
            let random = SeededRandom(seed: 5)
            for number in 0..<64 {
                let user = User.withNothingOptional(
                    id: "u_" + Base64URL.encode(random.bytes(16)), email: "\(number)@example.org")
                #expect(try await store.insert(user))
                // Every second one has not signed in since the cost was changed.
                #expect(try await store.setPassword(number.isMultiple(of: 2) ? "$old" : "$new", of: user.id, at: .noon))
            }
            let key = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
            let signIn = PasswordSignIn(store, hasher: hasher, masterKey: key)
            let again = PasswordSignIn(store, hasher: hasher, masterKey: key)
            var counts: [String: Int] = [:]
            for number in 0..<500 {
                let address = try #require(Email("nobody\(number)@example.net"))
                let model = try #require(try await signIn.model(for: address))
                #expect(try await again.model(for: address) == model)
                counts[model, default: 0] += 1
            }
            #expect(counts.values.allSatisfy { $0 > 50 } && counts.count == 2)
            // Nobody else knows which.
            let stranger = try #require(MasterKey(Secret([UInt8](repeating: 8, count: 32))))
            let other = PasswordSignIn(store, hasher: hasher, masterKey: stranger)
            var different = 0
            for number in 0..<500 {
                let address = try #require(Email("nobody\(number)@example.net"))
                different += try await signIn.model(for: address) == other.model(for: address) ? 0 : 1
            }
            #expect(different > 50)
        }
    }
}

/// Accounts that change as soon as they were looked up by address, or whose hashes cannot be replaced.
private struct ChangingUsers: UserStore {
    let store: any UserStore
    var onUpgrade: (any Error)?
    var afterLookUp: @Sendable (UserID) async throws -> Void = { _ in }

    func insert(_ user: User) async throws -> Bool { try await store.insert(user) }
    func insert(_ accounts: [ImportedAccount]) async throws -> [Bool] { try await store.insert(accounts) }
    func find(_ id: UserID) async throws -> User? { try await store.find(id) }
    func find(_ email: Email) async throws -> User? {
        guard let user = try await store.find(email) else { return nil }
        try await afterLookUp(user.id)
        return user
    }
    func passwordHash(near id: UserID) async throws -> String? { try await store.passwordHash(near: id) }
    func signedOutAt(_ id: UserID) async throws -> Timestamp? { try await store.signedOutAt(id) }
    func list(after cursor: Email?, limit: Int) async throws -> [User] {
        try await store.list(after: cursor, limit: limit)
    }
    func setPassword(_ hash: String, of id: UserID, at now: Timestamp) async throws -> Bool {
        try await store.setPassword(hash, of: id, at: now)
    }
    func upgradePassword(of id: UserID, from old: String, to new: String) async throws -> Bool {
        if let onUpgrade { throw onUpgrade }
        return try await store.upgradePassword(of: id, from: old, to: new)
    }
    func changePassword(
        of id: UserID, from old: String?, to new: String, at now: Timestamp, recourse: Recourse?,
        ordering mail: MailOrder?
    ) async throws -> Bool {
        try await store.changePassword(
            of: id, from: old, to: new, at: now, recourse: recourse, ordering: mail)
    }
    func removePassword(
        of id: UserID, from old: String, at now: Timestamp, recourse: Recourse?, ordering mail: MailOrder?
    ) async throws -> Bool {
        try await store.removePassword(
            of: id, from: old, at: now, recourse: recourse, ordering: mail)
    }
    func setLanguage(_ tag: String, of id: UserID) async throws { try await store.setLanguage(tag, of: id) }
    func changeMailCodes(
        of id: UserID, from old: MailCodeUse, to new: MailCodeUse, at now: Timestamp
    ) async throws -> Bool {
        try await store.changeMailCodes(of: id, from: old, to: new, at: now)
    }
    func rename(_ id: UserID, to name: String, at now: Timestamp) async throws -> User? {
        try await store.rename(id, to: name, at: now)
    }
    func disable(_ id: UserID, at now: Timestamp) async throws -> Bool { try await store.disable(id, at: now) }
    func enable(_ id: UserID) async throws -> Bool { try await store.enable(id) }
}
