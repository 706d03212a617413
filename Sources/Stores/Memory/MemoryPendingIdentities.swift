import OAuthTypes

struct MemoryPendingIdentities: PendingIdentityStore {
    let memory: Memory

    func note(_ identity: PendingIdentity) async throws {
        try await memory.access { tables in
            guard tables.pendingIdentities[identity.digest] == nil else {
                throw StorageError.conflict(table: "pending_identities")
            }
            tables.pendingIdentities[identity.digest] = identity
        }
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> PendingIdentity? {
        await memory.access { tables in tables.pendingIdentities[digest].flatMap { now < $0.expiresAt ? $0 : nil } }
    }

    func take(_ digest: TokenDigest, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard let identity = tables.pendingIdentities[digest], now < identity.expiresAt else { return false }
            tables.pendingIdentities[digest] = nil
            return true
        }
    }

    func end(
        _ connector: ConnectorID, subject: String?, providerSession: String?, since moment: Timestamp
    ) async throws -> Int {
        await memory.access { tables in
            let ended = tables.pendingIdentities.values.filter { identity in
                let isSubject = subject.map { identity.subject.utf8.elementsEqual($0.utf8) } ?? false
                let isSession = providerSession.map { sought in
                    identity.providerSession.map { $0.utf8.elementsEqual(sought.utf8) } ?? false
                }
                return identity.connector == connector && identity.createdAt <= moment
                    && (isSubject || isSession ?? false)
            }
            for identity in ended { tables.pendingIdentities[identity.digest] = nil }
            return ended.count
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.pendingIdentities.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}

extension MemoryTables {
    /// Whether who came by a connector still waits, and people still sign in by it; true of everybody else.
    func stillWaits(_ factor: FirstFactor, at now: Timestamp) -> Bool {
        guard let digest = factor.identity else { return true }
        return pendingIdentities[digest].map {
            now < $0.expiresAt && connectors[$0.connector]?.isEnabled == true
        } ?? false
    }
}
