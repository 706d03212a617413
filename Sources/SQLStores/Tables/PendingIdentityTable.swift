import OAuthTypes
import Stores

/// People of connectors who wait.
struct PendingIdentityTable<Database: SQLDatabase>: PendingIdentityStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func note(_ identity: PendingIdentity) async throws {
        _ = try await database.write(
            .notePendingIdentity,
            """
            INSERT INTO pending_identities (digest, browser, connector_id, subject, provider_session, user_id, sealed,
                created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                .digest(identity.digest), .digest(identity.browser), .id(identity.connector),
                .text(identity.subject), .text(identity.providerSession), .id(identity.userID),
                .bytes(identity.sealed), .time(identity.createdAt), .time(identity.expiresAt),
            ])
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> PendingIdentity? {
        try await database.read(
            .findPendingIdentity,
            """
            SELECT digest, browser, connector_id, subject, provider_session, user_id, sealed, created_at, expires_at
            FROM pending_identities WHERE digest = $1 AND expires_at > $2
            """,
            [.digest(digest), .time(now)]
        ).first.map(PendingIdentity.init(row:))
    }

    func take(_ digest: TokenDigest, at now: Timestamp) async throws -> Bool {
        try await !database.write(
            .takePendingIdentity,
            "DELETE FROM pending_identities WHERE digest = $1 AND expires_at > $2 RETURNING 1",
            [.digest(digest), .time(now)]
        ).isEmpty
    }

    func end(
        _ connector: ConnectorID, subject: String?, providerSession: String?, since moment: Timestamp
    ) async throws -> Int {
        // A statement each, so that each finds its rows by an index; nothing equals a null.
        try await database.write(
            .endPendingIdentities,
            [
                Command(
                    """
                    DELETE FROM pending_identities WHERE connector_id = $1 AND subject = $2 AND created_at <= $3
                    RETURNING 1
                    """,
                    [.id(connector), .text(subject), .time(moment)]),
                Command(
                    """
                    DELETE FROM pending_identities
                    WHERE connector_id = $1 AND provider_session = $2 AND created_at <= $3 RETURNING 1
                    """,
                    [.id(connector), .text(providerSession), .time(moment)]),
            ]
        ).reduce(0) { $0 + $1.count }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepPendingIdentities,
            """
            DELETE FROM pending_identities WHERE digest IN
                (SELECT digest FROM
                    (SELECT digest FROM pending_identities WHERE expires_at BETWEEN $3 AND $1
                        ORDER BY expires_at LIMIT 500) AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}

extension PendingIdentity {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "pending_identities")
        self.init(
            digest: try reader.digest("digest"),
            browser: try reader.digest("browser"),
            connector: try reader.id("connector_id"),
            subject: try reader.text("subject"),
            providerSession: try reader.optionalText("provider_session"),
            userID: try reader.optionalID("user_id"),
            sealed: try reader.bytes("sealed"),
            createdAt: try reader.time("created_at"),
            expiresAt: try reader.time("expires_at")
        )
    }
}
