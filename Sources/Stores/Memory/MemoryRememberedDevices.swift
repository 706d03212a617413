import OAuthTypes

struct MemoryRememberedDevices: RememberedDeviceStore {
    let memory: Memory

    func remember(_ device: RememberedDevice) async throws {
        try await memory.access { tables in
            guard tables.devices[device.digest] == nil else { throw StorageError.conflict(table: "remembered_devices") }
            tables.devices[device.digest] = device
        }
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> RememberedDevice? {
        await memory.access { tables in
            guard let device = tables.devices[digest], now < device.expiresAt,
                let account = tables.accounts[device.userID], account.admits(signedInAt: device.createdAt)
            else { return nil }
            return device
        }
    }

    func list(of user: UserID, at now: Timestamp) async throws -> [RememberedDevice] {
        await memory.access { tables in
            guard let account = tables.accounts[user] else { return [] }
            return Array(
                tables.devices.values
                    .filter { $0.userID == user && now < $0.expiresAt && account.admits(signedInAt: $0.createdAt) }
                    .sorted {
                        $0.createdAt == $1.createdAt
                            ? $0.digest.bytes.lexicographicallyPrecedes($1.digest.bytes) : $0.createdAt > $1.createdAt
                    }
                    .prefix(100))
        }
    }

    func forget(_ digest: TokenDigest, of user: UserID) async throws -> Bool {
        await memory.access { tables in
            guard tables.devices[digest]?.userID == user else { return false }
            tables.devices[digest] = nil
            return true
        }
    }

    func forgetAll(of user: UserID) async throws {
        await memory.access { tables in tables.devices = tables.devices.filter { $0.value.userID != user } }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.devices.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}

struct MemoryFirstFactors: FirstFactorStore {
    let memory: Memory

    func note(_ factor: FirstFactor) async throws {
        await memory.access { $0.firstFactors[factor.place] = factor }
    }

    func find(_ place: TokenDigest, at now: Timestamp) async throws -> FirstFactor? {
        await memory.access { tables in
            guard let factor = tables.firstFactors[place], now < factor.expiresAt,
                let account = tables.accounts[factor.userID], account.admits(signedInAt: factor.provenAt),
                tables.stillWaits(factor, at: now)
            else { return nil }
            return factor
        }
    }

    func take(_ place: TokenDigest, provenAt: Timestamp, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard let factor = tables.firstFactors[place], factor.provenAt == provenAt, now < factor.expiresAt,
                tables.stillWaits(factor, at: now)
            else { return false }
            tables.firstFactors[place] = nil
            return true
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.firstFactors.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}
