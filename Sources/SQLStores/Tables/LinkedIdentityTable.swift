import OAuthTypes
import Stores

/// Links between accounts and people at connectors.
struct LinkedIdentityTable<Database: SQLDatabase>: LinkedIdentityStore {
    let database: TimedDatabase<Database>

    func find(_ connector: ConnectorID, subject: String) async throws -> LinkedIdentity? {
        try await database.read(
            .findLink,
            """
            SELECT l.connector_id, l.subject, l.user_id, l.address, l.name, l.linked_at, l.last_used_at
            FROM linked_identities l JOIN users u ON u.id = l.user_id WHERE l.connector_id = $1 AND l.subject = $2
            """,
            [.id(connector), .text(subject)]
        ).first.map(LinkedIdentity.init(row:))
    }

    func list(of user: UserID) async throws -> [LinkedIdentity] {
        try await database.read(
            .listLinks,
            """
            SELECT connector_id, subject, user_id, address, name, linked_at, last_used_at
            FROM linked_identities WHERE user_id = $1 ORDER BY linked_at, connector_id, subject LIMIT 100
            """,
            [.id(user)]
        ).map(LinkedIdentity.init(row:))
    }

    func link(_ identity: LinkedIdentity) async throws -> LinkOutcome {
        let linked = try await database.write(
            .linkIdentity,
            [
                // In a statement of its own: one that had to wait for the row would look for the freeze as of before.
                .lockAccount(identity.userID),
                identity.clearing,
                Command(
                    """
                    INSERT INTO linked_identities (connector_id, subject, user_id, address, name, linked_at,
                        last_used_at)
                    SELECT $1, $2, $3, $4, $5, $6, $7
                    WHERE EXISTS (SELECT 1 FROM users WHERE id = $3 AND disabled_at IS NULL)
                        AND NOT EXISTS (SELECT 1 FROM account_freezes f WHERE f.user_id = $3 AND f.expires_at > $6)
                        AND NOT EXISTS (SELECT 1 FROM account_deletions d WHERE d.user_id = $3)
                    ON CONFLICT (connector_id, subject) DO NOTHING RETURNING 1
                    """,
                    identity.values),
            ], then: [])
        guard linked.isEmpty else { return .linked }
        guard let owner = try await find(identity.connector, subject: identity.subject)?.userID else {
            return .noAccount
        }
        return owner == identity.userID ? .linked : .taken
    }

    func create(_ user: User, linking identity: LinkedIdentity) async throws -> Bool {
        do throws(StorageError) {
            return try await !database.write(
                .createLinkedAccount,
                [
                    identity.clearing,
                    Command(
                        """
                        INSERT INTO linked_identities (connector_id, subject, user_id, address, name, linked_at,
                            last_used_at, is_founding)
                        SELECT $1, $2, $3, $4, $5, $6, $7, 1
                        WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = $3)
                            AND NOT EXISTS (SELECT 1 FROM users WHERE email = $8)
                        ON CONFLICT (connector_id, subject) DO NOTHING RETURNING 1
                        """,
                        identity.values + [.text(user.email.rawValue)]),
                ],
                then: [
                    Command(
                        """
                        INSERT INTO users
                            (id, email, is_email_verified, name, password_hash, created_at, updated_at, disabled_at,
                                language, mail_codes)
                        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                        """,
                        [
                            .id(user.id), .text(user.email.rawValue), .flag(user.isEmailVerified), .text(user.name),
                            .text(user.passwordHash), .time(user.createdAt), .time(user.updatedAt),
                            .time(user.disabledAt), .text(user.language), .text(user.mailCodes.rawValue),
                        ])
                ]
            ).isEmpty
        } catch {
            // Two at once with one address: the other one was faster.
            guard error == .conflict(table: "users") else { throw error }
            return false
        }
    }

    func use(_ identity: LinkedIdentity) async throws -> Bool {
        try await !database.write(
            .useLink,
            """
            UPDATE linked_identities SET address = $4, name = $5, last_used_at = $6
            WHERE connector_id = $1 AND subject = $2 AND user_id = $3 RETURNING 1
            """,
            [
                .id(identity.connector), .text(identity.subject), .id(identity.userID), .text(identity.email),
                .text(identity.name), .time(identity.lastUsedAt),
            ]
        ).isEmpty
    }

    func unlink(_ parting: LinkParting) async throws -> LinkRemoval {
        let (connector, subject, user) = (parting.connector, parting.subject, parting.userID)
        guard let link = try await find(connector, subject: subject), link.userID == user else { return .unknown }
        let removed = try await database.write(
            .unlinkIdentity,
            [
                .lockAccount(user),
                Command(
                    """
                    DELETE FROM linked_identities WHERE connector_id = $1 AND subject = $2 AND user_id = $3
                        AND EXISTS (SELECT 1 FROM ways_in w WHERE w.user_id = $3
                            AND (w.connector_id IS NULL OR w.connector_id <> $1 OR w.subject <> $2))
                    RETURNING 1
                    """,
                    [.id(connector), .text(subject), .id(user)]),
            ],
            // What it said of the account counts no more.
            then: whatEnds(with: link, parting) + [
                Command("DELETE FROM memberships WHERE user_id = $1 AND source = $2", [.id(user), .id(connector)]),
                Command("DELETE FROM profile_sources WHERE user_id = $1 AND source = $2", [.id(user), .id(connector)]),
                Command(
                    "DELETE FROM pending_identities WHERE user_id = $1 AND connector_id = $2",
                    [.id(user), .id(connector)]),
                parting.event.insertion,
            ] + (parting.notice.map { [$0.recourse.insertion, $0.mail.insertion] } ?? []))
        guard removed.isEmpty else { return .removed }
        return try await find(connector, subject: subject)?.userID == user ? .lastWayIn : .unknown
    }

    func list(at connector: ConnectorID, after subject: String) async throws -> [LinkedIdentity] {
        try await database.read(
            .listLinksOfConnector,
            """
            SELECT connector_id, subject, user_id, address, name, linked_at, last_used_at
            FROM linked_identities WHERE connector_id = $1 AND subject > $2 ORDER BY subject LIMIT 100
            """,
            [.id(connector), .text(subject)]
        ).map(LinkedIdentity.init(row:))
    }

    func countOpened(onlyBy connector: ConnectorID) async throws -> Int {
        let rows = try await database.read(
            .countOpenedByConnector,
            // What `ways_in` has, table by table: through the view each account would cost a look at all of them.
            """
            SELECT COUNT(DISTINCT l.user_id) FROM linked_identities l JOIN users u ON u.id = l.user_id
            WHERE l.connector_id = $1 AND u.disabled_at IS NULL AND u.password_hash IS NULL
                AND NOT EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = l.user_id)
                AND NOT EXISTS (SELECT 1 FROM linked_identities o JOIN connectors c ON c.id = o.connector_id
                    WHERE o.user_id = l.user_id AND o.connector_id <> $1 AND c.disabled_at IS NULL)
            """,
            [.id(connector)])
        guard let row = rows.first else { return 0 }
        var reader = RowReader(row, of: "linked_identities")
        return Int(clamping: try reader.integer("count"))
    }

    /// Ends what ends with a link: sessions go as each does by itself, and what was granted in them goes whole.
    private func whatEnds(with link: LinkedIdentity, _ parting: LinkParting) -> [Command] {
        let (user, now) = (SQLValue.id(parting.userID), SQLValue.time(parting.at))
        switch parting.ending {
        case .everything:
            return [Command("UPDATE users SET signed_out_at = $2 WHERE id = $1", [user, now])]
                + UserTable(database: database).signOut(parting.userID, at: parting.at)
        case .whatCameByIt(let digest):
            // No digest is empty: without an exception none is spared.
            let spared = digest.map(SQLValue.digest) ?? .bytes([])
            let place: [SQLValue] = [.id(link.connector), .text(link.subject)]
            return [
                // A grant under way is waited for, so that the next statement sees it, or waits and finds no session.
                .lockSessions(of: user, but: spared),
                Command(
                    """
                    UPDATE grants SET revoked_at = $2
                    WHERE user_id = $1 AND revoked_at IS NULL
                        AND (session_id IN (SELECT s.id FROM sessions s JOIN upstream_sessions u ON u.session_id = s.id
                                WHERE s.user_id = $1 AND s.digest <> $3 AND u.connector_id = $5 AND u.subject = $6)
                            OR (created_at >= $4 AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1)))
                    """,
                    [user, now, spared, .time(link.linkedAt)] + place),
                Command(
                    """
                    UPDATE participations SET ended_at = $2, due_at = $2, expires_at = $3
                    WHERE user_id = $1 AND ended_at IS NULL
                        AND session_id IN (SELECT s.id FROM sessions s JOIN upstream_sessions u ON u.session_id = s.id
                            WHERE s.user_id = $1 AND s.digest <> $4 AND u.connector_id = $5 AND u.subject = $6)
                    """,
                    [user, now, .time(parting.at + Participation.retention), spared] + place),
                Command(
                    """
                    DELETE FROM sessions WHERE user_id = $1 AND digest <> $2
                        AND id IN (SELECT session_id FROM upstream_sessions
                            WHERE user_id = $1 AND connector_id = $3 AND subject = $4)
                    """,
                    [user, spared] + place),
                Command(
                    """
                    DELETE FROM upstream_sessions WHERE user_id = $1 AND connector_id = $3 AND subject = $4
                        AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1 AND digest = $2)
                    """,
                    [user, spared] + place),
            ]
        case .others(let digest):
            let spared = SQLValue.digest(digest)
            return [
                .lockSessions(of: user, but: spared),
                Command(
                    """
                    UPDATE grants SET revoked_at = $2
                    WHERE user_id = $1 AND revoked_at IS NULL
                        AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1 AND digest = $3)
                        AND (created_at >= $4 OR session_id IN (SELECT id FROM sessions WHERE user_id = $1))
                    """,
                    [user, now, spared, .time(link.linkedAt)]),
                .endParticipations(of: parting.userID, except: spared, at: parting.at),
                Command(
                    """
                    DELETE FROM upstream_sessions WHERE user_id = $1
                        AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1 AND digest = $2)
                    """,
                    [user, spared]),
                Command("DELETE FROM sessions WHERE user_id = $1 AND digest <> $2", [user, spared]),
            ]
        }
    }
}

extension Command {
    /// Waits for whatever is done in the sessions of a person, but that of a cookie.
    fileprivate static func lockSessions(of user: SQLValue, but spared: SQLValue) -> Command {
        Command(
            "SELECT 1 FROM sessions WHERE user_id = $1 AND digest <> $2 ORDER BY digest /*! FOR UPDATE */",
            [user, spared])
    }
}

extension LinkedIdentity {
    /// A link whose account is gone, as a program of before leaves it, must not keep the person out.
    var clearing: Command {
        Command(
            """
            DELETE FROM linked_identities WHERE connector_id = $1 AND subject = $2
                AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = linked_identities.user_id)
            """,
            [.id(connector), .text(subject)])
    }

    /// Adds it; a conflict where the person at the connector has an account.
    func insertion(isFounding: Bool) -> Command {
        Command(
            """
            INSERT INTO linked_identities
                (connector_id, subject, user_id, address, name, linked_at, last_used_at, is_founding)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            values + [.flag(isFounding)])
    }

    fileprivate var values: [SQLValue] {
        [
            .id(connector), .text(subject), .id(userID), .text(email), .text(name), .time(linkedAt), .time(lastUsedAt),
        ]
    }
}

extension LinkedIdentity {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "linked_identities")
        self.init(
            connector: try reader.id("connector_id"),
            subject: try reader.text("subject"),
            userID: try reader.id("user_id"),
            email: try reader.optionalText("address"),
            name: try reader.optionalText("name"),
            linkedAt: try reader.time("linked_at"),
            lastUsedAt: try reader.optionalTime("last_used_at")
        )
    }
}
