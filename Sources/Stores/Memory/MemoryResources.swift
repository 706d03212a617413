import OAuthTypes

struct MemoryResources: ResourceStore {
    let memory: Memory

    func insert(_ resource: Resource) async throws -> Bool {
        await memory.access { tables in
            guard tables.resources[resource.id] == nil else { return false }
            tables.resources[resource.id] = resource
            tables.version += 1
            return true
        }
    }

    func list() async throws -> [Resource] {
        await memory.access { $0.resources.values.sorted { $0.id.rawValue < $1.id.rawValue } }
    }

    func replace(_ resource: Resource) async throws -> Bool {
        await memory.access { tables in
            guard let known = tables.resources[resource.id] else { return false }
            tables.resources[resource.id] = Resource(
                id: resource.id, name: resource.name, scopes: resource.scopes, format: resource.format,
                tokenLifetime: resource.tokenLifetime, grantLifetime: resource.grantLifetime,
                algorithm: resource.algorithm, clients: resource.clients, createdAt: known.createdAt)
            tables.version += 1
            return true
        }
    }

    func remove(_ id: ResourceIdentifier) async throws -> Bool {
        await memory.access { tables in
            guard tables.resources.removeValue(forKey: id) != nil else { return false }
            tables.version += 1
            return true
        }
    }
}

struct MemoryOpaqueTokens: OpaqueTokenStore {
    let memory: Memory

    func insert(_ token: OpaqueToken) async throws -> Bool {
        try await memory.access { tables in
            if let id = token.grantID {
                guard let grant = tables.grants[id], grant.revokedAt == nil else { return false }
            }
            guard tables.opaqueTokens[token.digest] == nil else {
                throw StorageError.conflict(table: "opaque_tokens")
            }
            tables.opaqueTokens[token.digest] = token
            return true
        }
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> OpaqueToken? {
        await memory.access { tables in tables.opaqueTokens[digest].flatMap { $0.expiresAt > now ? $0 : nil } }
    }

    func revoke(_ digest: TokenDigest, of client: ClientID) async throws -> Bool {
        await memory.access { tables in
            guard tables.opaqueTokens[digest]?.clientID == client else { return false }
            tables.opaqueTokens[digest] = nil
            return true
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { $0.opaqueTokens.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}
