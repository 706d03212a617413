import OAuthTypes
import Stores

/// Attempts to sign in, counted.
struct SignInAttemptTable<Database: SQLDatabase>: SignInAttemptStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func begin(_ key: TokenDigest, under rule: LockRule, at now: Timestamp) async throws -> AttemptVerdict {
        let counted = try await database.write(
            .beginSignIn,
            """
            INSERT INTO sign_in_attempts (digest, failures, locked_until, expires_at) VALUES ($1, 1, 0, $2)
            ON CONFLICT (digest) DO UPDATE SET
                failures = CASE WHEN sign_in_attempts.expires_at <= $3 THEN 1 ELSE sign_in_attempts.failures + 1 END,
                locked_until = CASE
                    WHEN sign_in_attempts.expires_at <= $3 OR sign_in_attempts.failures < $4 THEN 0
                    WHEN (sign_in_attempts.failures - $4 + 1) * $5 > $6 THEN $3 + $6
                    ELSE $3 + (sign_in_attempts.failures - $4 + 1) * $5 END,
                expires_at = $2
            WHERE sign_in_attempts.locked_until <= $3 OR sign_in_attempts.expires_at <= $3
            RETURNING failures
            """,
            [
                .digest(key), .time(now + rule.memory), .time(now), .integer(Int64(rule.failures - 1)),
                .integer(rule.step.wholeMicroseconds), .integer(rule.longest.wholeMicroseconds),
            ]
        )
        if let row = counted.first {
            var reader = RowReader(row, of: "sign_in_attempts")
            return .admitted(failure: Int(clamping: try reader.integer("failures")))
        }
        let lock = try await database.read(
            .findSignInLock, "SELECT locked_until FROM sign_in_attempts WHERE digest = $1", [.digest(key)]
        ).first
        // Whoever was locked and has proven themselves meanwhile may try at once.
        guard let lock else { return .locked(until: now) }
        var reader = RowReader(lock, of: "sign_in_attempts")
        return .locked(until: try reader.time("locked_until"))
    }

    func withdraw(_ key: TokenDigest, failure: Int) async throws {
        _ = try await database.write(
            .withdrawSignIn,
            "UPDATE sign_in_attempts SET failures = failures - 1, locked_until = 0 WHERE digest = $1 AND failures = $2",
            [.digest(key), .integer(Int64(failure))]
        )
    }

    func succeed(_ key: TokenDigest) async throws {
        _ = try await database.write(.forgetSignIns, "DELETE FROM sign_in_attempts WHERE digest = $1", [.digest(key)])
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepSignIns,
            """
            DELETE FROM sign_in_attempts WHERE digest IN
                (SELECT digest FROM
                    (SELECT digest FROM sign_in_attempts WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500)
                    AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}
