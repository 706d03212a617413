import OAuthTypes
import Stores

/// Browser sessions.
struct SessionTable<Database: SQLDatabase>: SessionStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func start(_ session: Session, replacing old: TokenDigest?) async throws {
        let insert = Command(
            """
            INSERT INTO sessions (digest, id, user_id, authenticated_at, methods, started_at, last_used_at, device,
                network, expires_at, is_remembered)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                .digest(session.digest), .id(session.id), .id(session.userID), .time(session.authenticatedAt),
                .words(session.methods.map(\.rawValue)), .time(session.startedAt), .time(session.lastUsedAt),
                .text(session.device), .text(session.network), .time(session.expiresAt), .flag(session.isRemembered),
            ]
        )
        guard let old else {
            _ = try await database.write(.startSession, [insert])
            return
        }
        // The new one is used for the first time when the one before ends.
        let ending = SessionTable.whatEndsWithSession(old, at: session.lastUsedAt)
        _ = try await database.write(
            .startSession, ending + [Command("DELETE FROM sessions WHERE digest = $1", [.digest(old)]), insert])
    }

    func renew(_ session: Session, from old: TokenDigest, at now: Timestamp) async throws -> Bool {
        // One statement: what has ended meanwhile is no row any more, and of two the later one finds the digest gone.
        let rows = try await database.write(
            .renewSession,
            [
                Command(
                    """
                    UPDATE sessions SET digest = $1, authenticated_at = $4, methods = $5, started_at = $6,
                        last_used_at = $7, device = $8, network = $9, expires_at = $10, is_remembered = $13
                    WHERE digest = $11 AND expires_at > $12 AND id = $2 AND user_id = $3 RETURNING 1
                    """,
                    [
                        .digest(session.digest), .id(session.id), .id(session.userID), .time(session.authenticatedAt),
                        .words(session.methods.map(\.rawValue)), .time(session.startedAt), .time(session.lastUsedAt),
                        .text(session.device), .text(session.network), .time(session.expiresAt), .digest(old),
                        .time(now), .flag(session.isRemembered),
                    ]
                ),
                .prolongParticipations(of: session),
                .prolongUpstream(of: session),
            ])
        return rows.first?.isEmpty == false
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Session? {
        // A session that was being started while its account was signed out everywhere does not outlive that.
        try await database.read(
            .findSession,
            """
            SELECT s.digest, s.id, s.user_id, s.authenticated_at, s.methods, s.started_at, s.last_used_at, s.device,
                s.network, s.expires_at, s.is_remembered
            FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.digest = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL
                AND (u.signed_out_at IS NULL OR s.authenticated_at >= u.signed_out_at)
            """,
            [.digest(digest), .time(now)]
        ).first.map(Session.init(row:))
    }

    func find(_ id: SessionID, of user: UserID, at now: Timestamp) async throws -> Session? {
        try await database.read(
            .findSessionOfUser,
            """
            SELECT digest, id, user_id, authenticated_at, methods, started_at, last_used_at, device, network, expires_at,
                is_remembered
            FROM sessions WHERE user_id = $1 AND id = $2 AND expires_at > $3
            """,
            [.id(user), .id(id), .time(now)]
        ).first.map(Session.init(row:))
    }

    func touch(
        _ digest: TokenDigest, from network: String?, at now: Timestamp, unlessSince moment: Timestamp
    ) async throws {
        _ = try await database.write(
            .touchSession,
            """
            UPDATE sessions SET last_used_at = $2, network = $3
            WHERE digest = $1 AND COALESCE(last_used_at, authenticated_at) < $4
            """,
            [.digest(digest), .time(now), .text(network), .time(moment)]
        )
    }

    func list(of user: UserID, at now: Timestamp) async throws -> [Session] {
        try await database.read(
            .listSessions,
            """
            SELECT s.digest, s.id, s.user_id, s.authenticated_at, s.methods, s.started_at, s.last_used_at, s.device,
                s.network, s.expires_at, s.is_remembered
            FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.user_id = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL
                AND (u.signed_out_at IS NULL OR s.authenticated_at >= u.signed_out_at)
            ORDER BY COALESCE(s.last_used_at, s.authenticated_at) DESC, s.id LIMIT 100
            """,
            [.id(user), .time(now)]
        ).map(Session.init(row:))
    }

    func endAll(of user: UserID, except digest: TokenDigest?, at now: Timestamp) async throws -> Int {
        // No digest is empty: without an exception none is spared.
        let spared = digest.map(SQLValue.digest) ?? .bytes([])
        let rows = try await database.write(
            .endSessions,
            [
                // A grant under way is waited for, so that the next statement sees it, or waits and finds no session.
                Command(
                    """
                    SELECT 1 FROM sessions WHERE user_id = $1 AND digest <> $2 ORDER BY digest /*! FOR UPDATE */
                    """,
                    [.id(user), spared]),
                Command(
                    """
                    UPDATE grants SET revoked_at = $2
                    WHERE user_id = $1 AND survives_session = 0 AND revoked_at IS NULL
                        AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1 AND digest = $3)
                    """,
                    [.id(user), .time(now), spared]
                ),
                .endParticipations(of: user, except: spared, at: now),
                // What their providers gave goes with them.
                Command(
                    """
                    DELETE FROM upstream_sessions WHERE user_id = $1
                        AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1 AND digest = $2)
                    """,
                    [.id(user), spared]),
                Command(
                    "DELETE FROM sessions WHERE user_id = $1 AND digest <> $3 AND expires_at > $2 RETURNING 1",
                    [.id(user), .time(now), spared]
                ),
            ])
        return rows.last?.count ?? 0
    }

    func end(_ digest: TokenDigest, at now: Timestamp) async throws -> Session? {
        let rows = try await database.write(
            .endSession,
            SessionTable.whatEndsWithSession(digest, at: now) + [
                Command(
                    """
                    DELETE FROM sessions WHERE digest = $1 AND expires_at > $2
                    RETURNING digest, id, user_id, authenticated_at, methods, started_at, last_used_at, device,
                        network, expires_at, is_remembered
                    """,
                    [.digest(digest), .time(now)]
                )
            ])
        return try rows.last?.first.map(Session.init(row:))
    }

    /// Before a session goes: revokes its grants but those with `offline_access`, and makes its clients due to be told.
    private static func whatEndsWithSession(_ digest: TokenDigest, at now: Timestamp) -> [Command] {
        [
            // As for all of them.
            Command("SELECT 1 FROM sessions WHERE digest = $1 /*! FOR UPDATE */", [.digest(digest)]),
            Command(
                """
                UPDATE grants SET revoked_at = $2
                WHERE session_id IN (SELECT id FROM sessions WHERE digest = $1 AND expires_at > $2)
                    AND survives_session = 0 AND revoked_at IS NULL
                """,
                [.digest(digest), .time(now)]
            ),
            .endParticipations(ofSession: digest, at: now),
            // What its provider gave goes with it.
            Command(
                """
                DELETE FROM upstream_sessions
                WHERE session_id IN (SELECT id FROM sessions WHERE digest = $1 AND expires_at > $2)
                """,
                [.digest(digest), .time(now)]),
        ]
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepSessions,
            """
            DELETE FROM sessions WHERE digest IN
                (SELECT digest FROM
                    (SELECT digest FROM sessions WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}

extension Session {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "sessions")
        let digest = try reader.digest("digest")
        let id: SessionID = try reader.id("id")
        let userID: UserID = try reader.id("user_id")
        let authenticatedAt = try reader.time("authenticated_at")
        self.init(
            digest: digest,
            id: id,
            userID: userID,
            authenticatedAt: authenticatedAt,
            methods: try reader.words("methods"),
            // Programs of earlier schemas write neither.
            startedAt: try reader.optionalTime("started_at") ?? authenticatedAt,
            lastUsedAt: try reader.optionalTime("last_used_at") ?? authenticatedAt,
            device: try reader.optionalText("device"),
            network: try reader.optionalText("network"),
            expiresAt: try reader.time("expires_at"),
            isRemembered: try reader.flag("is_remembered")
        )
    }
}
