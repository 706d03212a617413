import OAuthTypes
import Stores

/// Opaque access tokens.
struct OpaqueTokenTable<Database: SQLDatabase>: OpaqueTokenStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func insert(_ token: OpaqueToken) async throws -> Bool {
        try await !database.write(
            .insertOpaqueToken, token.grantID == nil ? Self.ofTheClient : Self.ofAGrant,
            [
                .digest(token.digest), .id(token.clientID), .id(token.grantID), .text(token.claims),
                .time(token.expiresAt),
            ]
        ).isEmpty
    }

    private static var ofTheClient: StaticString {
        """
        INSERT INTO opaque_tokens (digest, client_id, grant_id, claims, expires_at) VALUES ($1, $2, $3, $4, $5)
        RETURNING 1
        """
    }

    /// Whoever erases the person meanwhile waits for it, or it finds the grant gone.
    private static var ofAGrant: StaticString {
        """
        INSERT INTO opaque_tokens (digest, client_id, grant_id, claims, expires_at)
        SELECT $1, $2, $3, $4, $5
        WHERE EXISTS (SELECT 1 FROM grants WHERE id = $3 AND revoked_at IS NULL /*! FOR KEY SHARE */)
        RETURNING 1
        """
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> OpaqueToken? {
        try await database.read(
            .findOpaqueToken,
            "SELECT client_id, grant_id, claims, expires_at FROM opaque_tokens WHERE digest = $1 AND expires_at > $2",
            [.digest(digest), .time(now)]
        ).first.map { row throws(StorageError) in
            var reader = RowReader(row, of: "opaque_tokens")
            return OpaqueToken(
                digest: digest,
                clientID: try reader.clientID("client_id"),
                grantID: try reader.optionalID("grant_id"),
                claims: try reader.text("claims"),
                expiresAt: try reader.time("expires_at")
            )
        }
    }

    func revoke(_ digest: TokenDigest, of client: ClientID) async throws -> Bool {
        try await !database.write(
            .revokeOpaqueToken, "DELETE FROM opaque_tokens WHERE digest = $1 AND client_id = $2 RETURNING 1",
            [.digest(digest), .id(client)]
        ).isEmpty
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepOpaqueTokens,
            """
            DELETE FROM opaque_tokens WHERE digest IN
                (SELECT digest FROM
                    (SELECT digest FROM opaque_tokens WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500)
                    AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}
