import OAuthTypes
import Stores

/// Grants and the refresh tokens that hang on them.
struct GrantTable<Database: SQLDatabase>: GrantStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func begin(_ grant: Grant, in participation: Participation?) async throws -> Grant? {
        _ = try await database.write(.beginGrant, [.insert(grant)] + (participation.map { [.begin($0)] } ?? []))
        // What the statement decided about the account is in the row alone.
        guard let kept = try await find(grant.id, at: grant.createdAt), kept.revokedAt == nil else { return nil }
        return kept
    }

    func find(_ id: GrantID, at now: Timestamp) async throws -> Grant? {
        try await database.read(
            .findGrant,
            """
            SELECT id, client_id, user_id, session_id, scopes, authenticated_at, methods, created_at, expires_at,
                generation, rotated_at, request, idle_expires_at, revoked_at, claims
            FROM grants WHERE id = $1 AND expires_at > $2
            """,
            [.id(id), .time(now)]
        ).first.map(Grant.init(row:))
    }

    func holder(of id: GrantID, at now: Timestamp, withDetails: Bool) async throws -> GrantHolder? {
        try await database.read(
            .findHolder,
            withDetails
                ? """
                SELECT u.id, u.email, u.is_email_verified, u.name, NULL, u.created_at, u.updated_at, u.disabled_at,
                    u.language, u.mail_codes, g.claims, p.user_id, p.given_name, p.family_name, p.middle_name,
                    p.nickname, p.preferred_username, p.profile, p.picture, p.website, p.gender, p.birthdate,
                    p.zoneinfo, p.locale, p.phone_number, p.street_address, p.locality, p.region, p.postal_code,
                    p.country, p.translations
                FROM grants g JOIN users u ON u.id = g.user_id LEFT JOIN profiles p ON p.user_id = u.id
                WHERE g.id = $1 AND g.expires_at > $2 AND g.revoked_at IS NULL AND u.disabled_at IS NULL
                """
                : """
                SELECT u.id, u.email, u.is_email_verified, u.name, NULL, u.created_at, u.updated_at, u.disabled_at,
                    u.language, u.mail_codes, g.claims
                FROM grants g JOIN users u ON u.id = g.user_id
                WHERE g.id = $1 AND g.expires_at > $2 AND g.revoked_at IS NULL AND u.disabled_at IS NULL
                """,
            [.id(id), .time(now)]
        ).first.map { row throws(StorageError) in
            var reader = RowReader(row, of: "users")
            let user = try User(&reader)
            reader.go(to: "grants")
            let claims = try reader.optionalText("claims")
            guard withDetails else { return GrantHolder(user: user, claims: claims, details: nil) }
            reader.go(to: "profiles")
            let isTold = try reader.optionalText("user_id") != nil
            return GrantHolder(
                user: user, claims: claims, details: isTold ? try ProfileDetails(&reader, of: user.id) : nil)
        }
    }

    func clients(of user: UserID, at now: Timestamp) async throws -> [SessionClient] {
        try await database.read(
            .listSessionClients,
            """
            SELECT DISTINCT session_id, client_id FROM grants
            WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
            ORDER BY session_id, client_id LIMIT 200
            """,
            [.id(user), .time(now)]
        ).map { row in
            var reader = RowReader(row, of: "grants")
            return SessionClient(sessionID: try reader.id("session_id"), clientID: try reader.clientID("client_id"))
        }
    }

    func rotate(_ attempt: RotationAttempt) async throws -> Rotation {
        let successor = RefreshFamily(
            generation: attempt.generation &+ 1, rotatedAt: attempt.now, request: attempt.request,
            idleExpiresAt: attempt.now + attempt.idleLifetime
        )
        // Everything that must hold is in the one statement that spends: no other request can come in between.
        let spent = try await database.write(
            .rotateGrant,
            """
            UPDATE grants SET generation = generation + 1, rotated_at = $3, request = $4, idle_expires_at = $5
            WHERE id = $1 AND generation = $2 AND client_id = $6 AND revoked_at IS NULL AND idle_expires_at > $3
                AND expires_at > $3
            RETURNING user_id, session_id, scopes, authenticated_at, methods, created_at, expires_at, claims
            """,
            [
                .id(attempt.grantID), .integer(attempt.generation), .time(successor.rotatedAt),
                .digest(attempt.request), .time(successor.idleExpiresAt), .id(attempt.clientID),
            ]
        )
        if let row = spent.first { return .rotated(try Grant(rotated: row, by: attempt, to: successor)) }
        let grant = try await find(attempt.grantID, at: attempt.now)
        switch (attempt.verdict(on: grant), grant) {
        case (.retry, let grant?): return .retried(grant)
        case (.reuse, let grant?): return .reused(grant.id)
        case (.foreign, _): return .foreign
        case (.revoked, _): return .revoked
        // A token that was not valid a moment ago cannot have become so: nothing ever lowers a generation.
        default: return .unknown
        }
    }

    func revoke(_ id: GrantID, at now: Timestamp) async throws {
        _ = try await database.write(
            .revokeGrant,
            "UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", [.id(id), .time(now)]
        )
    }

    func owner(ofUnused session: SessionID, since moment: Timestamp, at now: Timestamp) async throws -> UserID? {
        let rows = try await database.read(
            .findSessionOwner,
            """
            SELECT g.user_id FROM grants g
            WHERE g.session_id = $1 AND g.survives_session = 0 AND g.revoked_at IS NULL AND g.expires_at > $3
                AND NOT EXISTS
                    (SELECT 1 FROM sessions s WHERE s.user_id = g.user_id AND s.id = $1 AND s.expires_at > $3
                        AND COALESCE(s.last_used_at, s.authenticated_at) >= $2)
            LIMIT 1
            """,
            [.id(session), .time(moment), .time(now)])
        guard let row = rows.first else { return nil }
        var reader = RowReader(row, of: "grants")
        return try reader.id("user_id")
    }

    func revokeAll(of session: SessionID, of user: UserID, at now: Timestamp) async throws {
        _ = try await database.write(
            .revokeSessionGrants,
            """
            UPDATE grants SET revoked_at = $3
            WHERE session_id = $1 AND user_id = $2 AND survives_session = 0 AND revoked_at IS NULL
            """,
            [.id(session), .id(user), .time(now)])
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepGrants,
            """
            DELETE FROM grants WHERE id IN
                (SELECT id FROM
                    (SELECT id FROM grants WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}

extension Command {
    /// Adds a grant; one of an account that was signed out everywhere since the person proved who they are is born
    /// revoked, so that a request under way does not outlive a new password: one of the two waits for the other.
    ///
    /// So is one of an account that was erased, and one of a session of the account that has ended meanwhile.
    static func insert(_ grant: Grant) -> Command {
        Command(
            """
            INSERT INTO grants (id, client_id, user_id, session_id, scopes, survives_session, authenticated_at,
                methods, created_at, expires_at, generation, rotated_at, request, idle_expires_at, claims, revoked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, COALESCE($16,
                (SELECT CASE WHEN disabled_at IS NOT NULL OR signed_out_at > $7 THEN $9 END
                    FROM users WHERE id = $3 /*! FOR SHARE */),
                (SELECT $9 FROM person_keys WHERE user_id = $3 AND sealed IS NULL),
                (SELECT $9 FROM users WHERE id = $3 AND NOT EXISTS
                    (SELECT 1 FROM sessions WHERE user_id = $3 AND id = $4 /*! FOR KEY SHARE */))))
            """,
            [
                .id(grant.id), .id(grant.clientID), .id(grant.userID), .id(grant.sessionID), .scopes(grant.scopes),
                .flag(grant.scopes.contains(.offlineAccess)), .time(grant.authenticatedAt),
                .words(grant.methods.map(\.rawValue)), .time(grant.createdAt), .time(grant.expiresAt),
                grant.refresh.map { .integer($0.generation) } ?? .null, .time(grant.refresh?.rotatedAt),
                .digest(grant.refresh?.request), .time(grant.refresh?.idleExpiresAt), .text(grant.claims),
                .time(grant.revokedAt),
            ]
        )
    }
}

extension Grant {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "grants")
        let id: GrantID = try reader.id("id")
        try self.init(id: id, rest: &reader)
    }

    /// The columns behind the identifier.
    init(id: GrantID, rest reader: inout RowReader) throws(StorageError) {
        self.init(
            id: id,
            clientID: try reader.clientID("client_id"),
            userID: try reader.id("user_id"),
            sessionID: try reader.id("session_id"),
            scopes: try reader.scopes("scopes"),
            authenticatedAt: try reader.time("authenticated_at"),
            methods: try reader.words("methods"),
            createdAt: try reader.time("created_at"),
            expiresAt: try reader.time("expires_at"),
            refresh: try RefreshFamily(&reader),
            revokedAt: try reader.optionalTime("revoked_at"),
            claims: try reader.optionalText("claims")
        )
    }

    /// The grant behind a rotation: what the statement did not already name.
    fileprivate init(rotated row: Row, by attempt: RotationAttempt, to successor: RefreshFamily) throws(StorageError) {
        var reader = RowReader(row, of: "grants")
        self.init(
            id: attempt.grantID,
            clientID: attempt.clientID,
            userID: try reader.id("user_id"),
            sessionID: try reader.id("session_id"),
            scopes: try reader.scopes("scopes"),
            authenticatedAt: try reader.time("authenticated_at"),
            methods: try reader.words("methods"),
            createdAt: try reader.time("created_at"),
            expiresAt: try reader.time("expires_at"),
            refresh: successor,
            revokedAt: nil,
            claims: try reader.optionalText("claims")
        )
    }
}

extension RefreshFamily {
    /// The four columns of the family, or nil where the client gets no refresh tokens.
    init?(_ reader: inout RowReader) throws(StorageError) {
        let generation = try reader.optionalInteger("generation")
        let rotatedAt = try reader.optionalTime("rotated_at")
        let request = try reader.optionalDigest("request")
        let idleExpiresAt = try reader.optionalTime("idle_expires_at")
        guard let generation else { return nil }
        guard let rotatedAt else { throw reader.damaged("rotated_at") }
        guard let idleExpiresAt else { throw reader.damaged("idle_expires_at") }
        self.init(generation: generation, rotatedAt: rotatedAt, request: request, idleExpiresAt: idleExpiresAt)
    }
}
