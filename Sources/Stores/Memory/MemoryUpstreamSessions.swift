import OAuthTypes

struct MemoryUpstreamSessions: UpstreamSessionStore {
    let memory: Memory

    func note(_ session: UpstreamSession) async throws {
        await memory.access { $0.upstreamSessions[session.sessionID] = session }
    }

    func find(_ id: SessionID, at now: Timestamp) async throws -> UpstreamSession? {
        await memory.access { tables in tables.upstreamSessions(at: now) { $0.sessionID == id }.first }
    }

    func list(_ connector: ConnectorID, subject: String, at now: Timestamp) async throws -> [UpstreamSession] {
        await memory.access { tables in
            tables.upstreamSessions(at: now) {
                $0.connector == connector && $0.subject.utf8.elementsEqual(subject.utf8)
            }
        }
    }

    func list(
        _ connector: ConnectorID, providerSession: String, at now: Timestamp
    ) async throws -> [UpstreamSession] {
        await memory.access { tables in
            tables.upstreamSessions(at: now) {
                $0.connector == connector
                    && $0.providerSession.map { $0.utf8.elementsEqual(providerSession.utf8) } ?? false
            }
        }
    }

    func list(_ connector: ConnectorID, at now: Timestamp) async throws -> [UpstreamSession] {
        await memory.access { tables in tables.upstreamSessions(at: now) { $0.connector == connector } }
    }

    func replaceTokens(of id: SessionID, _ old: [UInt8], by new: [UInt8]) async throws -> Bool {
        await memory.access { tables in
            guard tables.upstreamSessions[id]?.sealedTokens == old else { return false }
            tables.upstreamSessions[id]?.sealedTokens = new
            return true
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.upstreamSessions.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}

extension MemoryTables {
    fileprivate func upstreamSessions(
        at now: Timestamp, where isMeant: (UpstreamSession) -> Bool
    ) -> [UpstreamSession] {
        let found = upstreamSessions.values.filter { upstream in
            isMeant(upstream)
                && sessions.values.contains {
                    $0.id == upstream.sessionID && $0.userID == upstream.userID && now < $0.expiresAt
                }
        }
        return Array(
            found.sorted { ($0.createdAt, $0.sessionID.rawValue) < ($1.createdAt, $1.sessionID.rawValue) }.prefix(100))
    }
}
