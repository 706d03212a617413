import OAuthTypes

struct MemoryClients: ClientStore {
    let memory: Memory

    func insert(_ client: Client) async throws -> Bool {
        await memory.access { tables in
            guard tables.clients[client.id] == nil else { return false }
            tables.clients[client.id] = client
            tables.version += 1
            return true
        }
    }

    func find(_ id: ClientID) async throws -> Client? {
        await memory.access { $0.clients[id] }
    }

    func list() async throws -> [Client] {
        await memory.access { $0.clients.values.sorted { $0.id.rawValue < $1.id.rawValue } }
    }

    func scopes() async throws -> ScopeSet {
        await memory.access { tables in tables.clients.values.reduce(into: []) { $0 = $0.union($1.scopes) } }
    }

    func replace(_ client: Client) async throws -> Bool {
        await memory.access { tables in
            guard let known = tables.clients[client.id], known.revision == client.revision,
                known.createdAt == client.createdAt
            else { return false }
            tables.clients[client.id] = client.raised
            tables.version += 1
            return true
        }
    }

    func remove(_ id: ClientID) async throws -> Bool {
        await memory.access { tables in
            guard tables.clients.removeValue(forKey: id) != nil else { return false }
            tables.codes = tables.codes.filter { $0.value.code.clientID != id }
            tables.grants = tables.grants.filter { $0.value.clientID != id }
            tables.opaqueTokens = tables.opaqueTokens.filter { $0.value.clientID != id }
            tables.consents = tables.consents.filter { $0.key.client != id }
            tables.participations = tables.participations.filter { $0.value.clientID != id }
            tables.interactions = tables.interactions.filter { $0.value.clientID != id }
            tables.version += 1
            return true
        }
    }
}

extension Client {
    /// The same under the next revision.
    fileprivate var raised: Client {
        Client(
            id: id, name: name, secretDigest: secretDigest, authenticationMethods: authenticationMethods,
            redirectURIs: redirectURIs, postLogoutRedirectURIs: postLogoutRedirectURIs, grantTypes: grantTypes,
            scopes: scopes, party: party, ownSignIn: ownSignIn, createdAt: createdAt, metadata: metadata,
            revision: revision + 1, sealedSecret: sealedSecret, formerSecret: formerSecret,
            registrationDigest: registrationDigest
        )
    }
}
