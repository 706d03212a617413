import OAuthTypes

struct MemorySigningKeys: SigningKeyStore {
    let memory: Memory

    func list() async throws -> [SigningKeyRecord] {
        await memory.access { $0.keys.sorted { ($0.createdAt, $0.id.rawValue) < ($1.createdAt, $1.id.rawValue) } }
    }

    func begin(with keys: [SigningKeyRecord]) async throws -> Bool {
        await memory.access { tables in
            guard tables.keys.isEmpty, !keys.isEmpty else { return false }
            tables.keys = keys
            tables.version += 1
            return true
        }
    }

    func rotate(from current: KeyID, adding newcomer: SigningKeyRecord, at now: Timestamp) async throws -> Bool {
        try await memory.access { tables in
            // Without a successor the step would leave nobody to sign.
            guard tables.keys.contains(where: { $0.id == current && $0.state == .current }),
                tables.keys.contains(where: { $0.state == .next })
            else { return false }
            guard !tables.keys.contains(where: { $0.id == newcomer.id }) else {
                throw StorageError.conflict(table: "signing_keys")
            }
            for index in tables.keys.indices where tables.keys[index].state != .retiring {
                tables.keys[index].state = tables.keys[index].state == .current ? .retiring : .current
                tables.keys[index].changedAt = now
            }
            var newcomer = newcomer
            newcomer.state = .next
            tables.keys.append(newcomer)
            tables.version += 1
            return true
        }
    }

    func drop(retiringSince moment: Timestamp) async throws -> Int {
        await memory.access { tables in
            let count = tables.keys.count
            tables.keys.removeAll { $0.state == .retiring && $0.changedAt <= moment }
            let dropped = count - tables.keys.count
            if dropped > 0 { tables.version += 1 }
            return dropped
        }
    }
}
