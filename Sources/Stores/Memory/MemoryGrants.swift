import OAuthTypes

struct MemoryGrants: GrantStore {
    let memory: Memory

    func begin(_ grant: Grant, in participation: Participation?) async throws -> Grant? {
        try await memory.access { tables in
            let kept = try tables.keep(grant)
            if let participation { tables.begin(participation) }
            return kept.revokedAt == nil ? kept : nil
        }
    }

    func find(_ id: GrantID, at now: Timestamp) async throws -> Grant? {
        await memory.access { tables in
            guard let grant = tables.grants[id], now < grant.expiresAt else { return nil }
            return grant
        }
    }

    func holder(of id: GrantID, at now: Timestamp, withDetails: Bool) async throws -> GrantHolder? {
        await memory.access { tables in
            guard let grant = tables.grants[id], grant.revokedAt == nil, now < grant.expiresAt,
                var user = tables.accounts[grant.userID]?.user, user.disabledAt == nil
            else { return nil }
            user.passwordHash = nil
            return GrantHolder(
                user: user, claims: grant.claims, details: withDetails ? tables.profiles[user.id] : nil)
        }
    }

    func clients(of user: UserID, at now: Timestamp) async throws -> [SessionClient] {
        await memory.access { tables in
            let pairs = tables.grants.values
                .filter { $0.userID == user && $0.revokedAt == nil && now < $0.expiresAt }
                .map { SessionClient(sessionID: $0.sessionID, clientID: $0.clientID) }
            return Array(
                Set(pairs).sorted {
                    ($0.sessionID.rawValue, $0.clientID.rawValue) < ($1.sessionID.rawValue, $1.clientID.rawValue)
                }.prefix(200))
        }
    }

    func rotate(_ attempt: RotationAttempt) async throws -> Rotation {
        await memory.access { tables in
            guard var grant = tables.grants[attempt.grantID] else { return .unknown }
            switch attempt.verdict(on: grant) {
            case .rotate:
                grant.refresh = RefreshFamily(
                    generation: attempt.generation &+ 1, rotatedAt: attempt.now, request: attempt.request,
                    idleExpiresAt: attempt.now + attempt.idleLifetime
                )
                tables.grants[grant.id] = grant
                return .rotated(grant)
            case .retry: return .retried(grant)
            case .reuse: return .reused(grant.id)
            case .foreign: return .foreign
            case .revoked: return .revoked
            case .refuse: return .unknown
            }
        }
    }

    func revoke(_ id: GrantID, at now: Timestamp) async throws {
        await memory.access { tables in tables.revokeGrants(at: now) { $0.id == id } }
    }

    func owner(ofUnused session: SessionID, since moment: Timestamp, at now: Timestamp) async throws -> UserID? {
        await memory.access { tables in
            tables.grants.values.first { grant in
                grant.sessionID == session && grant.revokedAt == nil && now < grant.expiresAt
                    && !grant.scopes.contains(.offlineAccess)
                    && !tables.sessions.values.contains {
                        $0.id == session && $0.userID == grant.userID && now < $0.expiresAt && $0.lastUsedAt >= moment
                    }
            }?.userID
        }
    }

    func revokeAll(of session: SessionID, of user: UserID, at now: Timestamp) async throws {
        await memory.access { tables in
            tables.revokeGrants(at: now) {
                $0.sessionID == session && $0.userID == user && !$0.scopes.contains(.offlineAccess)
            }
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.grants.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}
