import OAuthTypes

struct MemoryCodes: AuthorizationCodeStore {
    let memory: Memory

    func issue(_ code: AuthorizationCode, under grant: Grant, in participation: Participation?) async throws {
        try await memory.access { tables in
            guard tables.codes[code.digest] == nil else { throw StorageError.conflict(table: "codes") }
            if let participation, tables.participations[participation.id] != nil {
                throw StorageError.conflict(table: "participations")
            }
            _ = try tables.keep(grant)
            if let participation { tables.begin(participation) }
            tables.codes[code.digest] = MemoryTables.KeptCode(code: code)
        }
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> IssuedCode? {
        await memory.access { tables in
            guard let issued = tables.codes[digest], now < issued.code.expiresAt,
                let grant = tables.grants[issued.code.grantID], now < grant.expiresAt
            else { return nil }
            return IssuedCode(code: issued.code, grant: grant)
        }
    }

    func redeem(_ digest: TokenDigest, at now: Timestamp) async throws -> Redemption {
        await memory.access { tables in
            guard let issued = tables.codes[digest], now < issued.code.expiresAt,
                let grant = tables.grants[issued.code.grantID], grant.revokedAt == nil, now < grant.expiresAt
            else { return .unknown }
            guard issued.redeemedAt == nil else { return .replayed(grant.id) }
            tables.codes[digest]?.redeemedAt = now
            return .fresh
        }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.codes.sweep(limit: limit) { $0.code.expiresAt <= now } }
    }
}
