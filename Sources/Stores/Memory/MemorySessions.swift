import OAuthTypes

struct MemorySessions: SessionStore {
    let memory: Memory

    func start(_ session: Session, replacing old: TokenDigest?) async throws {
        try await memory.access { tables in
            guard session.digest == old || tables.sessions[session.digest] == nil else {
                throw StorageError.conflict(table: "sessions")
            }
            if let old { tables.sessions[old] = nil }
            tables.sessions[session.digest] = session
        }
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Session? {
        await memory.access { tables in
            guard let session = tables.sessions[digest], now < session.expiresAt,
                let account = tables.accounts[session.userID], account.admits(signedInAt: session.authenticatedAt)
            else { return nil }
            return session
        }
    }

    func end(_ digest: TokenDigest, at now: Timestamp) async throws -> Session? {
        await memory.access { tables in
            guard let session = tables.sessions[digest], now < session.expiresAt else { return nil }
            tables.sessions[digest] = nil
            tables.revokeGrants(at: now) { $0.sessionID == session.id && !$0.scopes.contains(.offlineAccess) }
            return session
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.sessions.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}
