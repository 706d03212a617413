import OAuthTypes

struct MemoryPasskeys: PasskeyStore {
    let memory: Memory

    func add(_ passkey: Passkey, limit: Int) async throws -> PasskeyAddition {
        await memory.access { tables in
            guard tables.passkeys[passkey.credentialID] == nil else { return .taken }
            guard tables.accounts[passkey.userID] != nil else { return .noAccount }
            guard tables.passkeys.values.count(where: { $0.userID == passkey.userID }) < limit else { return .full }
            guard !tables.isFrozen(passkey.userID, at: passkey.createdAt) else { return .frozen }
            tables.passkeys[passkey.credentialID] = passkey
            return .added
        }
    }

    func find(_ credentialID: [UInt8]) async throws -> Passkey? {
        await memory.access { $0.passkeys[credentialID] }
    }

    func list(of user: UserID) async throws -> [Passkey] {
        await memory.access { tables in
            Array(
                tables.passkeys.values.filter { $0.userID == user }
                    .sorted {
                        $0.createdAt == $1.createdAt
                            ? $0.credentialID.lexicographicallyPrecedes($1.credentialID) : $0.createdAt < $1.createdAt
                    }
                    .prefix(100))
        }
    }

    func use(_ credentialID: [UInt8], _ use: PasskeyUse) async throws -> Bool {
        await memory.access { tables in
            guard let last = tables.passkeys[credentialID]?.signCount,
                last < use.signCount || (last == 0 && use.signCount == 0)
            else { return false }
            tables.passkeys[credentialID]?.signCount = use.signCount
            tables.passkeys[credentialID]?.isBackedUp = use.isBackedUp
            tables.passkeys[credentialID]?.isUserVerified = use.isUserVerified
            tables.passkeys[credentialID]?.lastUsedAt = use.usedAt
            return true
        }
    }

    func rename(_ credentialID: [UInt8], of user: UserID, to name: String) async throws -> Bool {
        await memory.access { tables in
            guard tables.passkeys[credentialID]?.userID == user else { return false }
            tables.passkeys[credentialID]?.name = name
            return true
        }
    }

    func remove(_ credentialID: [UInt8], of user: UserID, at now: Timestamp) async throws -> PasskeyRemoval {
        await memory.access { tables in
            guard tables.passkeys[credentialID]?.userID == user else { return .unknown }
            guard tables.waysIn(of: user, without: .passkey(credentialID)) > 0 else { return .lastWayIn }
            guard !tables.isFrozen(user, at: now) else { return .frozen }
            tables.passkeys[credentialID] = nil
            tables.forgetWhatHangsOnSecondFactors(of: user)
            return .removed
        }
    }

    func removeAll(of user: UserID) async throws -> Int {
        await memory.access { tables in
            let count = tables.passkeys.count
            tables.passkeys = tables.passkeys.filter { $0.value.userID != user }
            if tables.passkeys.count < count { tables.forgetWhatHangsOnSecondFactors(of: user) }
            return count - tables.passkeys.count
        }
    }
}

struct MemorySpentChallenges: SpentChallengeStore {
    let memory: Memory

    func spend(_ challenge: TokenDigest, expiresAt: Timestamp) async throws -> Bool {
        await memory.access { tables in
            guard tables.spentChallenges[challenge] == nil else { return false }
            tables.spentChallenges[challenge] = expiresAt
            return true
        }
    }

    func isSpent(_ challenge: TokenDigest) async throws -> Bool {
        await memory.access { $0.spentChallenges[challenge] != nil }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.spentChallenges.sweep(limit: limit) { $0 <= now } }
    }
}
