import OAuthTypes
import Stores

/// Mails that are to be sent.
struct MailTable<Database: SQLDatabase>: MailStore {
    let database: TimedDatabase<Database>
    private let swept = SweepMark()

    init(database: TimedDatabase<Database>) {
        self.database = database
    }

    func order(_ mail: MailOrder) async throws {
        _ = try await database.write(.orderMail, [mail.insertion])
    }

    func isDue(at now: Timestamp) async throws -> Bool {
        try await !database.read(
            .findDueMail,
            """
            SELECT 1 FROM mails WHERE gave_up_at IS NULL AND due_at <= $1 AND $2 LIKE '% ' || kind || ' %' LIMIT 1
            """,
            [.time(now), .text(MailTable.kinds)]
        ).isEmpty
    }

    func claim(at now: Timestamp, until end: Timestamp, limit: Int) async throws -> [MailOrder] {
        // The outer condition is judged anew for a row that another caller has just leased.
        try await database.write(
            .claimMails,
            """
            UPDATE mails SET due_at = $2, attempts = attempts + 1
            WHERE id IN
                (SELECT id FROM mails
                WHERE gave_up_at IS NULL AND due_at <= $1 AND $4 LIKE '% ' || kind || ' %' ORDER BY due_at LIMIT $3)
                AND gave_up_at IS NULL AND due_at <= $1
            RETURNING id, kind, recipient, proof, details, created_at, send_by, expires_at, due_at, attempts, failure,
                gave_up_at, language
            """,
            [.time(now), .time(end), .integer(Int64(max(0, limit))), .text(MailTable.kinds)]
        ).map(MailOrder.init(row:))
    }

    /// A mail of another kind is for a newer program: an attempt here would only use it up.
    private static var kinds: String { " " + MailKind.allCases.map(\.rawValue).joined(separator: " ") + " " }

    func sent(_ id: MailID, attempt: Int) async throws -> Bool {
        try await !database.write(
            .sentMail,
            "DELETE FROM mails WHERE id = $1 AND attempts = $2 AND gave_up_at IS NULL RETURNING id",
            [.id(id), .integer(Int64(attempt))]
        ).isEmpty
    }

    func failed(_ id: MailID, attempt: Int, because reason: String, next: Timestamp) async throws -> Bool {
        try await !database.write(
            .failedMail,
            """
            UPDATE mails SET due_at = $3, failure = $4
            WHERE id = $1 AND attempts = $2 AND gave_up_at IS NULL RETURNING id
            """,
            [.id(id), .integer(Int64(attempt)), .time(next), .text(reason)]
        ).isEmpty
    }

    func giveUp(_ id: MailID, attempt: Int, because reason: String, at now: Timestamp) async throws -> Bool {
        try await !database.write(
            .giveUpMail,
            """
            UPDATE mails SET gave_up_at = $3, failure = $4
            WHERE id = $1 AND attempts = $2 AND gave_up_at IS NULL RETURNING id
            """,
            [.id(id), .integer(Int64(attempt)), .time(now), .text(reason)]
        ).isEmpty
    }

    func retry(_ id: MailID, at now: Timestamp, sendBy: Timestamp) async throws -> Bool {
        // The attempts go on counting: whoever still holds a lease has lost it.
        try await !database.write(
            .retryMail,
            """
            UPDATE mails SET due_at = $2, send_by = $3, attempts = attempts + 1, gave_up_at = NULL
            WHERE id = $1 RETURNING id
            """,
            [.id(id), .time(now), .time(sendBy)]
        ).isEmpty
    }

    func list(after cursor: MailID?, limit: Int) async throws -> [MailOrder] {
        try await database.read(
            .listMails,
            """
            SELECT id, kind, recipient, proof, details, created_at, send_by, expires_at, due_at, attempts, failure,
                gave_up_at, language
            FROM mails WHERE id > $1 ORDER BY id LIMIT $2
            """,
            [.text(cursor?.rawValue ?? ""), .integer(Int64(max(0, limit)))]
        ).map(MailOrder.init(row:))
    }

    func figures() async throws -> OutboxFigures {
        let row = try await database.read(
            .countMails, "SELECT COUNT(*), COUNT(gave_up_at) FROM mails", []
        ).first
        guard let row else { return OutboxFigures(waiting: 0, givenUp: 0) }
        var reader = RowReader(row, of: "mails")
        let (all, givenUp) = (try reader.integer("count"), try reader.integer("gave_up_at"))
        return OutboxFigures(waiting: Int(clamping: all &- givenUp), givenUp: Int(clamping: givenUp))
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await swept.sweep(
            database,
            .sweepMails,
            """
            DELETE FROM mails WHERE id IN
                (SELECT id FROM
                    (SELECT id FROM mails WHERE expires_at BETWEEN $3 AND $1 ORDER BY expires_at LIMIT 500) AS due
                LIMIT $2)
            RETURNING expires_at
            """,
            expiredBy: now, limit: limit
        )
    }
}

extension MailOrder {
    /// The command that orders the mail: part of whatever change it tells of.
    var insertion: Command {
        Command(
            """
            INSERT INTO mails
                (id, kind, recipient, proof, created_at, send_by, expires_at, due_at, attempts, failure, gave_up_at,
                    details, language)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """,
            [
                .id(id), .text(kind.rawValue), .text(recipient.rawValue), .digest(proof), .time(createdAt),
                .time(sendBy), .time(expiresAt), .time(dueAt), .integer(Int64(attempts)), .text(failure),
                .time(gaveUpAt), .text(details.isEmpty ? nil : details.joined(separator: "\n")), .text(language),
            ]
        )
    }

    init(row: Row) throws(StorageError) {
        var reader = RowReader(row, of: "mails")
        self.init(
            id: try reader.id("id"),
            kind: try reader.word("kind"),
            recipient: try reader.email("recipient"),
            proof: try reader.optionalDigest("proof"),
            details: try reader.lines("details"),
            createdAt: try reader.time("created_at"),
            sendBy: try reader.time("send_by"),
            expiresAt: try reader.time("expires_at"),
            dueAt: try reader.time("due_at"),
            attempts: Int(clamping: try reader.integer("attempts")),
            failure: try reader.optionalText("failure"),
            gaveUpAt: try reader.optionalTime("gave_up_at"),
            language: try reader.optionalText("language")
        )
    }
}

extension RowReader {
    /// What was written on lines of their own; a null has none.
    fileprivate mutating func lines(_ column: StaticString) throws(StorageError) -> [String] {
        guard let text = try optionalText(column) else { return [] }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    mutating func email(_ column: StaticString) throws(StorageError) -> Email {
        guard let email = Email(try text(column)) else { throw damaged(column) }
        return email
    }
}
