import OAuthTypes
import Stores

/// Keys of authenticator apps.
struct TOTPKeyTable<Database: SQLDatabase>: TOTPKeyStore {
    let database: TimedDatabase<Database>

    func propose(_ key: TOTPKey) async throws -> Bool {
        try await !database.write(.proposeTOTPKey, key.insertion, then: []).isEmpty
    }

    func find(_ user: UserID) async throws -> TOTPKey? {
        try await database.read(
            .findTOTPKey,
            "SELECT user_id, sealed, created_at, confirmed_at, last_step FROM totp_keys WHERE user_id = $1",
            [.id(user)]
        ).first.map(TOTPKey.init(row:))
    }

    func confirm(_ user: UserID, proposedAt: Timestamp, step: Int64, at now: Timestamp) async throws -> Bool {
        // The freeze of an account waits for this, or this for the freeze and sees it.
        try await !database.write(
            .confirmTOTPKey,
            [
                .lockAccount(user),
                Command(
                    """
                    UPDATE totp_keys SET confirmed_at = $4, last_step = $3
                    WHERE user_id = $1 AND created_at = $2 AND confirmed_at IS NULL
                        AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $4)
                    RETURNING 1
                    """,
                    [.id(user), .time(proposedAt), .integer(step), .time(now)]),
            ],
            then: []
        ).isEmpty
    }

    func spend(step: Int64, of user: UserID) async throws -> Bool {
        // One statement: of two that bring the same code, the later one sees the step of the earlier one.
        try await !database.write(
            .spendTOTPStep,
            """
            UPDATE totp_keys SET last_step = $2
            WHERE user_id = $1 AND confirmed_at IS NOT NULL AND (last_step IS NULL OR last_step < $2) RETURNING 1
            """,
            [.id(user), .integer(step)]
        ).isEmpty
    }

    func remove(_ user: UserID, unlessFrozenAt now: Timestamp?) async throws -> Bool {
        try await !database.write(
            .removeTOTPKey,
            [
                // Whether anything else is left is judged together with the removal of a passkey.
                .lockAccount(user),
                Command(
                    """
                    DELETE FROM totp_keys WHERE user_id = $1
                        AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $2)
                    RETURNING 1
                    """,
                    // No freeze lasts until the end of time: then none is seen.
                    [.id(user), .time(now ?? Timestamp(microseconds: .max))]),
            ],
            then: PasskeyTable<Database>.forgetWhatHangsOnSecondFactors(of: user)
        ).isEmpty
    }
}

extension TOTPKey {
    /// Keeps a key, in place of one that is not confirmed.
    var insertion: Command {
        Command(
            """
            INSERT INTO totp_keys (user_id, sealed, created_at, confirmed_at, last_step) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (user_id) DO UPDATE SET
                sealed = excluded.sealed, created_at = excluded.created_at,
                confirmed_at = excluded.confirmed_at, last_step = excluded.last_step
            WHERE totp_keys.confirmed_at IS NULL
            RETURNING 1
            """,
            [
                .id(userID), .bytes(sealed), .time(createdAt), .time(confirmedAt),
                lastStep.map(SQLValue.integer) ?? .null,
            ])
    }

    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "totp_keys")
        self.init(
            userID: try reader.id("user_id"),
            sealed: try reader.bytes("sealed"),
            createdAt: try reader.time("created_at"),
            confirmedAt: try reader.optionalTime("confirmed_at"),
            lastStep: try reader.optionalInteger("last_step")
        )
    }
}
