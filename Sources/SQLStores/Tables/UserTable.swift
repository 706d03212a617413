import OAuthTypes
import Stores

/// Accounts.
struct UserTable<Database: SQLDatabase>: UserStore {
    let database: TimedDatabase<Database>

    func insert(_ user: User) async throws -> Bool {
        try await !database.write(.insertUser, insertion(of: user), then: []).isEmpty
    }

    private func insertion(of user: User) -> Command {
        Command(
            """
            INSERT INTO users
                (id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at, language,
                    mail_codes)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT DO NOTHING RETURNING id
            """,
            [
                .id(user.id), .text(user.email.rawValue), .flag(user.isEmailVerified), .text(user.name),
                .text(user.passwordHash), .time(user.createdAt), .time(user.updatedAt), .time(user.disabledAt),
                .text(user.language), .text(user.mailCodes.rawValue),
            ])
    }

    func insert(_ accounts: [ImportedAccount]) async throws -> [Bool] {
        var isMade = [Bool](repeating: false, count: accounts.count)
        // Most have nothing beside the account: all of them in one step.
        let bare = accounts.indices.filter { accounts[$0].belongings.isEmpty }
        if !bare.isEmpty {
            let rows = try await database.write(.importUsers, bare.map { insertion(of: accounts[$0].user) })
            for (index, rows) in zip(bare, rows) { isMade[index] = !rows.isEmpty }
        }
        for (index, account) in accounts.enumerated() {
            guard !account.belongings.isEmpty else { continue }
            isMade[index] = try await insert(account)
        }
        return isMade
    }

    private func insert(_ account: ImportedAccount) async throws(StorageError) -> Bool {
        do throws(StorageError) {
            return try await !database.write(
                .importUsers, account.links.map(\.clearing) + [insertion(of: account.user)], then: account.belongings
            ).isEmpty
        } catch {
            // Somebody opens another account by one of its links.
            guard error == .conflict(table: "linked_identities") else { throw error }
            return false
        }
    }

    func find(_ id: UserID) async throws -> User? {
        try await database.read(
            .findUser,
            """
            SELECT id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at, language,
                mail_codes
            FROM users WHERE id = $1
            """,
            [.id(id)]
        ).first.map(User.init(row:))
    }

    func find(_ email: Email) async throws -> User? {
        try await database.read(
            .findUserByEmail,
            """
            SELECT id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at, language,
                mail_codes
            FROM users WHERE email = $1
            """,
            [.text(email.rawValue)]
        ).first.map(User.init(row:))
    }

    func signedOutAt(_ id: UserID) async throws -> Timestamp? {
        let rows = try await database.read(
            .findSignOut, "SELECT signed_out_at FROM users WHERE id = $1", [.id(id)])
        guard let row = rows.first else { return nil }
        var reader = RowReader(row, of: "users")
        return try reader.optionalTime("signed_out_at")
    }

    func passwordHash(near id: UserID) async throws -> String? {
        let rows = try await database.read(
            .findHashNear,
            """
            SELECT password_hash FROM (SELECT id, password_hash FROM users WHERE id >= $1 ORDER BY id LIMIT 4) AS few
            WHERE password_hash IS NOT NULL ORDER BY id LIMIT 1
            """,
            [.id(id)])
        guard let row = rows.first else { return nil }
        var reader = RowReader(row, of: "users")
        return try reader.text("password_hash")
    }

    func list(after cursor: Email?, limit: Int) async throws -> [User] {
        try await database.read(
            .listUsers,
            """
            SELECT id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at, language,
                mail_codes
            FROM users WHERE email > $1 ORDER BY email LIMIT $2
            """,
            [.text(cursor?.rawValue ?? ""), .integer(Int64(max(0, limit)))]
        ).map(User.init(row:))
    }

    func setPassword(_ hash: String, of id: UserID, at now: Timestamp) async throws -> Bool {
        let changed = try await database.write(
            .setPassword,
            Command(
                "UPDATE users SET password_hash = $2, signed_out_at = $3 WHERE id = $1 RETURNING id",
                [.id(id), .text(hash), .time(now)]
            ),
            then: signOut(id, at: now)
        )
        return !changed.isEmpty
    }

    func upgradePassword(of id: UserID, from old: String, to new: String) async throws -> Bool {
        try await !database.write(
            .upgradePassword,
            "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING id",
            [.id(id), .text(old), .text(new)]
        ).isEmpty
    }

    func changePassword(
        of id: UserID, from old: String?, to new: String, at now: Timestamp, recourse: Recourse?,
        ordering mail: MailOrder?
    ) async throws -> Bool {
        // A freeze under way is waited for first: the statement behind sees it (PostgreSQL, READ COMMITTED).
        try await !database.write(
            .changePassword,
            [
                // In a statement of its own: one that had to wait for the row would look for the freeze as of before.
                .lockAccount(id),
                Command(
                    """
                    UPDATE users SET password_hash = $3,
                        signed_out_at = CASE WHEN signed_out_at > $4 THEN signed_out_at ELSE $4 END
                    WHERE id = $1 AND COALESCE(password_hash, '') = $2 AND disabled_at IS NULL
                        AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $4)
                    RETURNING id
                    """,
                    [.id(id), .text(old ?? ""), .text(new), .time(now)]),
            ],
            then: signOut(id, at: now) + [recourse?.insertion, mail?.insertion].compactMap(\.self)
        ).isEmpty
    }

    func removePassword(
        of id: UserID, from old: String, at now: Timestamp, recourse: Recourse?, ordering mail: MailOrder?
    ) async throws -> Bool {
        // Changes of the passkeys wait meanwhile: the last way in is not given up twice over.
        try await !database.write(
            .removePassword,
            [
                .lockAccount(id),
                Command(
                    """
                    UPDATE users SET password_hash = NULL
                    WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL
                        AND EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = $1 AND p.is_user_verified = 1)
                        AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $3)
                    RETURNING id
                    """,
                    [.id(id), .text(old), .time(now)]),
            ],
            then: [Command("DELETE FROM first_factors WHERE user_id = $1", [.id(id)])]
                + [recourse?.insertion, mail?.insertion].compactMap(\.self)
        ).isEmpty
    }

    func setLanguage(_ tag: String, of id: UserID) async throws {
        _ = try await database.write(
            .setLanguage, "UPDATE users SET language = $2 WHERE id = $1", [.id(id), .text(tag)])
    }

    func changeMailCodes(
        of id: UserID, from old: MailCodeUse, to new: MailCodeUse, at now: Timestamp
    ) async throws -> Bool {
        try await !database.write(
            .changeMailCodes,
            [
                .lockAccount(id),
                Command(
                    """
                    UPDATE users SET mail_codes = $3 WHERE id = $1 AND mail_codes = $2
                        AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $1 AND f.expires_at > $4)
                    RETURNING id
                    """,
                    [.id(id), .text(old.rawValue), .text(new.rawValue), .time(now)]),
            ],
            then: PasskeyTable<Database>.forgetWhatHangsOnSecondFactors(of: id)
        ).isEmpty
    }

    func rename(_ id: UserID, to name: String, at now: Timestamp) async throws -> User? {
        try await database.write(
            .renameUser,
            """
            UPDATE users SET name = $2, updated_at = $3 WHERE id = $1 AND disabled_at IS NULL
            RETURNING id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at,
                language, mail_codes
            """,
            [.id(id), .text(name), .time(now)]
        ).first.map(User.init(row:))
    }

    func disable(_ id: UserID, at now: Timestamp) async throws -> Bool {
        let changed = try await database.write(
            .disableUser,
            Command(
                """
                UPDATE users SET disabled_at = COALESCE(disabled_at, $2), signed_out_at = $2
                WHERE id = $1 RETURNING id
                """,
                [.id(id), .time(now)]
            ),
            then: signOut(id, at: now)
        )
        return !changed.isEmpty
    }

    func enable(_ id: UserID) async throws -> Bool {
        try await !database.write(
            .enableUser,
            "UPDATE users SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL RETURNING id", [.id(id)]
        ).isEmpty
    }

    /// Ends what the account has open: sessions, grants, remembered browsers, passwords that wait, links in mails.
    func signOut(_ id: UserID, at now: Timestamp) -> [Command] {
        [
            .endParticipations(of: id, except: .bytes([]), at: now),
            Command("DELETE FROM sessions WHERE user_id = $1", [.id(id)]),
            Command("DELETE FROM remembered_devices WHERE user_id = $1", [.id(id)]),
            Command("DELETE FROM first_factors WHERE user_id = $1", [.id(id)]),
            Command("DELETE FROM upstream_sessions WHERE user_id = $1", [.id(id)]),
            Command("DELETE FROM pending_identities WHERE user_id = $1", [.id(id)]),
            Command("DELETE FROM proofs WHERE user_id = $1", [.id(id)]),
            Command(
                "UPDATE grants SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL", [.id(id), .time(now)]
            ),
        ]
    }
}

extension ImportedAccount {
    /// What is added with the account, if it is.
    fileprivate var belongings: [Command] {
        (authenticator.map { [$0.insertion] } ?? []) + memberships.map { $0.insertion(of: user.id) }
            + links.map { $0.insertion(isFounding: hasFoundingLinks) }
    }
}

extension Command {
    /// Lets changes that hang on one account follow each other: who comes second sees what the first has left.
    static func lockAccount(_ user: UserID) -> Command {
        Command("UPDATE users SET name = name WHERE id = $1", [.id(user)])
    }
}

extension User {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "users")
        try self.init(&reader)
    }

    /// The columns of an account.
    init(_ reader: inout RowReader) throws(StorageError) {
        let id: UserID = try reader.id("id")
        guard let email = Email(try reader.text("email")) else { throw reader.damaged("email") }
        self.init(
            id: id,
            email: email,
            isEmailVerified: try reader.flag("is_email_verified"),
            name: try reader.text("name"),
            passwordHash: try reader.optionalText("password_hash"),
            createdAt: try reader.time("created_at"),
            updatedAt: try reader.time("updated_at"),
            disabledAt: try reader.optionalTime("disabled_at"),
            language: try reader.optionalText("language"),
            mailCodes: try reader.word("mail_codes")
        )
    }
}
