import Identity
import JSON
import OAuthTypes
import Stores

/// Something that waits in the stores to be sent, as commands show it and have it tried again.
protocol OutboxRecord: Sendable {
    /// What people read of each.
    static var columns: KeyValuePairs<String, (Self) -> String> { get }
    /// What to say where there is none of an identifier.
    static func absence(of id: String) -> String
    /// Those after `last` in the order of their identifiers.
    static func page(of stores: Storage, after last: Self?, limit: Int) async throws -> [Self]
    /// Has one tried at once; false where there is none.
    static func retry(_ id: String, in stores: Storage, at now: Timestamp) async throws -> Bool

    /// Its identifier.
    var name: String { get }
    /// What the list is in order of.
    var waitsSince: Timestamp { get }

    func write(to writer: inout JSONWriter)
}

extension OutboxRecord {
    /// Lists all, the oldest first.
    static func show(in tool: Tool, asJSON isJSON: Bool) async throws {
        var records: [Self] = []
        try await forEachPage(in: tool) { records += $0 }
        records.sort { $0.waitsSince < $1.waitsSince }
        tool.console.show(records, asJSON: isJSON, columns: columns) { $0.write(to: &$1) }
    }

    /// Has one tried at once, or all.
    static func retry(_ id: String?, in tool: Tool) async throws {
        if let id {
            guard try await retry(id, in: tool.stores, at: tool.clock.now) else {
                throw CommandFailure(absence(of: id))
            }
            return tool.console.print("It is due now.")
        }
        var count = 0
        try await forEachPage(in: tool) { page in
            for record in page where try await retry(record.name, in: tool.stores, at: tool.clock.now) { count += 1 }
        }
        tool.console.print("\(count) due now.")
    }

    private static func forEachPage(in tool: Tool, _ body: ([Self]) async throws -> Void) async throws {
        let limit = 500
        var last: Self?
        while true {
            let page = try await page(of: tool.stores, after: last, limit: limit)
            try await body(page)
            last = page.last
            guard page.count == limit else { return }
        }
    }
}

extension MailOrder: OutboxRecord {
    static var columns: KeyValuePairs<String, (Self) -> String> {
        [
            "ID": \.id.rawValue, "KIND": \.kind.rawValue, "TO": \.recipient.rawValue,
            "STATE": { $0.gaveUpAt == nil ? "waiting" : "given up" }, "TRIES": { "\($0.attempts)" },
            "FAILURE": { $0.failure ?? "" },
        ]
    }

    static func absence(of id: String) -> String { "there is no mail \(Console.visible(id)); it may have been sent" }

    static func page(of stores: Storage, after last: Self?, limit: Int) async throws -> [Self] {
        try await stores.mails.list(after: last?.id, limit: limit)
    }

    static func retry(_ id: String, in stores: Storage, at now: Timestamp) async throws -> Bool {
        try await stores.mails.retry(MailID(rawValue: id), at: now, sendBy: now + MailKind.invitation.patience)
    }

    var name: String { id.rawValue }
    var waitsSince: Timestamp { createdAt }

    func write(to writer: inout JSONWriter) {
        writer.member("id", id.rawValue)
        writer.member("kind", kind.rawValue)
        writer.member("to", recipient.rawValue)
        writer.member("created_at", createdAt.internetDate)
        writer.member("due_at", dueAt.internetDate)
        writer.member("attempts", attempts)
        writer.member("failure", failure)
        writer.member("gave_up_at", gaveUpAt?.internetDate)
    }
}

extension Participation: OutboxRecord {
    static var columns: KeyValuePairs<String, (Self) -> String> {
        [
            "ID": \.id.rawValue, "CLIENT": \.clientID.rawValue, "ENDED": { $0.endedAt?.internetDate ?? "" },
            "STATE": { $0.gaveUpAt == nil ? "waiting" : "given up" }, "TRIES": { "\($0.tries)" },
            "FAILURE": { $0.failure ?? "" },
        ]
    }

    static func absence(of id: String) -> String {
        "there is no notice \(Console.visible(id)); the client may have been told"
    }

    static func page(of stores: Storage, after last: Self?, limit: Int) async throws -> [Self] {
        try await stores.participations.list(after: last?.id, limit: limit)
    }

    static func retry(_ id: String, in stores: Storage, at now: Timestamp) async throws -> Bool {
        try await stores.participations.retry(ParticipationID(rawValue: id), at: now)
    }

    var name: String { id.rawValue }
    var waitsSince: Timestamp { endedAt ?? createdAt }

    func write(to writer: inout JSONWriter) {
        writer.member("id", id.rawValue)
        writer.member("client_id", clientID.rawValue)
        writer.member("user_id", userID?.rawValue)
        writer.member("ended_at", endedAt?.internetDate)
        writer.member("due_at", dueAt?.internetDate)
        writer.member("attempts", tries)
        writer.member("failure", failure)
        writer.member("gave_up_at", gaveUpAt?.internetDate)
    }
}
