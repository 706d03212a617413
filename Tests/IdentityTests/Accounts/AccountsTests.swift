import Identity
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Accounts")
struct AccountsTests {
    private func withAccounts(_ body: (Accounts, Storage, PasswordSignIn) async throws -> Void) async throws {
        try await withHasher { hasher, _ in
            let storage = Storage.inMemory()
            let accounts = Accounts(storage.users, hasher: hasher, clock: TestClock(), random: SeededRandom())
            try await body(accounts, storage, PasswordSignIn(storage.users, hasher: hasher))
        }
    }

    @Test(.spec("T-32", "RFC 9700 §4.15", "J-01"))
    func areMadeWithAnIdentifierThatNoClientCanHave() async throws {
        try await withAccounts { accounts, storage, signIn in
            let user = try await accounts.add(
                email: "Zoe@Example.org", name: "Zoë", isVerified: true, password: "correct horse")
            #expect(user.id.rawValue.hasPrefix("u_"))
            #expect(user.id.rawValue.utf8.count >= 24 && user.id.rawValue.utf8.count <= 255)
            #expect(ClientID(user.id.rawValue) == nil)
            #expect(user.email.rawValue == "zoe@example.org")
            #expect(try await storage.users.find(user.id) == user)
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: "correct horse") == user)
            let ada = try await accounts.add(email: "ada@example.org", name: "", isVerified: false, password: nil)
            #expect(ada.id != user.id)
            #expect(try await signIn.authenticate(email: "ada@example.org", password: "") == nil)
        }
    }

    @Test(
        .spec("CVE-2025-24806"),
        arguments: ["zoe@example.org", "ZOE@EXAMPLE.ORG", " Zoe@Example.Org", "zoe@example.org\n"])
    func areOneForAllSpellingsOfAnAddress(_ email: String) async throws {
        try await withAccounts { accounts, _, _ in
            _ = try await accounts.add(email: "zoe@example.org", name: "", isVerified: false, password: nil)
            await #expect(throws: Accounts.Refusal.taken) {
                try await accounts.add(email: email, name: "", isVerified: false, password: nil)
            }
        }
    }

    @Test(
        .spec("W-01"),
        arguments: [
            ("no address", "Zoe", "correct horse", .invalidEmail),
            ("zoe@example.org", "a\nb", "correct horse", .invalidName),
            ("zoe@example.org", String(repeating: "n", count: 201), "correct horse", .invalidName),
            ("zoe@example.org", "n" + String(repeating: "\u{301}", count: 200), "correct horse", .invalidName),
            ("zoe@example.org", "Zoe", "1234567", .unfitPassword), ("zoe@example.org", "Zoe", "", .unfitPassword),
            ("zoe@example.org", "Zoe", String(repeating: "p", count: 1025), .unfitPassword),
        ] as [(String, String, String, Accounts.Refusal)])
    func areRefusedWhereSomethingIsUnfit(
        _ email: String, _ name: String, _ password: String, _ refusal: Accounts.Refusal
    ) async throws {
        try await withAccounts { accounts, storage, _ in
            await #expect(throws: refusal) {
                try await accounts.add(email: email, name: name, isVerified: false, password: password)
            }
            #expect(try await storage.users.list(after: nil, limit: 9).isEmpty)
            _ = try await accounts.add(
                email: "zoe@example.org", name: String(repeating: "n", count: 200), isVerified: false,
                password: "12345678")
        }
    }

    @Test(.spec("T-28", "ASVS 7.4.2"))
    func endTheirSessionsWithANewPasswordAndWhenDisabled() async throws {
        try await withAccounts { accounts, storage, signIn in
            let zoe = try await accounts.add(
                email: "zoe@example.org", name: "", isVerified: false, password: "correct horse")
            let session = Session.withEveryFieldSet(user: zoe.id.rawValue, authenticatedAt: .noon - .seconds(1))
            try await storage.sessions.start(session, replacing: nil)
            await #expect(throws: Accounts.Refusal.unfitPassword) {
                try await accounts.setPassword("short", of: "zoe@example.org")
            }
            #expect(try await storage.sessions.find(session.digest, at: .noon) != nil)
            try await accounts.setPassword("another horse", of: "ZOE@example.org")
            #expect(try await storage.sessions.find(session.digest, at: .noon) == nil)
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: "correct horse") == nil)
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: "another horse") != nil)
            try await accounts.disable("zoe@example.org")
            #expect(try await signIn.authenticate(email: "zoe@example.org", password: "another horse") == nil)
            await #expect(throws: Accounts.Refusal.unknown) { try await accounts.disable("nobody@example.org") }
            await #expect(throws: Accounts.Refusal.invalidEmail) { try await accounts.disable("nobody") }
        }
    }
}
