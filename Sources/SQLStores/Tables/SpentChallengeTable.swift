import OAuthTypes
import Stores

/// What counts once, by its digest.
struct SpentChallengeTable<Database: SQLDatabase>: SpentChallengeStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func spend(_ challenge: TokenDigest, expiresAt: Timestamp) async throws -> Bool {
        try await !database.write(
            .spendChallenge,
            "INSERT INTO spent_challenges (digest, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1",
            [.digest(challenge), .time(expiresAt)]
        ).isEmpty
    }

    func isSpent(_ challenge: TokenDigest) async throws -> Bool {
        try await !database.read(
            .findSpent, "SELECT 1 FROM spent_challenges WHERE digest = $1", [.digest(challenge)]
        ).isEmpty
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepChallenges,
            """
            DELETE FROM spent_challenges WHERE digest IN
                (SELECT digest FROM
                    (SELECT digest FROM spent_challenges WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500)
                    AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}
