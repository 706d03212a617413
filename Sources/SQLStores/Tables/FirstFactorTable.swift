import OAuthTypes
import Stores

/// Passwords that wait for the second factor.
struct FirstFactorTable<Database: SQLDatabase>: FirstFactorStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func note(_ factor: FirstFactor) async throws {
        _ = try await database.write(
            .noteFirstFactor,
            """
            INSERT INTO first_factors (place, browser, user_id, proven_at, expires_at, methods, identity)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (place) DO UPDATE SET
                browser = excluded.browser, user_id = excluded.user_id, proven_at = excluded.proven_at,
                expires_at = excluded.expires_at, methods = excluded.methods,
                identity = excluded.identity
            """,
            [
                .digest(factor.place), .digest(factor.browser), .id(factor.userID), .time(factor.provenAt),
                .time(factor.expiresAt), .words(factor.methods.map(\.rawValue)), .digest(factor.identity),
            ]
        )
    }

    func find(_ place: TokenDigest, at now: Timestamp) async throws -> FirstFactor? {
        try await database.read(
            .findFirstFactor,
            """
            SELECT f.place, f.browser, f.user_id, f.methods, f.proven_at, f.expires_at, f.identity
            FROM first_factors f JOIN users u ON u.id = f.user_id
            WHERE f.place = $1 AND f.expires_at > $2 AND u.disabled_at IS NULL
                AND (u.signed_out_at IS NULL OR f.proven_at >= u.signed_out_at)
                AND (f.identity IS NULL
                    OR EXISTS (SELECT 1 FROM pending_identities p JOIN connectors c ON c.id = p.connector_id
                        WHERE p.digest = f.identity AND p.expires_at > $2 AND c.disabled_at IS NULL))
            """,
            [.digest(place), .time(now)]
        ).first.map(FirstFactor.init(row:))
    }

    func take(_ place: TokenDigest, provenAt: Timestamp, at now: Timestamp) async throws -> Bool {
        try await !database.write(
            .takeFirstFactor,
            """
            DELETE FROM first_factors WHERE place = $1 AND proven_at = $2 AND expires_at > $3
                AND (identity IS NULL
                    OR EXISTS (SELECT 1 FROM pending_identities p JOIN connectors c ON c.id = p.connector_id
                        WHERE p.digest = first_factors.identity AND p.expires_at > $3 AND c.disabled_at IS NULL))
            RETURNING 1
            """,
            [.digest(place), .time(provenAt), .time(now)]
        ).isEmpty
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepFirstFactors,
            """
            DELETE FROM first_factors WHERE place IN
                (SELECT place FROM
                    (SELECT place FROM first_factors WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500)
                    AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}

extension FirstFactor {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "first_factors")
        self.init(
            place: try reader.digest("place"),
            browser: try reader.digest("browser"),
            userID: try reader.id("user_id"),
            methods: try reader.words("methods"),
            provenAt: try reader.time("proven_at"),
            expiresAt: try reader.time("expires_at"),
            identity: try reader.optionalDigest("identity")
        )
    }
}
