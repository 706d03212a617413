import OAuthTypes
import Stores

/// Which clients take part in which session, and which of them are to be told of its end: a row is both, one after the
/// other, so that the end of a session writes no rows but changes some.
struct ParticipationTable<Database: SQLDatabase>: ParticipationStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func living(in session: SessionID, at now: Timestamp) async throws -> [Participation] {
        try await database.read(
            .listParticipants,
            """
            SELECT id, session_id, client_id, user_id, created_at, expires_at, ended_at, due_at, attempts, failure,
                gave_up_at
            FROM participations WHERE session_id = $1 AND ended_at IS NULL AND expires_at > $2
            ORDER BY client_id LIMIT 100
            """,
            [.id(session), .time(now)]
        ).map(Participation.init(row:))
    }

    func waiting(at now: Timestamp) async throws -> [ClientID] {
        try await database.read(
            .listUntold,
            // From client to client: one that is to be told a million things hides no other, and no stranger's an operator's.
            """
            WITH RECURSIVE untold (client_id) AS (
                SELECT MIN(client_id) FROM participations WHERE due_at IS NOT NULL
                UNION ALL
                SELECT (SELECT MIN(p.client_id) FROM participations p
                    WHERE p.due_at IS NOT NULL AND p.client_id > untold.client_id)
                FROM untold WHERE untold.client_id IS NOT NULL)
            SELECT due.client_id FROM
                (SELECT client_id,
                    (SELECT MIN(p.due_at) FROM participations p
                        WHERE p.client_id = untold.client_id AND p.due_at <= $1) AS due_at
                FROM untold WHERE client_id IS NOT NULL) AS due
                LEFT JOIN clients c ON c.id = due.client_id
            WHERE due.due_at IS NOT NULL
            ORDER BY CASE WHEN c.registration_digest IS NULL THEN 0 ELSE 1 END, due.due_at, due.client_id LIMIT 1000
            """,
            [.time(now)]
        ).map { row in
            var reader = RowReader(row, of: "participations")
            return try reader.clientID("client_id")
        }
    }

    func claim(for client: ClientID, at now: Timestamp, until end: Timestamp) async throws -> Participation? {
        // The outer condition is judged anew for a row that another caller has just leased.
        try await database.write(
            .claimUntold,
            """
            UPDATE participations SET due_at = $3, attempts = attempts + 1
            WHERE id IN
                (SELECT id FROM participations WHERE client_id = $1 AND due_at <= $2 ORDER BY due_at LIMIT 1)
                AND due_at <= $2
            RETURNING id, session_id, client_id, user_id, created_at, expires_at, ended_at, due_at, attempts, failure,
                gave_up_at
            """,
            [.id(client), .time(now), .time(end)]
        ).first.map(Participation.init(row:))
    }

    func isUntold(_ id: ParticipationID, attempt: Int) async throws -> Bool {
        try await !database.read(
            .findUntold, "SELECT 1 FROM participations WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL",
            [.id(id), .integer(Int64(attempt))]
        ).isEmpty
    }

    func told(_ id: ParticipationID, attempt: Int) async throws -> Bool {
        try await !database.write(
            .toldParticipant,
            "DELETE FROM participations WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL RETURNING id",
            [.id(id), .integer(Int64(attempt))]
        ).isEmpty
    }

    func failed(_ id: ParticipationID, attempt: Int, because reason: String, next: Timestamp) async throws -> Bool {
        try await !database.write(
            .failedParticipant,
            """
            UPDATE participations SET due_at = $3, failure = $4
            WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL RETURNING id
            """,
            [.id(id), .integer(Int64(attempt)), .time(next), .text(reason)]
        ).isEmpty
    }

    func release(_ id: ParticipationID, attempt: Int, until next: Timestamp) async throws -> Bool {
        try await !database.write(
            .failedParticipant,
            """
            UPDATE participations SET due_at = $3, attempts = attempts - 1
            WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL RETURNING id
            """,
            [.id(id), .integer(Int64(attempt)), .time(next)]
        ).isEmpty
    }

    func giveUp(_ id: ParticipationID, attempt: Int, because reason: String, at now: Timestamp) async throws -> Bool {
        try await !database.write(
            .giveUpParticipant,
            """
            UPDATE participations SET due_at = NULL, gave_up_at = $3, failure = $4
            WHERE id = $1 AND attempts = $2 AND due_at IS NOT NULL RETURNING id
            """,
            [.id(id), .integer(Int64(attempt)), .time(now), .text(reason)]
        ).isEmpty
    }

    func retry(_ id: ParticipationID, at now: Timestamp) async throws -> Bool {
        // A number that no attempt had: whoever still holds a lease has lost it, and the tries begin anew.
        try await !database.write(
            .retryParticipant,
            """
            UPDATE participations SET due_at = $2, expires_at = $3, attempts = (attempts / 1000 + 1) * 1000,
                gave_up_at = NULL
            WHERE id = $1 AND ended_at IS NOT NULL RETURNING id
            """,
            [.id(id), .time(now), .time(now + Participation.retention)]
        ).isEmpty
    }

    func list(after cursor: ParticipationID?, limit: Int) async throws -> [Participation] {
        try await database.read(
            .listEnded,
            """
            SELECT id, session_id, client_id, user_id, created_at, expires_at, ended_at, due_at, attempts, failure,
                gave_up_at
            FROM participations WHERE id > $1 AND ended_at IS NOT NULL ORDER BY id LIMIT $2
            """,
            [.text(cursor?.rawValue ?? ""), .integer(Int64(max(0, limit)))]
        ).map(Participation.init(row:))
    }

    func figures() async throws -> OutboxFigures {
        // Asked every second, while living sessions leave many rows: each count has an index of what it counts.
        let row = try await database.read(
            .countEnded,
            """
            SELECT (SELECT COUNT(*) FROM participations WHERE due_at IS NOT NULL),
                (SELECT COUNT(*) FROM participations WHERE gave_up_at IS NOT NULL)
            """, []
        ).first
        guard let row else { return OutboxFigures(waiting: 0, givenUp: 0) }
        var reader = RowReader(row, of: "participations")
        let (waiting, givenUp) = (try reader.integer("due_at"), try reader.integer("gave_up_at"))
        return OutboxFigures(waiting: Int(clamping: waiting), givenUp: Int(clamping: givenUp))
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepParticipations,
            """
            DELETE FROM participations WHERE id IN
                (SELECT id FROM
                    (SELECT id FROM participations WHERE expires_at BETWEEN $3 AND $1
                        ORDER BY expires_at LIMIT 500) AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}

// MARK: Parts of other changes

extension Command {
    /// Begins one; one of the same session and client that goes on is kept, one that ended makes room.
    ///
    /// None begins in a session of the account that has ended meanwhile: one of the two waits for the other.
    static func begin(_ participation: Participation) -> Command {
        Command(
            """
            INSERT INTO participations (id, session_id, client_id, user_id, created_at, expires_at, attempts)
            SELECT $1, $2, $3, $4, $5, $6, 0
            WHERE EXISTS (SELECT 1 FROM sessions WHERE user_id = $4 AND id = $2 /*! FOR KEY SHARE */)
            ON CONFLICT (session_id, client_id) DO UPDATE SET
                id = CASE WHEN participations.ended_at IS NULL THEN participations.id ELSE excluded.id END,
                user_id = excluded.user_id,
                created_at = CASE WHEN participations.ended_at IS NULL THEN participations.created_at
                    ELSE excluded.created_at END,
                expires_at = excluded.expires_at, ended_at = NULL, due_at = NULL, attempts = 0, failure = NULL,
                gave_up_at = NULL
            WHERE participations.ended_at IS NOT NULL OR participations.expires_at < excluded.expires_at
            """,
            [
                .id(participation.id), .id(participation.sessionID), .id(participation.clientID),
                .id(participation.userID), .time(participation.createdAt), .time(participation.expiresAt),
            ])
    }

    /// Has those of a session go on for as long as it does; of one that was not renewed the digest is not there.
    static func prolongParticipations(of session: Session) -> Command {
        Command(
            """
            UPDATE participations SET expires_at = $3
            WHERE session_id = $2 AND ended_at IS NULL AND expires_at < $3
                AND EXISTS (SELECT 1 FROM sessions WHERE digest = $1 AND id = $2)
            """,
            [.digest(session.digest), .id(session.id), .time(session.expiresAt)])
    }

    /// Ends those of a session by its cookie; before the session goes.
    static func endParticipations(ofSession digest: TokenDigest, at now: Timestamp) -> Command {
        Command(
            """
            UPDATE participations SET ended_at = $2, due_at = $2, expires_at = $3
            WHERE session_id IN (SELECT id FROM sessions WHERE digest = $1 AND expires_at > $2) AND ended_at IS NULL
            """,
            [.digest(digest), .time(now), .time(now + Participation.retention)])
    }

    /// Ends those of a person, but those of the session of a cookie; `digest` may be empty, which no cookie's is.
    static func endParticipations(of user: UserID, except digest: SQLValue, at now: Timestamp) -> Command {
        Command(
            """
            UPDATE participations SET ended_at = $2, due_at = $2, expires_at = $3
            WHERE user_id = $1 AND ended_at IS NULL
                AND session_id NOT IN (SELECT id FROM sessions WHERE user_id = $1 AND digest = $4)
            """,
            [.id(user), .time(now), .time(now + Participation.retention), digest])
    }

    /// Ends those of a person at a client.
    static func endParticipations(of user: UserID, at client: ClientID, at now: Timestamp) -> Command {
        Command(
            """
            UPDATE participations SET ended_at = $3, due_at = $3, expires_at = $4
            WHERE user_id = $1 AND client_id = $2 AND ended_at IS NULL
            """,
            [.id(user), .id(client), .time(now), .time(now + Participation.retention)])
    }
}

extension Participation {
    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "participations")
        self.init(
            id: try reader.id("id"),
            sessionID: try reader.id("session_id"),
            clientID: try reader.clientID("client_id"),
            userID: try reader.optionalID("user_id"),
            createdAt: try reader.time("created_at"),
            expiresAt: try reader.time("expires_at"),
            endedAt: try reader.optionalTime("ended_at"),
            dueAt: try reader.optionalTime("due_at"),
            attempts: Int(clamping: try reader.integer("attempts")),
            failure: try reader.optionalText("failure"),
            gaveUpAt: try reader.optionalTime("gave_up_at")
        )
    }
}
