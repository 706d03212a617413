import OAuthTypes

struct MemoryMails: MailStore {
    let memory: Memory

    func order(_ mail: MailOrder) async throws {
        try await memory.access { try $0.order(mail) }
    }

    func claim(at now: Timestamp, until end: Timestamp, limit: Int) async throws -> [MailOrder] {
        await memory.access { tables in
            let due = tables.mails.values.filter { $0.gaveUpAt == nil && $0.dueAt <= now }
                .sorted { $0.dueAt < $1.dueAt }.prefix(max(0, limit))
            return due.map { mail in
                var mail = mail
                mail.dueAt = end
                mail.attempts += 1
                tables.mails[mail.id] = mail
                return mail
            }
        }
    }

    func sent(_ id: MailID, attempt: Int) async throws -> Bool {
        await memory.access { tables in
            guard tables.holdsLease(id, attempt) else { return false }
            tables.mails[id] = nil
            return true
        }
    }

    func failed(_ id: MailID, attempt: Int, because reason: String, next: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard tables.holdsLease(id, attempt) else { return false }
            tables.mails[id]?.failure = reason
            tables.mails[id]?.dueAt = next
            return true
        }
    }

    func giveUp(_ id: MailID, attempt: Int, because reason: String, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard tables.holdsLease(id, attempt) else { return false }
            tables.mails[id]?.failure = reason
            tables.mails[id]?.gaveUpAt = now
            return true
        }
    }

    func retry(_ id: MailID, at now: Timestamp, sendBy: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard let mail = tables.mails[id] else { return false }
            // The attempts go on counting: whoever still holds a lease has lost it.
            tables.mails[id] = MailOrder(
                id: mail.id, kind: mail.kind, recipient: mail.recipient, proof: mail.proof, createdAt: mail.createdAt,
                sendBy: sendBy, expiresAt: mail.expiresAt, dueAt: now, attempts: mail.attempts + 1,
                failure: mail.failure, gaveUpAt: nil, language: mail.language)
            return true
        }
    }

    func list(after cursor: MailID?, limit: Int) async throws -> [MailOrder] {
        let start = Array((cursor?.rawValue ?? "").utf8)
        return await memory.access { tables in
            tables.mails.values.filter { start.lexicographicallyPrecedes($0.id.rawValue.utf8) }
                .sorted { $0.id.rawValue.utf8.lexicographicallyPrecedes($1.id.rawValue.utf8) }
                .prefix(max(0, limit)).map(\.self)
        }
    }

    func isDue(at now: Timestamp) async throws -> Bool {
        await memory.access { tables in tables.mails.values.contains { $0.gaveUpAt == nil && $0.dueAt <= now } }
    }

    func figures() async throws -> OutboxFigures {
        await memory.access { tables in
            let givenUp = tables.mails.values.count { $0.gaveUpAt != nil }
            return OutboxFigures(waiting: tables.mails.count - givenUp, givenUp: givenUp)
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.mails.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}

extension MemoryTables {
    mutating func order(_ mail: MailOrder) throws {
        guard mails[mail.id] == nil else { throw StorageError.conflict(table: "mails") }
        mails[mail.id] = mail
    }

    func holdsLease(_ id: MailID, _ attempt: Int) -> Bool {
        mails[id].map { $0.attempts == attempt && $0.gaveUpAt == nil } ?? false
    }
}
