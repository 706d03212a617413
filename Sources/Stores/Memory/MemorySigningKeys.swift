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

    func rotate(
        from current: SigningKeyRecord, adding newcomer: SigningKeyRecord?, at now: Timestamp
    ) async throws -> Bool {
        try await memory.access { tables in
            // Without a successor the step would leave nobody to sign.
            guard let old = tables.keys.first(where: { $0.id == current.id && $0.state == .current }),
                let next = tables.keys.first(where: { $0.algorithm == old.algorithm && $0.state == .next })
            else { return false }
            if let newcomer { try tables.refuseKey(newcomer.id) }
            tables.moveKeys(to: .retiring, at: now) { $0.algorithm == old.algorithm && $0.state == .current }
            tables.moveKeys(to: .current, at: now) { $0.id == next.id }
            if let newcomer { tables.addKey(newcomer, .next) } else { tables.version += 1 }
            return true
        }
    }

    func add(next key: SigningKeyRecord) async throws -> Bool {
        try await memory.access { tables in
            guard !tables.hasKey(of: key.algorithm, .next) else { return false }
            try tables.refuseKey(key.id)
            tables.addKey(key, .next)
            return true
        }
    }

    func promote(_ next: KeyID, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard let key = tables.keys.first(where: { $0.id == next && $0.state == .next }),
                !tables.hasKey(of: key.algorithm, .current)
            else { return false }
            tables.moveKeys(to: .current, at: now) { $0.id == next }
            tables.version += 1
            return true
        }
    }

    func place(_ key: SigningKeyRecord, at now: Timestamp) async throws {
        try await memory.access { tables in
            try tables.refuseKey(key.id)
            switch key.state {
            case .next: tables.keys.removeAll { $0.algorithm == key.algorithm && $0.state == .next }
            case .current:
                tables.moveKeys(to: .retiring, at: now) { $0.algorithm == key.algorithm && $0.state == .current }
            case .retiring: break
            }
            tables.addKey(key, key.state)
        }
    }

    func revoke(_ key: SigningKeyRecord, adding newcomer: SigningKeyRecord?, at now: Timestamp) async throws -> Bool {
        try await memory.access { tables in
            guard tables.keys.contains(where: { $0.id == key.id }) else { return false }
            if let newcomer, newcomer.id != key.id { try tables.refuseKey(newcomer.id) }
            tables.keys.removeAll { $0.id == key.id }
            if !tables.hasKey(of: key.algorithm, .current) {
                tables.moveKeys(to: .current, at: now) { $0.algorithm == key.algorithm && $0.state == .next }
            }
            tables.version += 1
            guard let newcomer, !tables.hasKey(of: key.algorithm, .next) else { return true }
            tables.addKey(newcomer, tables.hasKey(of: key.algorithm, .current) ? .next : .current)
            return true
        }
    }

    func retire(algorithm: String, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard tables.hasKey(of: algorithm, .current) || tables.hasKey(of: algorithm, .next) else { return false }
            tables.moveKeys(to: .retiring, at: now) { $0.algorithm == algorithm && $0.state == .current }
            tables.keys.removeAll { $0.algorithm == algorithm && $0.state == .next }
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

extension MemoryTables {
    fileprivate func hasKey(of algorithm: String, _ state: SigningKeyRecord.State) -> Bool {
        keys.contains { $0.algorithm == algorithm && $0.state == state }
    }

    /// A key has its place already.
    fileprivate func refuseKey(_ id: KeyID) throws(StorageError) {
        guard !keys.contains(where: { $0.id == id }) else { throw .conflict(table: "signing_keys") }
    }

    fileprivate mutating func moveKeys(
        to state: SigningKeyRecord.State, at now: Timestamp, where isMeant: (SigningKeyRecord) -> Bool
    ) {
        for index in keys.indices where isMeant(keys[index]) {
            keys[index].state = state
            keys[index].changedAt = now
        }
    }

    fileprivate mutating func addKey(_ key: SigningKeyRecord, _ state: SigningKeyRecord.State) {
        var key = key
        key.state = state
        keys.append(key)
        version += 1
    }
}
