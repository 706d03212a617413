import OAuthTypes
import Stores

/// Proofs of addresses.
struct ProofTable<Database: SQLDatabase>: ProofStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func open(_ proof: EmailProof, ordering mail: MailOrder?) async throws {
        var commands = [
            Command(
                "DELETE FROM proofs WHERE user_id = $1 AND purpose = $2",
                [.id(proof.userID), .text(proof.purpose.rawValue)]),
            Command(
                """
                INSERT INTO proofs
                    (id, purpose, email, user_id, name, password_hash, browser, interaction, link, code,
                        code_expires_at, guesses, mails, created_at, expires_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
                """,
                [
                    .digest(proof.id), .text(proof.purpose.rawValue), .text(proof.email.rawValue), .id(proof.userID),
                    .text(proof.name), .text(proof.passwordHash), .digest(proof.browser), .text(proof.interaction),
                    .digest(proof.link), .digest(proof.code), .time(proof.codeExpiresAt),
                    .integer(Int64(proof.guesses)), .integer(Int64(proof.mails)), .time(proof.createdAt),
                    .time(proof.expiresAt),
                ]),
        ]
        if let mail { commands.append(mail.insertion) }
        _ = try await database.write(.openProof, commands)
    }

    func arm(
        _ id: TokenDigest, link: TokenDigest, code: TokenDigest?, codeExpiresAt: Timestamp?, at now: Timestamp
    ) async throws -> Bool {
        try await !database.write(
            .armProof,
            """
            UPDATE proofs SET link = $2, code = $3, code_expires_at = $4, guesses = 0
            WHERE id = $1 AND expires_at > $5 RETURNING id
            """,
            [.digest(id), .digest(link), .digest(code), .time(codeExpiresAt), .time(now)]
        ).isEmpty
    }

    func find(_ id: TokenDigest, at now: Timestamp) async throws -> EmailProof? {
        try await database.read(
            .findProof,
            """
            SELECT id, purpose, email, user_id, name, password_hash, browser, interaction, link, code,
                code_expires_at, guesses, mails, created_at, expires_at
            FROM proofs WHERE id = $1 AND expires_at > $2
            """,
            [.digest(id), .time(now)]
        ).first.map(EmailProof.init(row:))
    }

    func find(link: TokenDigest, at now: Timestamp) async throws -> EmailProof? {
        try await database.read(
            .findProofByLink,
            """
            SELECT id, purpose, email, user_id, name, password_hash, browser, interaction, link, code,
                code_expires_at, guesses, mails, created_at, expires_at
            FROM proofs WHERE link = $1 AND expires_at > $2
            """,
            [.digest(link), .time(now)]
        ).first.map(EmailProof.init(row:))
    }

    func guess(_ id: TokenDigest, limit: Int, at now: Timestamp) async throws -> EmailProof? {
        try await database.write(
            .guessProof,
            """
            UPDATE proofs SET guesses = guesses + 1
            WHERE id = $1 AND guesses < $2 AND code_expires_at > $3 AND expires_at > $3
            RETURNING id, purpose, email, user_id, name, password_hash, browser, interaction, link, code,
                code_expires_at, guesses, mails, created_at, expires_at
            """,
            [.digest(id), .integer(Int64(limit)), .time(now)]
        ).first.map(EmailProof.init(row:))
    }

    func spend(_ id: TokenDigest, code: TokenDigest, at now: Timestamp) async throws -> Bool {
        try await !database.write(
            .spendProof,
            "DELETE FROM proofs WHERE id = $1 AND code = $2 AND expires_at > $3 RETURNING id",
            [.digest(id), .digest(code), .time(now)]
        ).isEmpty
    }

    func resend(_ id: TokenDigest, limit: Int, at now: Timestamp, ordering mail: MailOrder) async throws -> Bool {
        try await !database.write(
            .resendProof,
            Command(
                "UPDATE proofs SET mails = mails + 1 WHERE id = $1 AND mails < $2 AND expires_at > $3 RETURNING id",
                [.digest(id), .integer(Int64(limit)), .time(now)]),
            then: [mail.insertion]
        ).isEmpty
    }

    func resetPassword(
        by link: TokenDigest, to hash: String, at now: Timestamp, recourse: Recourse, ordering mail: MailOrder
    ) async throws -> Bool {
        guard let proof = try await find(link: link, at: now), proof.purpose == .resetPassword, let user = proof.userID
        else { return false }
        // The first command settles who spends the proof, also where several have just read it.
        let changed = try await database.write(
            .resetPassword,
            [
                Command(
                    "UPDATE proofs SET mails = -1 WHERE id = $1 AND link = $2 AND expires_at > $3",
                    [.digest(proof.id), .digest(link), .time(now)]),
                Command(
                    """
                    UPDATE users SET password_hash = $2, signed_out_at = $3,
                        mail_codes = CASE WHEN mail_codes = 'on' THEN 'after_recovery' ELSE mail_codes END
                    WHERE id = $1 AND disabled_at IS NULL
                        AND EXISTS (SELECT 1 FROM proofs WHERE id = $4 AND link = $5 AND mails = -1)
                    RETURNING id
                    """,
                    [.id(user), .text(hash), .time(now), .digest(proof.id), .digest(link)]),
            ],
            then: UserTable(database: database).signOut(user, at: now) + ProofTable.unlinkFounders(of: user) + [
                Command("DELETE FROM proofs WHERE id = $1", [.digest(proof.id)]), recourse.insertion, mail.insertion,
            ]
        )
        return !changed.isEmpty
    }

    /// Of an account that came by a connector nobody but the connector had vouched for the address: whoever reads its mail
    /// may be somebody else, and the account is theirs from now on, alone.
    private static func unlinkFounders(of user: UserID) -> [Command] {
        [
            Command(
                """
                DELETE FROM memberships WHERE user_id = $1 AND source IN
                    (SELECT connector_id FROM linked_identities WHERE user_id = $1 AND is_founding = 1)
                """,
                [.id(user)]),
            Command(
                """
                DELETE FROM profile_sources WHERE user_id = $1 AND source IN
                    (SELECT connector_id FROM linked_identities WHERE user_id = $1 AND is_founding = 1)
                """,
                [.id(user)]),
            Command("DELETE FROM linked_identities WHERE user_id = $1 AND is_founding = 1", [.id(user)]),
        ]
    }

    func createAccount(_ user: User, by id: TokenDigest, at now: Timestamp) async throws -> Bool {
        try await !database.write(
            .createAccount,
            Command(
                """
                INSERT INTO users
                    (id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at, language,
                        mail_codes)
                SELECT $1, $2, $3, $4, $5, $6, $7, $8, $11, $12 FROM proofs WHERE id = $9 AND expires_at > $10
                ON CONFLICT DO NOTHING RETURNING id
                """,
                [
                    .id(user.id), .text(user.email.rawValue), .flag(user.isEmailVerified), .text(user.name),
                    .text(user.passwordHash), .time(user.createdAt), .time(user.updatedAt), .time(user.disabledAt),
                    .digest(id), .time(now), .text(user.language), .text(user.mailCodes.rawValue),
                ]),
            then: [
                Command("DELETE FROM proofs WHERE id = $1", [.digest(id)]),
                Command(
                    """
                    UPDATE proofs SET link = NULL, code = NULL, password_hash = NULL WHERE email = $1 AND user_id IS NULL
                    """,
                    [.text(user.email.rawValue)]),
            ]
        ).isEmpty
    }

    func changeEmail(
        by id: TokenDigest, from old: Email, at now: Timestamp, recourse: Recourse, ordering mails: [MailOrder]
    ) async throws -> Bool {
        guard let proof = try await find(id, at: now), proof.purpose == .changeEmail, let user = proof.userID
        else { return false }
        do throws(StorageError) {
            // The first command settles who spends the proof, also where several have just read it.
            return try await !database.write(
                .changeEmail,
                [
                    Command(
                        "UPDATE proofs SET mails = -1 WHERE id = $1 AND expires_at > $2", [.digest(id), .time(now)]),
                    Command(
                        """
                        UPDATE users SET email = $3, is_email_verified = 1, updated_at = $4
                        WHERE id = $1 AND email = $2 AND disabled_at IS NULL
                            AND EXISTS (SELECT 1 FROM proofs p WHERE p.id = $5 AND p.mails = -1)
                            AND NOT EXISTS (SELECT 1 FROM users o WHERE o.email = $3)
                            AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $4)
                        RETURNING id
                        """,
                        [
                            .id(user), .text(old.rawValue), .text(proof.email.rawValue), .time(now), .digest(id),
                        ]),
                ],
                then: [
                    Command("DELETE FROM proofs WHERE user_id = $1", [.id(user)]), recourse.insertion,
                    // The owner has proven another address than the one that a connector vouched for.
                    Command("UPDATE linked_identities SET is_founding = 0 WHERE user_id = $1", [.id(user)]),
                ]
                    + mails.map(\.insertion)
            ).isEmpty
        } catch {
            // Somebody else took the address in the same moment.
            guard error == .conflict(table: "users") else { throw error }
            return false
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepProofs,
            """
            DELETE FROM proofs WHERE id IN
                (SELECT id FROM
                    (SELECT id FROM proofs WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}

extension EmailProof {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "proofs")
        self.init(
            id: try reader.digest("id"),
            purpose: try reader.word("purpose"),
            email: try reader.email("email"),
            userID: try reader.optionalID("user_id"),
            name: try reader.text("name"),
            passwordHash: try reader.optionalText("password_hash"),
            browser: try reader.optionalDigest("browser"),
            interaction: try reader.optionalText("interaction"),
            link: try reader.optionalDigest("link"),
            code: try reader.optionalDigest("code"),
            codeExpiresAt: try reader.optionalTime("code_expires_at"),
            guesses: Int(clamping: try reader.integer("guesses")),
            mails: Int(clamping: try reader.integer("mails")),
            createdAt: try reader.time("created_at"),
            expiresAt: try reader.time("expires_at")
        )
    }
}
