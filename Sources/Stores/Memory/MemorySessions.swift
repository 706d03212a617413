import OAuthTypes

struct MemorySessions: SessionStore {
    let memory: Memory

    func start(_ session: Session, replacing old: TokenDigest?) async throws {
        try await memory.access { tables in
            guard session.digest == old || tables.sessions[session.digest] == nil else {
                throw StorageError.conflict(table: "sessions")
            }
            if let old, let before = tables.sessions[old] {
                // The new one is used for the first time when the one before ends.
                if session.lastUsedAt < before.expiresAt { tables.end(before, at: session.lastUsedAt) }
                tables.sessions[old] = nil
            }
            tables.sessions[session.digest] = session
        }
    }

    func renew(_ session: Session, from old: TokenDigest, at now: Timestamp) async throws -> Bool {
        try await memory.access { tables in
            guard let before = tables.sessions[old], now < before.expiresAt, before.id == session.id,
                before.userID == session.userID
            else { return false }
            guard session.digest == old || tables.sessions[session.digest] == nil else {
                throw StorageError.conflict(table: "sessions")
            }
            tables.sessions[old] = nil
            tables.sessions[session.digest] = session
            tables.prolongParticipations(of: session)
            if let upstream = tables.upstreamSessions[session.id], upstream.expiresAt < session.expiresAt {
                tables.upstreamSessions[session.id]?.expiresAt = session.expiresAt
            }
            return true
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

    func find(_ id: SessionID, of user: UserID, at now: Timestamp) async throws -> Session? {
        await memory.access { tables in
            tables.sessions.values.first { $0.id == id && $0.userID == user && now < $0.expiresAt }
        }
    }

    func touch(
        _ digest: TokenDigest, from network: String?, at now: Timestamp, unlessSince moment: Timestamp
    ) async throws {
        await memory.access { tables in
            guard let session = tables.sessions[digest], session.lastUsedAt < moment else { return }
            tables.sessions[digest] = session.used(at: now, from: network)
        }
    }

    func list(of user: UserID, at now: Timestamp) async throws -> [Session] {
        await memory.access { tables in
            guard let account = tables.accounts[user] else { return [] }
            return Array(
                tables.sessions.values
                    .filter {
                        $0.userID == user && now < $0.expiresAt && account.admits(signedInAt: $0.authenticatedAt)
                    }
                    .sorted { ($1.lastUsedAt, $0.id.rawValue) < ($0.lastUsedAt, $1.id.rawValue) }
                    .prefix(100))
        }
    }

    func endAll(of user: UserID, except digest: TokenDigest?, at now: Timestamp) async throws -> Int {
        await memory.access { tables in
            let ended = tables.sessions.values.filter {
                $0.userID == user && $0.digest != digest && now < $0.expiresAt
            }
            for session in ended { tables.end(session, at: now) }
            let spared = digest.flatMap { tables.sessions[$0]?.id }
            tables.endParticipations(at: now) { $0.userID == user && $0.sessionID != spared }
            tables.revokeGrants(at: now) {
                $0.userID == user && $0.sessionID != spared && !$0.scopes.contains(.offlineAccess)
            }
            return ended.count
        }
    }

    func end(_ digest: TokenDigest, at now: Timestamp) async throws -> Session? {
        await memory.access { tables in
            guard let session = tables.sessions[digest], now < session.expiresAt else { return nil }
            tables.end(session, at: now)
            return session
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.sessions.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}

extension MemoryTables {
    /// Ends a session with its grants but those with `offline_access`.
    fileprivate mutating func end(_ session: Session, at now: Timestamp) {
        sessions[session.digest] = nil
        upstreamSessions[session.id] = nil
        endParticipations(at: now) { $0.sessionID == session.id }
        revokeGrants(at: now) { $0.sessionID == session.id && !$0.scopes.contains(.offlineAccess) }
    }
}

extension Session {
    fileprivate func used(at now: Timestamp, from network: String?) -> Session {
        Session(
            digest: digest, id: id, userID: userID, authenticatedAt: authenticatedAt, methods: methods,
            startedAt: startedAt, lastUsedAt: now, device: device, network: network, expiresAt: expiresAt,
            isRemembered: isRemembered
        )
    }
}
