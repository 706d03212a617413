import MartletTesting
import OAuthTypes
import Stores

enum AttemptFault: CaseIterable, Sendable {
    case neverLocks, locksNeverGrow, hammeringLengthens, successKeeps, neverForgets, oneKeyForAll, keepsWithdrawn
    case withdrawsWhatOthersFollowed, admitsLateComers, sweepsTheLiving, ignoresTheLimit

    var law: SignInAttemptStoreLaw {
        switch self {
        case .neverLocks: .theLimitLocks
        case .locksNeverGrow: .aLockGrowsToItsLongest
        case .hammeringLengthens: .aLockedKeyCountsNothing
        case .successKeeps: .successForgets
        case .neverForgets: .timeForgets
        case .oneKeyForAll: .keysAreApart
        case .keepsWithdrawn: .withdrawnIsAsIfNotMade
        case .withdrawsWhatOthersFollowed: .withdrawingLeavesOthers
        case .admitsLateComers: .countsEachUnderContention
        case .sweepsTheLiving, .ignoresTheLimit: .sweepSparesTheLiving
        }
    }
}

struct BrokenAttempts: SignInAttemptStore {
    let base: any SignInAttemptStore
    let fault: AttemptFault

    func begin(_ key: TokenDigest, under rule: LockRule, at now: Timestamp) async throws -> AttemptVerdict {
        let rule = LockRule(
            failures: fault == .neverLocks ? 1_000_000 : rule.failures, step: rule.step,
            longest: fault == .locksNeverGrow ? rule.step : rule.longest,
            memory: fault == .neverForgets ? rule.memory * 100 : rule.memory)
        let verdict = try await base.begin(fault == .oneKeyForAll ? .numbered(1) : key, under: rule, at: now)
        switch (fault, verdict) {
        case (.hammeringLengthens, .locked(let end)): return .locked(until: end + .seconds(1))
        case (.admitsLateComers, .locked): return .admitted(failure: 6)
        default: return verdict
        }
    }

    func withdraw(_ key: TokenDigest, failure: Int) async throws {
        guard fault != .keepsWithdrawn else { return }
        guard fault != .withdrawsWhatOthersFollowed else { return try await base.succeed(key) }
        try await base.withdraw(key, failure: failure)
    }

    func succeed(_ key: TokenDigest) async throws {
        guard fault != .successKeeps else { return }
        try await base.succeed(key)
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(
            expiredBy: fault == .sweepsTheLiving ? now + .seconds(86_400) : now,
            limit: fault == .ignoresTheLimit ? 100 : limit)
    }
}
