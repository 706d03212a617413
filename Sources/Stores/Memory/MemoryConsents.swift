import OAuthTypes

struct MemoryConsents: ConsentStore {
    let memory: Memory

    func find(user: UserID, client: ClientID) async throws -> ScopeSet {
        await memory.access { $0.consents[MemoryTables.ConsentKey(user: user, client: client)]?.scopes ?? [] }
    }

    func list(of user: UserID) async throws -> [Consent] {
        await memory.access { tables in
            tables.consents.filter { $0.key.user == user }.values.sorted { $0.clientID.rawValue < $1.clientID.rawValue }
        }
    }

    func remember(_ scopes: ScopeSet, user: UserID, client: ClientID, at now: Timestamp) async throws {
        let key = MemoryTables.ConsentKey(user: user, client: client)
        guard !scopes.isEmpty else { return }
        await memory.access { tables in
            let kept = tables.consents[key]
            tables.consents[key] = Consent(
                clientID: client, scopes: (kept?.scopes ?? []).union(scopes), since: min(kept?.since ?? now, now))
        }
    }

    func withdraw(user: UserID, client: ClientID, at now: Timestamp) async throws {
        await memory.access { tables in
            tables.consents[MemoryTables.ConsentKey(user: user, client: client)] = nil
            tables.endParticipations(at: now) { $0.userID == user && $0.clientID == client }
            tables.revokeGrants(at: now) { $0.userID == user && $0.clientID == client }
        }
    }
}
