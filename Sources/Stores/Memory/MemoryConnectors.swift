import OAuthTypes

struct MemoryConnectors: ConnectorStore {
    let memory: Memory

    func insert(_ connector: Connector) async throws -> Bool {
        await memory.access { tables in
            guard tables.connectors[connector.id] == nil else { return false }
            tables.forgetWhatHangs(on: connector.id)
            tables.connectors[connector.id] = connector
            tables.version += 1
            return true
        }
    }

    func find(_ id: ConnectorID) async throws -> Connector? {
        await memory.access { $0.connectors[id] }
    }

    func list() async throws -> [Connector] {
        await memory.access { tables in
            tables.connectors.values.sorted {
                ($0.position, $0.id.rawValue) < ($1.position, $1.id.rawValue)
            }
        }
    }

    func replace(_ old: Connector, by connector: Connector) async throws -> ConnectorReplacement {
        await memory.access { tables in
            guard let kept = tables.connectors[old.id] else { return .unknown }
            guard kept.updatedAt == old.updatedAt, kept.sealedSecret == old.sealedSecret else { return .changed }
            tables.connectors[old.id] = Connector(
                id: old.id, kind: kept.kind, preset: connector.preset, name: connector.name,
                settings: connector.settings, sealedSecret: connector.sealedSecret, position: connector.position,
                createdAt: kept.createdAt, updatedAt: old.changed(at: connector.updatedAt),
                disabledAt: connector.disabledAt)
            tables.version += 1
            return .replaced
        }
    }

    func remove(_ id: ConnectorID) async throws -> Bool {
        await memory.access { tables in
            guard tables.connectors.removeValue(forKey: id) != nil else { return false }
            tables.forgetWhatHangs(on: id)
            tables.version += 1
            return true
        }
    }
}

extension MemoryTables {
    /// What another provider under the same name must neither get nor end.
    fileprivate mutating func forgetWhatHangs(on id: ConnectorID) {
        for user in Array(memberships.keys) + Array(tellings.keys) { forgetWord(of: id, on: user) }
        links = links.filter { $0.key.connector != id }
        upstreamSessions = upstreamSessions.filter { $0.value.connector != id }
        pendingIdentities = pendingIdentities.filter { $0.value.connector != id }
    }
}
