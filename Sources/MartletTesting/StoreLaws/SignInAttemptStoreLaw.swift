import OAuthTypes
public import Stores
import Testing

/// What every `SignInAttemptStore` obeys.
public enum SignInAttemptStoreLaw: String, CaseIterable, Sendable {
    case theLimitLocks, aLockGrowsToItsLongest, aLockedKeyCountsNothing, successForgets, timeForgets, keysAreApart
    case withdrawnIsAsIfNotMade, withdrawingLeavesOthers, countsEachUnderContention, sweepSparesTheLiving

    private static let rule = LockRule(
        failures: 5, step: .seconds(300), longest: .seconds(900), memory: .seconds(3600))

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.attempts
        let key = TokenDigest.numbered(1)
        @Sendable func begin(
            _ key: TokenDigest = .numbered(1), at moment: Timestamp = .noon
        ) async throws -> AttemptVerdict {
            try await store.begin(key, under: SignInAttemptStoreLaw.rule, at: moment)
        }
        /// Fails so often that the key is locked.
        func lock(at moment: Timestamp = .noon) async throws {
            for number in 1...5 { #expect(try await begin(at: moment) == .admitted(failure: number)) }
        }
        let end = Timestamp.noon + .seconds(300)
        switch self {
        case .theLimitLocks:
            try await lock()
            #expect(try await begin() == .locked(until: end))
            #expect(try await begin(at: end - .microseconds(1)) == .locked(until: end))
            #expect(try await begin(at: end) == .admitted(failure: 6))
        case .aLockGrowsToItsLongest:
            try await lock()
            var moment = end
            for (offset, seconds) in [600, 900, 900, 900].enumerated() {
                #expect(try await begin(at: moment) == .admitted(failure: 6 + offset))
                let next = moment + .seconds(seconds)
                #expect(try await begin(at: moment) == .locked(until: next))
                moment = next
            }
        case .aLockedKeyCountsNothing:
            try await lock()
            for _ in 1...20 { #expect(try await begin(at: end - .seconds(1)) == .locked(until: end)) }
            #expect(try await begin(at: end) == .admitted(failure: 6))
        case .successForgets:
            for number in 1...4 { #expect(try await begin() == .admitted(failure: number)) }
            try await store.succeed(key)
            try await lock()
            try await store.succeed(key)
            #expect(try await begin() == .admitted(failure: 1))
        case .timeForgets:
            for number in 1...4 { #expect(try await begin() == .admitted(failure: number)) }
            let late = Timestamp.noon + .seconds(3600)
            #expect(try await begin(at: late - .microseconds(1)) == .admitted(failure: 5))
            let later = late + .seconds(3600)
            try await lock(at: later)
            #expect(try await begin(at: later) == .locked(until: later + .seconds(300)))
        case .keysAreApart:
            try await lock()
            #expect(try await begin(.numbered(2)) == .admitted(failure: 1))
            try await store.succeed(.numbered(2))
            #expect(try await begin() == .locked(until: end))
        case .withdrawnIsAsIfNotMade:
            for _ in 1...20 {
                #expect(try await begin() == .admitted(failure: 1))
                try await store.withdraw(key, failure: 1)
            }
            try await lock()
            try await store.withdraw(key, failure: 5)
            #expect(try await begin() == .admitted(failure: 5))
            #expect(try await begin() == .locked(until: end))
        case .withdrawingLeavesOthers:
            try await lock()
            try await store.withdraw(key, failure: 4)
            #expect(try await begin() == .locked(until: end))
            try await store.withdraw(.numbered(2), failure: 1)
            #expect(try await begin(.numbered(2)) == .admitted(failure: 1))
        case .countsEachUnderContention:
            let verdicts = try await concurrently(32) { try await begin() }
            let admitted = verdicts.compactMap { if case .admitted(let number) = $0 { number } else { nil } }
            #expect(admitted.sorted() == [1, 2, 3, 4, 5])
            #expect(verdicts.count { $0 == .locked(until: end) } == 27)
        case .sweepSparesTheLiving:
            #expect(try await begin() == .admitted(failure: 1))
            #expect(try await begin(.numbered(2)) == .admitted(failure: 1))
            let forgotten = Timestamp.noon + .seconds(3600)
            #expect(try await store.sweep(expiredBy: forgotten - .microseconds(1), limit: 9) == 0)
            #expect(try await begin() == .admitted(failure: 2))
            #expect(try await store.sweep(expiredBy: forgotten, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: forgotten, limit: 1) == 1)
            #expect(try await store.sweep(expiredBy: forgotten, limit: 9) == 1)
            #expect(try await begin() == .admitted(failure: 1))
        }
    }
}
