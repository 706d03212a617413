import OAuthTypes
import Stores

/// Recovery codes: a row for each that is left.
struct RecoveryCodeTable<Database: SQLDatabase>: RecoveryCodeStore {
    let database: TimedDatabase<Database>

    func replace(_ codes: [TokenDigest], of user: UserID, at now: Timestamp) async throws -> Bool {
        let forget = Command("DELETE FROM recovery_codes WHERE user_id = $1", [.id(user)])
        return try await !database.write(
            .replaceRecoveryCodes,
            [
                // The freeze of an account waits for this, or this for the freeze and sees it.
                .lockAccount(user),
                Command(
                    """
                    SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $2)
                    """,
                    [.id(user), .time(now)]),
            ],
            then: [forget]
                + codes.map { code in
                    Command(
                        "INSERT INTO recovery_codes (user_id, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                        [.id(user), .digest(code)])
                }
        ).isEmpty
    }

    func spend(_ code: TokenDigest, of user: UserID) async throws -> Bool {
        try await !database.write(
            .spendRecoveryCode,
            "DELETE FROM recovery_codes WHERE user_id = $1 AND digest = $2 RETURNING 1",
            [.id(user), .digest(code)]
        ).isEmpty
    }

    func count(of user: UserID) async throws -> Int {
        let rows = try await database.read(
            .countRecoveryCodes, "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1", [.id(user)])
        guard let row = rows.first else { return 0 }
        var reader = RowReader(row, of: "recovery_codes")
        return Int(clamping: try reader.integer("count"))
    }
}
