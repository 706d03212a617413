import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import SQLStores

/// Changes of one account that meet: each is stopped in the middle by a connection beside the storage.
@Suite("PostgreSQL: changes of one account follow each other", .postgreSQL, .timeLimit(.minutes(10)))
struct PostgreSQLAccountRaceTests {
    private static let user = UserID(rawValue: "u_7Zk2")

    /// Runs `change` while another change of the account is under way, which ends when the first one waits for it, or is
    /// over without having waited.
    private func meet<Result: Sendable>(
        _ storage: SQLStorage, _ schema: TemporarySchema, _ statements: [String],
        _ change: @escaping @Sendable (Storage) async throws -> Result
    ) async throws -> Result {
        let (first, watch) = try (schema.probe(), schema.probe())
        try first.run("SET idle_in_transaction_session_timeout = 0")
        try first.run("BEGIN")
        try first.run("UPDATE users SET name = name WHERE id = 'u_7Zk2'")
        for statement in statements { try first.run(statement) }
        let isOver = SharedValue(false)
        let stores = storage.stores
        async let result = {
            defer { isOver.withLock { $0 = true } }
            return try await change(stores)
        }()
        while !isOver.withLock({ $0 }),
            try watch.number(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE wait_event_type = 'Lock' AND application_name = '\(schema.name)'
                """) == 0
        { try await Task.sleep(for: .milliseconds(20)) }
        try first.run("COMMIT")
        return try await result
    }

    @Test func aPasswordIsNotChangedOnceTheAccountIsFrozen() async throws {
        try await withPostgreSQL { (storage, schema) async throws in
            let zoe = User.withEveryFieldSet(disabledAt: nil)
            #expect(try await storage.stores.users.insert(zoe))
            let change: @Sendable (Storage) async throws -> Bool = { stores in
                try await stores.users.changePassword(
                    of: PostgreSQLAccountRaceTests.user, from: zoe.passwordHash, to: "new", at: .noon, ordering: nil)
            }
            let end = (Timestamp.noon + .seconds(60)).microseconds
            let isFrozen = "INSERT INTO account_freezes (user_id, expires_at) VALUES ('u_7Zk2', \(end))"
            #expect(try await !meet(storage, schema, [isFrozen], change))
            #expect(try await storage.stores.users.find(zoe.id)?.passwordHash == zoe.passwordHash)
            // One that only waited is made.
            #expect(try await meet(storage, schema, ["DELETE FROM account_freezes"], change))
            #expect(try await storage.stores.users.find(zoe.id)?.passwordHash == "new")
        }
    }

    @Test func theLastOfTwoFactorsTakesTheRecoveryCodesAlong() async throws {
        try await withPostgreSQL { (storage, schema) async throws in
            let (stores, user) = (storage.stores, PostgreSQLAccountRaceTests.user)
            #expect(try await stores.users.insert(.withEveryFieldSet(disabledAt: nil)))
            let factors = stores.secondFactors
            #expect(try await factors.authenticators.propose(.proposed()))
            #expect(try await factors.authenticators.confirm(user, proposedAt: .noon, step: 1, at: .noon))
            #expect(try await factors.passkeys.add(.withEveryFieldSet(), limit: 9) == .added)
            try await factors.recoveryCodes.replace([.numbered(1)], of: user)
            #expect(
                try await meet(storage, schema, ["DELETE FROM passkeys"]) { stores in
                    try await stores.secondFactors.authenticators.remove(PostgreSQLAccountRaceTests.user)
                })
            #expect(try await factors.recoveryCodes.count(of: user) == 0)
        }
    }
}
