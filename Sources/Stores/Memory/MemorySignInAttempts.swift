import OAuthTypes

struct MemorySignInAttempts: SignInAttemptStore {
    /// What is known of a key.
    struct Kept {
        var failures: Int
        var lockedUntil: Timestamp
        var expiresAt: Timestamp
    }

    let memory: Memory

    func begin(_ key: TokenDigest, under rule: LockRule, at now: Timestamp) async throws -> AttemptVerdict {
        await memory.access { tables in
            var kept = Kept(failures: 0, lockedUntil: Timestamp(microseconds: 0), expiresAt: now)
            if let before = tables.attempts[key], now < before.expiresAt { kept = before }
            guard kept.lockedUntil <= now else { return .locked(until: kept.lockedUntil) }
            kept.failures += 1
            let beyond = kept.failures - rule.failures + 1
            if beyond > 0 { kept.lockedUntil = now + min(rule.longest, rule.step * beyond) }
            kept.expiresAt = now + rule.memory
            tables.attempts[key] = kept
            return .admitted(failure: kept.failures)
        }
    }

    func withdraw(_ key: TokenDigest, failure: Int) async throws {
        await memory.access { tables in
            guard var kept = tables.attempts[key], kept.failures == failure else { return }
            kept.failures -= 1
            kept.lockedUntil = Timestamp(microseconds: 0)
            tables.attempts[key] = kept
        }
    }

    func succeed(_ key: TokenDigest) async throws {
        await memory.access { tables in tables.attempts[key] = nil }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        await memory.access { tables in tables.attempts.sweep(limit: limit) { $0.expiresAt <= now } }
    }
}
