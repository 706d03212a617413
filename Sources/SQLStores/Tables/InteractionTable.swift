import OAuthTypes
import Stores

/// Authorization requests that wait for a person.
struct InteractionTable<Database: SQLDatabase>: InteractionStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func insert(_ interaction: Interaction) async throws {
        _ = try await database.write(
            .insertInteraction,
            """
            INSERT INTO interactions (digest, browser, client_id, request, created_at, expires_at, session_id,
                finished_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                .digest(interaction.digest), .digest(interaction.browser), .id(interaction.clientID),
                .text(interaction.request), .time(interaction.createdAt), .time(interaction.expiresAt),
                .id(interaction.sessionID), .time(interaction.finishedAt),
            ]
        )
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Interaction? {
        try await database.read(
            .findInteraction,
            """
            SELECT digest, browser, client_id, request, created_at, expires_at, session_id, finished_at
            FROM interactions WHERE digest = $1 AND expires_at > $2
            """,
            [.digest(digest), .time(now)]
        ).first.map(Interaction.init(row:))
    }

    func choose(_ session: SessionID, for digest: TokenDigest, at now: Timestamp) async throws -> Bool {
        try await !database.write(
            .chooseSession,
            """
            UPDATE interactions SET session_id = $3
            WHERE digest = $1 AND finished_at IS NULL AND expires_at > $2 RETURNING 1
            """,
            [.digest(digest), .time(now), .id(session)]
        ).isEmpty
    }

    func finish(_ digest: TokenDigest, at now: Timestamp) async throws -> Bool {
        try await !database.write(
            .finishInteraction,
            """
            UPDATE interactions SET finished_at = $2
            WHERE digest = $1 AND finished_at IS NULL AND expires_at > $2 RETURNING 1
            """,
            [.digest(digest), .time(now)]
        ).isEmpty
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepInteractions,
            """
            DELETE FROM interactions WHERE digest IN
                (SELECT digest FROM
                    (SELECT digest FROM interactions WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}

extension Interaction {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "interactions")
        self.init(
            digest: try reader.digest("digest"),
            browser: try reader.digest("browser"),
            clientID: try reader.clientID("client_id"),
            request: try reader.text("request"),
            createdAt: try reader.time("created_at"),
            expiresAt: try reader.time("expires_at"),
            sessionID: try reader.optionalID("session_id"),
            finishedAt: try reader.optionalTime("finished_at")
        )
    }
}
