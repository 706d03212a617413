import OAuthTypes

struct MemoryConsents: ConsentStore {
    let memory: Memory

    func find(user: UserID, client: ClientID) async throws -> ScopeSet {
        await memory.access { $0.consents[MemoryTables.ConsentKey(user: user, client: client)] ?? [] }
    }

    func remember(_ scopes: ScopeSet, user: UserID, client: ClientID, at now: Timestamp) async throws {
        let key = MemoryTables.ConsentKey(user: user, client: client)
        await memory.access { tables in tables.consents[key] = (tables.consents[key] ?? []).union(scopes) }
    }

    func withdraw(user: UserID, client: ClientID, at now: Timestamp) async throws {
        await memory.access { tables in
            tables.consents[MemoryTables.ConsentKey(user: user, client: client)] = nil
            tables.revokeGrants(at: now) { $0.userID == user && $0.clientID == client }
        }
    }
}
