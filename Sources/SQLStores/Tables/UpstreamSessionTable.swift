import OAuthTypes
import Stores

/// By which connectors sessions began.
struct UpstreamSessionTable<Database: SQLDatabase>: UpstreamSessionStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func note(_ session: UpstreamSession) async throws {
        _ = try await database.write(
            .noteUpstreamSession,
            """
            INSERT INTO upstream_sessions (session_id, connector_id, subject, provider_session, user_id, sealed_tokens,
                created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (session_id) DO UPDATE SET connector_id = excluded.connector_id, subject = excluded.subject,
                provider_session = excluded.provider_session, user_id = excluded.user_id,
                sealed_tokens = excluded.sealed_tokens, created_at = excluded.created_at,
                expires_at = excluded.expires_at
            """,
            [
                .id(session.sessionID), .id(session.connector), .text(session.subject),
                .text(session.providerSession), .id(session.userID), .bytes(session.sealedTokens),
                .time(session.createdAt), .time(session.expiresAt),
            ])
    }

    func find(_ id: SessionID, at now: Timestamp) async throws -> UpstreamSession? {
        try await database.read(
            .findUpstreamSession,
            """
            SELECT u.session_id, u.connector_id, u.subject, u.provider_session, u.user_id, u.sealed_tokens, u.created_at,
                u.expires_at
            FROM upstream_sessions u JOIN sessions s ON s.user_id = u.user_id AND s.id = u.session_id
            WHERE u.session_id = $1 AND s.expires_at > $2
            """,
            [.id(id), .time(now)]
        ).first.map(UpstreamSession.init(row:))
    }

    func list(_ connector: ConnectorID, subject: String, at now: Timestamp) async throws -> [UpstreamSession] {
        try await database.read(
            .listUpstreamSessionsOfSubject,
            """
            SELECT u.session_id, u.connector_id, u.subject, u.provider_session, u.user_id, u.sealed_tokens, u.created_at,
                u.expires_at
            FROM upstream_sessions u JOIN sessions s ON s.user_id = u.user_id AND s.id = u.session_id
            WHERE u.connector_id = $1 AND u.subject = $2 AND s.expires_at > $3
            ORDER BY u.created_at, u.session_id LIMIT 100
            """,
            [.id(connector), .text(subject), .time(now)]
        ).map(UpstreamSession.init(row:))
    }

    func list(
        _ connector: ConnectorID, providerSession: String, at now: Timestamp
    ) async throws -> [UpstreamSession] {
        try await database.read(
            .listUpstreamSessions,
            """
            SELECT u.session_id, u.connector_id, u.subject, u.provider_session, u.user_id, u.sealed_tokens, u.created_at,
                u.expires_at
            FROM upstream_sessions u JOIN sessions s ON s.user_id = u.user_id AND s.id = u.session_id
            WHERE u.connector_id = $1 AND u.provider_session = $2 AND s.expires_at > $3
            ORDER BY u.created_at, u.session_id LIMIT 100
            """,
            [.id(connector), .text(providerSession), .time(now)]
        ).map(UpstreamSession.init(row:))
    }

    func list(_ connector: ConnectorID, at now: Timestamp) async throws -> [UpstreamSession] {
        try await database.read(
            .listUpstreamSessionsOfConnector,
            """
            SELECT u.session_id, u.connector_id, u.subject, u.provider_session, u.user_id, u.sealed_tokens, u.created_at,
                u.expires_at
            FROM upstream_sessions u JOIN sessions s ON s.user_id = u.user_id AND s.id = u.session_id
            WHERE u.connector_id = $1 AND s.expires_at > $2
            ORDER BY u.subject, u.session_id LIMIT 100
            """,
            [.id(connector), .time(now)]
        ).map(UpstreamSession.init(row:))
    }

    func replaceTokens(of id: SessionID, _ old: [UInt8], by new: [UInt8]) async throws -> Bool {
        try await !database.write(
            .replaceUpstreamTokens,
            """
            UPDATE upstream_sessions SET sealed_tokens = $3 WHERE session_id = $1 AND sealed_tokens = $2 RETURNING 1
            """,
            [.id(id), .bytes(old), .bytes(new)]
        ).isEmpty
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepUpstreamSessions,
            """
            DELETE FROM upstream_sessions WHERE session_id IN
                (SELECT session_id FROM
                    (SELECT session_id FROM upstream_sessions WHERE expires_at BETWEEN $3 AND $1
                        ORDER BY expires_at LIMIT 500) AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}

extension UpstreamSession {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "upstream_sessions")
        self.init(
            sessionID: try reader.id("session_id"),
            connector: try reader.id("connector_id"),
            subject: try reader.text("subject"),
            providerSession: try reader.optionalText("provider_session"),
            userID: try reader.id("user_id"),
            sealedTokens: try reader.optionalBytes("sealed_tokens"),
            createdAt: try reader.time("created_at"),
            expiresAt: try reader.time("expires_at")
        )
    }
}

// MARK: Parts of other changes

extension Command {
    /// Keeps what is known of the provider's session for as long as the session here, which was renewed; of one that was
    /// not the digest is not there.
    static func prolongUpstream(of session: Session) -> Command {
        Command(
            """
            UPDATE upstream_sessions SET expires_at = $3
            WHERE session_id = $2 AND expires_at < $3
                AND EXISTS (SELECT 1 FROM sessions WHERE digest = $1 AND id = $2)
            """,
            [.digest(session.digest), .id(session.id), .time(session.expiresAt)])
    }
}
