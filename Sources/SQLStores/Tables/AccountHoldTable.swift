import OAuthTypes
import Stores

/// Accounts that are frozen, and accounts that are to be deleted: a table for each.
struct AccountHoldTable<Database: SQLDatabase>: AccountHoldStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func find(_ user: UserID, at now: Timestamp) async throws -> AccountHolds {
        let rows = try await database.read(
            .findHolds,
            """
            SELECT (SELECT expires_at FROM account_freezes WHERE user_id = $1 AND expires_at > $2),
                (SELECT expires_at FROM account_deletions WHERE user_id = $1)
            """,
            [.id(user), .time(now)])
        guard let row = rows.first else { return .none }
        var reader = RowReader(row, of: "account_freezes")
        let frozenUntil = try reader.optionalTime("expires_at")
        reader.go(to: "account_deletions")
        return AccountHolds(frozenUntil: frozenUntil, erasedAt: try reader.optionalTime("expires_at"))
    }

    func leave(
        _ user: UserID, erasedAt moment: Timestamp, at now: Timestamp, recourse: Recourse?, ordering mail: MailOrder?
    ) async throws -> Bool {
        let more = [recourse?.insertion, mail?.insertion].compactMap(\.self)
        return try await !database.write(
            .leaveAccount,
            [
                Command(
                    """
                    UPDATE users SET signed_out_at = $2
                    WHERE id = $1 AND disabled_at IS NULL
                        AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $2)
                    """,
                    [.id(user), .time(now)]),
                // The account's row is locked by now: it is neither frozen nor disabled before this is done.
                Command(
                    """
                    INSERT INTO account_deletions (user_id, expires_at)
                    SELECT id, $2 FROM users
                    WHERE id = $1 AND signed_out_at = $3 AND disabled_at IS NULL
                        AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $3)
                    ON CONFLICT DO NOTHING RETURNING user_id
                    """,
                    [.id(user), .time(moment), .time(now)]),
            ],
            then: UserTable(database: database).signOut(user, at: now) + more
        ).isEmpty
    }

    func stay(_ user: UserID) async throws -> Bool {
        try await !database.write(
            .stayAccount,
            Command("DELETE FROM account_deletions WHERE user_id = $1 RETURNING user_id", [.id(user)]),
            then: [
                Command(
                    "DELETE FROM recourses WHERE user_id = $1 AND purpose = $2",
                    [.id(user), .text(Recourse.Purpose.keepAccount.rawValue)])
            ]
        ).isEmpty
    }

    func due(at now: Timestamp, limit: Int) async throws -> [UserID] {
        try await database.read(
            .listDeletions,
            "SELECT user_id FROM account_deletions WHERE expires_at <= $1 ORDER BY expires_at, user_id LIMIT $2",
            [.time(now), .integer(Int64(max(0, limit)))]
        ).map { row throws(StorageError) in
            var reader = RowReader(row, of: "account_deletions")
            return try reader.id("user_id")
        }
    }

    func erase(_ user: UserID, dueBy now: Timestamp, recording event: AuditEvent) async throws -> Bool {
        try await !database.write(
            .eraseDeleted,
            Command(
                "DELETE FROM account_deletions WHERE user_id = $1 AND expires_at <= $2 RETURNING user_id",
                [.id(user), .time(now)]),
            then: PersonTable<Database>.commands(PersonTable<Database>.byAddress, user)
                + PersonTable<Database>.commands(PersonTable<Database>.belongings, user) + [event.insertion]
        ).isEmpty
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepFreezes,
            """
            DELETE FROM account_freezes WHERE user_id IN
                (SELECT user_id FROM
                    (SELECT user_id FROM account_freezes WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at
                    LIMIT 500) AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}
