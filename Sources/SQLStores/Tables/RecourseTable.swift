import OAuthTypes
import Stores

/// What people may still do about changes of their accounts.
struct RecourseTable<Database: SQLDatabase>: RecourseStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func open(_ recourse: Recourse, ordering mail: MailOrder) async throws {
        _ = try await database.write(.openRecourse, [recourse.insertion, mail.insertion])
    }

    func arm(_ id: TokenDigest, link: TokenDigest, at now: Timestamp) async throws -> Bool {
        try await !database.write(
            .armRecourse, "UPDATE recourses SET link = $2 WHERE id = $1 AND expires_at > $3 RETURNING id",
            [.digest(id), .digest(link), .time(now)]
        ).isEmpty
    }

    func find(_ id: TokenDigest, at now: Timestamp) async throws -> Recourse? {
        try await database.read(
            .findRecourse,
            """
            SELECT id, purpose, user_id, email, link, created_at, expires_at FROM recourses
            WHERE id = $1 AND expires_at > $2
            """,
            [.digest(id), .time(now)]
        ).first.map(Recourse.init(row:))
    }

    func find(link: TokenDigest, at now: Timestamp) async throws -> Recourse? {
        try await database.read(
            .findRecourseByLink,
            """
            SELECT id, purpose, user_id, email, link, created_at, expires_at FROM recourses
            WHERE link = $1 AND expires_at > $2
            """,
            [.digest(link), .time(now)]
        ).first.map(Recourse.init(row:))
    }

    func restoreEmail(
        by link: TokenDigest, freezingUntil end: Timestamp, at now: Timestamp, ordering mail: MailOrder
    ) async throws -> Bool {
        guard let recourse = try await find(link: link, at: now), recourse.purpose != .keepAccount else {
            return false
        }
        let user = recourse.userID
        do throws(StorageError) {
            // The first command settles who spends the recourse, also where several have just read it.
            return try await !database.write(
                .restoreEmail,
                [
                    Command(
                        "UPDATE recourses SET link = link WHERE id = $1 AND link = $2",
                        [.digest(recourse.id), .digest(link)]),
                    Command(
                        """
                        UPDATE users SET email = $2, is_email_verified = 1, updated_at = $3, signed_out_at = $3,
                            password_hash = NULL, mail_codes = 'off'
                        WHERE id = $1
                            AND EXISTS (SELECT 1 FROM recourses r WHERE r.id = $4 AND r.link = $5)
                            AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email = $2)
                        RETURNING id
                        """,
                        [
                            .id(user), .text(recourse.email.rawValue), .time(now), .digest(recourse.id), .digest(link),
                        ]),
                ],
                then: [
                    // Whatever was mailed since went to an address of somebody else.
                    Command(
                        "DELETE FROM recourses WHERE user_id = $1 AND created_at >= $2",
                        [.id(user), .time(recourse.createdAt)])
                ] + freezing(recourse, until: end, at: now) + [mail.insertion]
            ).isEmpty
        } catch {
            // Somebody else took the address in the same moment.
            guard error == .conflict(table: "users") else { throw error }
            return false
        }
    }

    func disown(
        by link: TokenDigest, freezingUntil end: Timestamp, at now: Timestamp, ordering mail: MailOrder?
    ) async throws -> Bool {
        guard let recourse = try await find(link: link, at: now), recourse.purpose == .disown else { return false }
        return try await !database.write(
            .disownSignIn,
            Command(
                "DELETE FROM recourses WHERE id = $1 AND link = $2 RETURNING id",
                [.digest(recourse.id), .digest(link)]),
            then: [
                Command(
                    "UPDATE users SET signed_out_at = $2, password_hash = NULL, mail_codes = 'off' WHERE id = $1",
                    [.id(recourse.userID), .time(now)])
            ] + freezing(recourse, until: end, at: now) + (mail.map { [$0.insertion] } ?? [])
        ).isEmpty
    }

    func keepAccount(by link: TokenDigest, at now: Timestamp) async throws -> Bool {
        guard let recourse = try await find(link: link, at: now), recourse.purpose == .keepAccount else {
            return false
        }
        return try await AccountHoldTable(database: database).stay(recourse.userID)
    }

    /// Ends what the account has open and what the intruder may have added to it, and freezes it; of two freezes the
    /// longer one holds.
    private func freezing(_ recourse: Recourse, until end: Timestamp, at now: Timestamp) -> [Command] {
        let user = recourse.userID
        // From the oldest mail on that lives, and somewhat before it, nothing is trusted.
        let doubtful: [SQLValue] = [
            .id(user), .time(recourse.createdAt), .time(now), .integer(Recourse.doubt.wholeMicroseconds),
        ]
        return UserTable(database: database).signOut(user, at: now) + [
            Command(
                """
                DELETE FROM passkeys WHERE user_id = $1 AND created_at >= COALESCE(
                    (SELECT MIN(r.created_at) FROM recourses r WHERE r.user_id = $1 AND r.created_at < $2
                        AND r.expires_at > $3 AND r.purpose <> 'keep_account'), $2) - $4
                """, doubtful),
            // Whatever was allowed in between is asked again.
            Command("DELETE FROM consents WHERE user_id = $1", [.id(user)]),
            // Nothing tells by which of them somebody came; whoever has the address links them again.
            Command("DELETE FROM linked_identities WHERE user_id = $1", [.id(user)]),
            Command("DELETE FROM memberships WHERE user_id = $1 AND source <> ''", [.id(user)]),
            Command("DELETE FROM profile_sources WHERE user_id = $1 AND source <> ''", [.id(user)]),
            Command(
                """
                DELETE FROM totp_keys WHERE user_id = $1 AND (confirmed_at IS NULL OR created_at >= COALESCE(
                    (SELECT MIN(r.created_at) FROM recourses r WHERE r.user_id = $1 AND r.created_at < $2
                        AND r.expires_at > $3 AND r.purpose <> 'keep_account'), $2) - $4)
                """, doubtful),
            // Whoever was in it may have asked for the deletion.
            Command("DELETE FROM account_deletions WHERE user_id = $1", [.id(user)]),
            // Nothing tells when they were made: the intruder may have seen them.
            Command("DELETE FROM recovery_codes WHERE user_id = $1", [.id(user)]),
            Command(
                """
                INSERT INTO account_freezes (user_id, expires_at) VALUES ($1, $2)
                ON CONFLICT (user_id) DO UPDATE SET expires_at = excluded.expires_at
                WHERE account_freezes.expires_at < excluded.expires_at
                """,
                [.id(user), .time(end)]),
        ]
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepRecourses,
            """
            DELETE FROM recourses WHERE id IN
                (SELECT id FROM
                    (SELECT id FROM recourses WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}

extension Recourse {
    /// The command that keeps the recourse: part of the change that it is about.
    var insertion: Command {
        Command(
            """
            INSERT INTO recourses (id, purpose, user_id, email, link, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                .digest(id), .text(purpose.rawValue), .id(userID), .text(email.rawValue), .digest(link),
                .time(createdAt), .time(expiresAt),
            ])
    }

    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "recourses")
        self.init(
            id: try reader.digest("id"),
            purpose: try reader.word("purpose"),
            userID: try reader.id("user_id"),
            email: try reader.email("email"),
            link: try reader.optionalDigest("link"),
            createdAt: try reader.time("created_at"),
            expiresAt: try reader.time("expires_at")
        )
    }
}
