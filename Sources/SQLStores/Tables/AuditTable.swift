import OAuthTypes
import Stores

/// The log of security events, and the checkpoints of its chain.
struct AuditTable<Database: SQLDatabase>: AuditStore {
    let database: TimedDatabase<Database>

    func append(_ events: [AuditEvent]) async throws {
        guard !events.isEmpty else { return }
        _ = try await database.write(.appendAuditEvents, events.map(\.insertion))
    }

    func unlinked(limit: Int) async throws -> [AuditEvent] {
        try await database.read(
            .listUnlinkedAuditEvents,
            """
            SELECT id, happened_at, action, outcome, actor, subject, client_id, request_id, network, details, personal
            FROM audit_events WHERE sequence IS NULL AND id > '' ORDER BY id LIMIT $1
            """,
            [.integer(Int64(max(0, limit)))]
        ).map { row in
            var reader = RowReader(row, of: "audit_events")
            return try AuditEvent(&reader)
        }
    }

    func head() async throws -> AuditLink? {
        try await database.read(
            .findAuditHead,
            """
            SELECT id, sequence, digest FROM audit_events WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1
            """, []
        ).first.map { row in
            var reader = RowReader(row, of: "audit_events")
            return try AuditLink(&reader)
        }
    }

    func link(_ links: [AuditLink]) async throws -> Bool {
        let others = links.dropFirst().map { link in
            Command(
                "UPDATE audit_events SET sequence = $2, digest = $3 WHERE id = $1 AND sequence IS NULL",
                [.text(link.id), .integer(link.sequence), .digest(link.digest)]
            )
        }
        guard let first = links.first, let last = links.last else { return true }
        // The first one last: only if the others have their places, or one that was linked meanwhile would leave a gap.
        let decision = Command(
            """
            UPDATE audit_events SET sequence = $2, digest = $3
            WHERE id = $1 AND sequence IS NULL
                AND (SELECT COUNT(*) FROM audit_events WHERE sequence > $2 AND sequence <= $4) = $5
            RETURNING 1
            """,
            [
                .text(first.id), .integer(first.sequence), .digest(first.digest), .integer(last.sequence),
                .integer(Int64(others.count)),
            ])
        do throws(StorageError) {
            return try await !database.write(.linkAuditEvents, others + [decision], then: []).isEmpty
        } catch {
            guard case .conflict = error else { throw error }
            return false
        }
    }

    func list(after sequence: Int64, limit: Int) async throws -> [LinkedAuditEvent] {
        try await database.read(
            .listAuditEvents,
            """
            SELECT id, happened_at, action, outcome, actor, subject, client_id, request_id, network, details, personal,
                id, sequence, digest
            FROM audit_events WHERE sequence > $1 ORDER BY sequence LIMIT $2
            """,
            [.integer(sequence), .integer(Int64(max(0, limit)))]
        ).map { row in
            var reader = RowReader(row, of: "audit_events")
            return LinkedAuditEvent(event: try AuditEvent(&reader), link: try AuditLink(&reader))
        }
    }

    func find(_ search: AuditSearch, limit: Int) async throws -> [AuditEvent] {
        let end = min(search.until.map(AuditEvent.name) ?? AuditTable.behindAll, search.before ?? AuditTable.behindAll)
        let parameters: [SQLValue] = [
            .text(search.since.map(AuditEvent.name) ?? ""), .text(end), .integer(Int64(max(0, limit))),
            .text(search.action ?? ""), .text(search.outcome?.rawValue ?? ""),
        ]
        let rows: [Row]
        if let subject = search.subject {
            rows = try await database.read(
                .findAuditEventsOfUser,
                """
                SELECT id, happened_at, action, outcome, actor, subject, client_id, request_id, network, details, personal
                FROM audit_events
                WHERE subject = $6 AND id >= $1 AND id < $2 AND (action = $4 OR $4 = '') AND (outcome = $5 OR $5 = '')
                ORDER BY id DESC LIMIT $3
                """,
                parameters + [.id(subject)])
        } else {
            rows = try await database.read(
                .findAuditEvents,
                """
                SELECT id, happened_at, action, outcome, actor, subject, client_id, request_id, network, details, personal
                FROM audit_events
                WHERE id >= $1 AND id < $2 AND (action = $4 OR $4 = '') AND (outcome = $5 OR $5 = '')
                ORDER BY id DESC LIMIT $3
                """,
                parameters)
        }
        return try rows.map { row in
            var reader = RowReader(row, of: "audit_events")
            return try AuditEvent(&reader)
        }
    }

    /// Names are hexadecimal digits.
    private static var behindAll: String { "g" }

    func place(before moment: Timestamp) async throws -> Int64? {
        try await database.read(
            .findAuditPlace,
            """
            SELECT sequence FROM audit_events WHERE id < $1 AND sequence IS NOT NULL ORDER BY id DESC LIMIT 1
            """,
            [.text(AuditEvent.name(at: moment))]
        ).first.map { row in
            var reader = RowReader(row, of: "audit_events")
            return try reader.integer("sequence")
        }
    }

    func add(_ checkpoint: AuditCheckpoint) async throws {
        _ = try await database.write(
            .addAuditCheckpoint,
            """
            INSERT INTO audit_checkpoints (sequence, token, public_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
            """,
            [.integer(checkpoint.sequence), .text(checkpoint.token), .text(checkpoint.key)]
        )
    }

    func checkpoints(after sequence: Int64, limit: Int) async throws -> [AuditCheckpoint] {
        try await database.read(
            .listAuditCheckpoints,
            """
            SELECT sequence, token, public_key FROM audit_checkpoints WHERE sequence > $1 ORDER BY sequence LIMIT $2
            """,
            [.integer(sequence), .integer(Int64(max(0, limit)))]
        ).map { row in
            var reader = RowReader(row, of: "audit_checkpoints")
            return try AuditCheckpoint(&reader)
        }
    }

    func checkpoint(through sequence: Int64) async throws -> AuditCheckpoint? {
        try await database.read(
            .findAuditCheckpoint,
            """
            SELECT sequence, token, public_key FROM audit_checkpoints WHERE sequence <= $1
            ORDER BY sequence DESC LIMIT 1
            """,
            [.integer(sequence)]
        ).first.map { row in
            var reader = RowReader(row, of: "audit_checkpoints")
            return try AuditCheckpoint(&reader)
        }
    }

    func prune(through sequence: Int64, limit: Int) async throws -> Int {
        let rows = try await database.write(
            .pruneAudit,
            [
                Command("DELETE FROM audit_checkpoints WHERE sequence < $1", [.integer(sequence)]),
                Command(
                    """
                    DELETE FROM audit_events WHERE id IN
                        (SELECT id FROM
                            (SELECT id FROM audit_events WHERE sequence <= $1 ORDER BY sequence LIMIT 500) AS due
                        LIMIT $2)
                    RETURNING 1
                    """,
                    [.integer(sequence), .integer(Int64(max(0, limit)))]),
            ])
        return rows.last?.count ?? 0
    }
}

extension AuditEvent {
    /// The command that adds the event: on its own, or as part of the change that it tells of.
    var insertion: Command {
        Command(
            """
            INSERT INTO audit_events
                (id, happened_at, action, outcome, actor, subject, client_id, request_id, network, details, personal)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                .text(id), .time(at), .text(action), .text(outcome.rawValue), .text(actor.text), .id(subject),
                client.map { .id($0) } ?? .null, .text(requestID), .text(network), .text(details),
                sealed.map { .bytes($0) } ?? .null,
            ]
        )
    }

    init(_ reader: inout RowReader) throws(StorageError) {
        let id = try reader.text("id")
        let at = try reader.time("happened_at")
        let action = try reader.text("action")
        let outcome: Outcome = try reader.word("outcome")
        guard let actor = Actor(text: try reader.text("actor")) else { throw reader.damaged("actor") }
        let subject: UserID? = try reader.optionalID("subject")
        var client: ClientID?
        if let text = try reader.optionalText("client_id") {
            guard let known = ClientID(text) else { throw reader.damaged("client_id") }
            client = known
        }
        self.init(
            id: id, at: at, action: action, outcome: outcome, actor: actor, subject: subject, client: client,
            requestID: try reader.optionalText("request_id"), network: try reader.optionalText("network"),
            details: try reader.optionalText("details"), sealed: try reader.optionalBytes("personal"))
    }
}

extension AuditLink {
    init(_ reader: inout RowReader) throws(StorageError) {
        self.init(
            id: try reader.text("id"), sequence: try reader.integer("sequence"), digest: try reader.digest("digest"))
    }
}

extension AuditCheckpoint {
    init(_ reader: inout RowReader) throws(StorageError) {
        self.init(
            sequence: try reader.integer("sequence"), token: try reader.text("token"),
            key: try reader.text("public_key"))
    }
}
