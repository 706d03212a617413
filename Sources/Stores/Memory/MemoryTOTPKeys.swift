import OAuthTypes

struct MemoryTOTPKeys: TOTPKeyStore {
    let memory: Memory

    func propose(_ key: TOTPKey) async throws -> Bool {
        await memory.access { tables in
            guard tables.totpKeys[key.userID]?.confirmedAt == nil else { return false }
            tables.totpKeys[key.userID] = key
            return true
        }
    }

    func find(_ user: UserID) async throws -> TOTPKey? {
        await memory.access { $0.totpKeys[user] }
    }

    func confirm(_ user: UserID, proposedAt: Timestamp, step: Int64, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard let key = tables.totpKeys[user], key.confirmedAt == nil, key.createdAt == proposedAt,
                !tables.isFrozen(user, at: now)
            else { return false }
            tables.totpKeys[user]?.confirmedAt = now
            tables.totpKeys[user]?.lastStep = step
            return true
        }
    }

    func spend(step: Int64, of user: UserID) async throws -> Bool {
        await memory.access { tables in
            guard let key = tables.totpKeys[user], key.confirmedAt != nil, key.lastStep.map({ $0 < step }) ?? true
            else { return false }
            tables.totpKeys[user]?.lastStep = step
            return true
        }
    }

    func remove(_ user: UserID, unlessFrozenAt now: Timestamp?) async throws -> Bool {
        await memory.access { tables in
            if let now, tables.isFrozen(user, at: now) { return false }
            guard tables.totpKeys.removeValue(forKey: user) != nil else { return false }
            tables.forgetWhatHangsOnSecondFactors(of: user)
            return true
        }
    }
}

struct MemoryRecoveryCodes: RecoveryCodeStore {
    let memory: Memory

    func replace(_ codes: [TokenDigest], of user: UserID, at now: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard !tables.isFrozen(user, at: now) else { return false }
            tables.recoveryCodes[user] = Set(codes)
            return true
        }
    }

    func spend(_ code: TokenDigest, of user: UserID) async throws -> Bool {
        await memory.access { $0.recoveryCodes[user]?.remove(code) != nil }
    }

    func count(of user: UserID) async throws -> Int {
        await memory.access { $0.recoveryCodes[user]?.count ?? 0 }
    }
}
