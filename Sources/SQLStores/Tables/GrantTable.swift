import OAuthTypes
import Stores

/// Grants and the refresh tokens that hang on them.
struct GrantTable<Database: SQLDatabase>: GrantStore {
    let database: Database

    func find(_ id: GrantID, at now: Timestamp) async throws -> Grant? {
        try await database.read(
            """
            SELECT id, client_id, user_id, session_id, scopes, authenticated_at, methods, created_at, expires_at,
                generation, rotated_at, request, idle_expires_at, revoked_at
            FROM grants WHERE id = $1 AND expires_at > $2
            """,
            [.id(id), .time(now)]
        ).first.map(Grant.init(row:))
    }

    func rotate(_ attempt: RotationAttempt) async throws -> Rotation {
        let spent = try await database.write(
            """
            UPDATE grants SET generation = generation + 1, rotated_at = $3, request = $4, idle_expires_at = $5
            WHERE id = $1 AND generation = $2 AND revoked_at IS NULL AND idle_expires_at > $3 AND expires_at > $3
            RETURNING id, client_id, user_id, session_id, scopes, authenticated_at, methods, created_at, expires_at,
                generation, rotated_at, request, idle_expires_at, revoked_at
            """,
            [
                .id(attempt.grantID), .integer(attempt.generation), .time(attempt.now), .digest(attempt.request),
                .time(attempt.now + attempt.idleLifetime),
            ]
        )
        if let row = spent.first { return .rotated(try Grant(row: row)) }
        guard let grant = try await find(attempt.grantID, at: attempt.now) else { return .unknown }
        switch attempt.verdict(on: grant) {
        case .retry: return .retried(grant)
        case .reuse: return .reused(grant.id)
        // A token that was not valid a moment ago cannot have become so: nothing ever lowers a generation.
        case .rotate, .refuse: return .unknown
        }
    }

    func revoke(_ id: GrantID, at now: Timestamp) async throws {
        _ = try await database.write(
            "UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", [.id(id), .time(now)]
        )
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await database.write(
            """
            DELETE FROM grants WHERE id IN
                (SELECT id FROM grants WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
            RETURNING 1
            """,
            [.time(now), .integer(Int64(max(0, limit)))]
        ).count
    }
}

extension Command {
    /// Adds a grant; one of an account that was signed out everywhere since the person proved who they are is born
    /// revoked, so that a request under way does not outlive a new password: one of the two waits for the other.
    static func insert(_ grant: Grant) -> Command {
        Command(
            """
            INSERT INTO grants (id, client_id, user_id, session_id, scopes, survives_session, authenticated_at,
                methods, created_at, expires_at, generation, rotated_at, request, idle_expires_at, revoked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, COALESCE($15,
                (SELECT CASE WHEN disabled_at IS NOT NULL OR signed_out_at > $7 THEN $9 END
                    FROM users WHERE id = $3 /*! FOR SHARE */)))
            """,
            [
                .id(grant.id), .id(grant.clientID), .id(grant.userID), .id(grant.sessionID), .scopes(grant.scopes),
                .flag(grant.scopes.contains(.offlineAccess)), .time(grant.authenticatedAt),
                .words(grant.methods.map(\.rawValue)), .time(grant.createdAt), .time(grant.expiresAt),
                grant.refresh.map { .integer($0.generation) } ?? .null, .time(grant.refresh?.rotatedAt),
                .digest(grant.refresh?.request), .time(grant.refresh?.idleExpiresAt), .time(grant.revokedAt),
            ]
        )
    }
}

extension Grant {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "grants")
        self.init(
            id: try reader.id("id"),
            clientID: try reader.clientID("client_id"),
            userID: try reader.id("user_id"),
            sessionID: try reader.id("session_id"),
            scopes: try reader.scopes("scopes"),
            authenticatedAt: try reader.time("authenticated_at"),
            methods: try reader.words("methods"),
            createdAt: try reader.time("created_at"),
            expiresAt: try reader.time("expires_at"),
            refresh: try RefreshFamily(&reader),
            revokedAt: try reader.optionalTime("revoked_at")
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
