import OAuthTypes

struct MemoryParticipations: ParticipationStore {
    let memory: Memory

    func living(in session: SessionID, at now: Timestamp) async throws -> [Participation] {
        await memory.access { tables in
            let living = tables.participations.values.filter {
                $0.sessionID == session && $0.endedAt == nil && now < $0.expiresAt
            }
            return Array(living.sorted { $0.clientID.rawValue < $1.clientID.rawValue }.prefix(100))
        }
    }

    func waiting(at now: Timestamp) async throws -> [ClientID] {
        await memory.access { tables in
            var longest: [ClientID: Timestamp] = [:]
            for notice in tables.participations.values where notice.isDue(at: now) {
                longest[notice.clientID] = min(longest[notice.clientID] ?? now, notice.dueAt ?? now)
            }
            func rank(_ client: ClientID) -> Int { tables.clients[client]?.isSelfRegistered ?? false ? 1 : 0 }
            return longest.sorted {
                (rank($0.key), $0.value, $0.key.rawValue) < (rank($1.key), $1.value, $1.key.rawValue)
            }.prefix(1000).map(\.key)
        }
    }

    func claim(for client: ClientID, at now: Timestamp, until end: Timestamp) async throws -> Participation? {
        await memory.access { tables in
            let due = tables.participations.values.filter { $0.clientID == client && $0.isDue(at: now) }
            guard let first = due.min(by: { ($0.dueAt ?? now) < ($1.dueAt ?? now) }) else { return nil }
            let claimed = first.with(dueAt: end, attempts: first.attempts + 1, failure: first.failure)
            tables.participations[first.id] = claimed
            return claimed
        }
    }

    func isUntold(_ id: ParticipationID, attempt: Int) async throws -> Bool {
        await memory.access { $0.holdsLease(id, attempt) }
    }

    func told(_ id: ParticipationID, attempt: Int) async throws -> Bool {
        await memory.access { tables in
            guard tables.holdsLease(id, attempt) else { return false }
            tables.participations[id] = nil
            return true
        }
    }

    func failed(_ id: ParticipationID, attempt: Int, because reason: String, next: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard tables.holdsLease(id, attempt), let kept = tables.participations[id] else { return false }
            tables.participations[id] = kept.with(dueAt: next, attempts: attempt, failure: reason)
            return true
        }
    }

    func release(_ id: ParticipationID, attempt: Int, until next: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard tables.holdsLease(id, attempt), let kept = tables.participations[id] else { return false }
            tables.participations[id] = kept.with(dueAt: next, attempts: attempt - 1, failure: kept.failure)
            return true
        }
    }

    func giveUp(_ id: ParticipationID, attempt: Int, because reason: String, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard tables.holdsLease(id, attempt), let kept = tables.participations[id] else { return false }
            tables.participations[id] = kept.with(dueAt: nil, attempts: attempt, failure: reason, gaveUpAt: now)
            return true
        }
    }

    func retry(_ id: ParticipationID, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard let kept = tables.participations[id], kept.endedAt != nil else { return false }
            // A number that no attempt had: whoever still holds a lease has lost it, and the tries begin anew.
            tables.participations[id] = kept.with(
                dueAt: now, attempts: (kept.attempts / 1000 + 1) * 1000, failure: kept.failure,
                expiresAt: now + Participation.retention)
            return true
        }
    }

    func list(after cursor: ParticipationID?, limit: Int) async throws -> [Participation] {
        let start = Array((cursor?.rawValue ?? "").utf8)
        return await memory.access { tables in
            tables.participations.values
                .filter { $0.endedAt != nil && start.lexicographicallyPrecedes($0.id.rawValue.utf8) }
                .sorted { $0.id.rawValue.utf8.lexicographicallyPrecedes($1.id.rawValue.utf8) }
                .prefix(max(0, limit)).map(\.self)
        }
    }

    func figures() async throws -> OutboxFigures {
        await memory.access { tables in
            let all = tables.participations.values
            return OutboxFigures(waiting: all.count { $0.dueAt != nil }, givenUp: all.count { $0.gaveUpAt != nil })
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.participations.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}

extension MemoryTables {
    mutating func begin(_ participation: Participation) {
        guard
            sessions.values.contains(where: {
                $0.id == participation.sessionID && $0.userID == participation.userID
            })
        else { return }
        let before = participations.values.first {
            $0.sessionID == participation.sessionID && $0.clientID == participation.clientID
        }
        if let before, before.endedAt == nil {
            guard before.expiresAt < participation.expiresAt else { return }
            participations[before.id] = before.with(
                dueAt: nil, attempts: 0, failure: nil, expiresAt: participation.expiresAt)
            return
        }
        if let before { participations[before.id] = nil }
        participations[participation.id] = participation
    }

    /// Those of a session that was renewed go on for as long as it does.
    mutating func prolongParticipations(of session: Session) {
        for (id, kept) in participations
        where kept.sessionID == session.id && kept.endedAt == nil && kept.expiresAt < session.expiresAt {
            participations[id] = kept.with(dueAt: nil, attempts: 0, failure: nil, expiresAt: session.expiresAt)
        }
    }

    mutating func endParticipations(at now: Timestamp, where isMeant: (Participation) -> Bool) {
        for (id, participation) in participations where participation.endedAt == nil && isMeant(participation) {
            participations[id] = participation.ended(at: now, until: now + Participation.retention)
        }
    }

    /// Those of somebody who is erased end, and name nobody any more.
    mutating func forgetInParticipations(_ person: UserID) {
        for (id, participation) in participations where participation.userID == person {
            let isNew = participation.endedAt == nil
            participations[id] =
                (isNew
                ? participation.ended(
                    at: participation.createdAt, until: participation.expiresAt + Participation.retention)
                : participation).anonymous
        }
    }

    fileprivate func holdsLease(_ id: ParticipationID, _ attempt: Int) -> Bool {
        participations[id].map { $0.attempts == attempt && $0.dueAt != nil } ?? false
    }
}

extension Participation {
    fileprivate func isDue(at now: Timestamp) -> Bool { dueAt.map { $0 <= now } ?? false }

    fileprivate func ended(at moment: Timestamp, until end: Timestamp) -> Participation {
        Participation(
            id: id, sessionID: sessionID, clientID: clientID, userID: userID, createdAt: createdAt, expiresAt: end,
            endedAt: moment, dueAt: moment, attempts: attempts, failure: failure, gaveUpAt: gaveUpAt)
    }

    fileprivate var anonymous: Participation {
        Participation(
            id: id, sessionID: sessionID, clientID: clientID, userID: nil, createdAt: createdAt, expiresAt: expiresAt,
            endedAt: endedAt, dueAt: dueAt, attempts: attempts, failure: failure, gaveUpAt: gaveUpAt)
    }

    fileprivate func with(
        dueAt: Timestamp?, attempts: Int, failure: String?, gaveUpAt: Timestamp? = nil, expiresAt: Timestamp? = nil
    ) -> Participation {
        Participation(
            id: id, sessionID: sessionID, clientID: clientID, userID: userID, createdAt: createdAt,
            expiresAt: expiresAt ?? self.expiresAt, endedAt: endedAt, dueAt: dueAt, attempts: attempts,
            failure: failure, gaveUpAt: gaveUpAt)
    }
}
