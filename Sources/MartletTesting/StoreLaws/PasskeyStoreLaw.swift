import OAuthTypes
public import Stores
import Testing

/// What every `PasskeyStore` obeys.
public enum PasskeyStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, unknownIsNil, oneOwnerForACredential, noMoreThanTheLimitUnderContention
    case needsAnAccount, theCounterOnlyGrows, aCountIsUsedOnceUnderContention, withoutACounterEveryUseCounts
    case isRenamedByItsOwnerOnly, isRemovedByItsOwnerOnly, theLastWayInStays, theLastWayInStaysUnderContention
    case theLastSecondFactorTakesWhatHangsOnIt, removingAll, aFrozenAccountGetsNone, aFrozenAccountKeepsThem

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.secondFactors.passkeys
        let user = UserID(rawValue: "u_7Zk2")
        let other = UserID(rawValue: "u_9")
        let first = Passkey.withEveryFieldSet()
        // One with a password, one without.
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        #expect(try await storage.users.insert(.withNothingOptional()))
        switch self {
        case .everyFieldComesBack:
            #expect(try await store.add(first, limit: 9) == .added)
            #expect(try await store.add(.withNothingOptional(user: "u_9"), limit: 9) == .added)
            let later = Passkey.withEveryFieldSet(1, createdAt: .noon + .seconds(1))
            #expect(try await store.add(later, limit: 9) == .added)
            #expect(try await store.find(first.credentialID) == first)
            #expect(try await store.list(of: user) == [first, later])
            #expect(try await store.list(of: other) == [.withNothingOptional(user: "u_9")])
        case .aFrozenAccountGetsNone:
            let end = Timestamp.noon + .seconds(9)
            try await storage.freeze(user.rawValue, until: end)
            #expect(try await store.add(first, limit: 9) == .frozen)
            #expect(try await store.list(of: user).isEmpty)
            #expect(try await store.add(.withEveryFieldSet(2, createdAt: end), limit: 9) == .added)
            #expect(try await store.add(.withEveryFieldSet(3, user: "u_9"), limit: 9) == .added)
        case .aFrozenAccountKeepsThem:
            let end = Timestamp.noon + .seconds(9)
            let old = Passkey.withEveryFieldSet(4, createdAt: .noon - .seconds(86_400))
            #expect(try await store.add(old, limit: 9) == .added)
            try await storage.freeze(user.rawValue, until: end)
            #expect(try await store.remove(old.credentialID, of: user, at: end - .microseconds(1)) == .frozen)
            #expect(try await store.find(old.credentialID) == old)
            #expect(try await store.remove(old.credentialID, of: user, at: end) == .removed)
        case .unknownIsNil:
            #expect(try await store.find(first.credentialID) == nil)
            #expect(try await store.list(of: user).isEmpty)
            #expect(try await !store.use(first.credentialID, .counted(1)))
            #expect(try await !store.rename(first.credentialID, of: user, to: "none"))
            #expect(try await store.remove(first.credentialID, of: user) == .unknown)
            #expect(try await store.removeAll(of: user) == 0)
        case .oneOwnerForACredential:
            #expect(try await store.add(first, limit: 9) == .added)
            #expect(try await store.add(.withEveryFieldSet(user: "u_9"), limit: 9) == .taken)
            #expect(try await store.add(.withEveryFieldSet(signCount: 900), limit: 1) == .taken)
            #expect(try await store.find(first.credentialID) == first)
        case .noMoreThanTheLimitUnderContention:
            #expect(try await store.add(.withEveryFieldSet(99, user: "u_9"), limit: 9) == .added)
            let numbers = Counter()
            let outcomes = try await concurrently(16) {
                try await store.add(.withEveryFieldSet(numbers.next()), limit: 3)
            }
            #expect(outcomes.count { $0 == .added } == 3)
            #expect(outcomes.count { $0 == .full } == 13)
            #expect(try await store.list(of: user).count == 3)
        case .needsAnAccount:
            #expect(try await store.add(.withEveryFieldSet(user: "u_gone"), limit: 9) == .noAccount)
            #expect(try await store.find(first.credentialID) == nil)
            #expect(try await store.add(first, limit: 9) == .added)
        case .theCounterOnlyGrows:
            #expect(try await store.add(.withEveryFieldSet(signCount: 6), limit: 9) == .added)
            for (count, isFresh) in [(7, true), (7, false), (6, false), (0, false), (9, true), (8, false)] {
                #expect(try await store.use(first.credentialID, .counted(UInt32(count))) == isFresh, "\(count)")
            }
            let most = PasskeyUse(
                signCount: .max, isBackedUp: false, isUserVerified: false, usedAt: .noon + .seconds(500))
            #expect(try await store.use(first.credentialID, most))
            let used = try await store.find(first.credentialID)
            #expect(used?.signCount == .max && used?.lastUsedAt == most.usedAt)
            #expect(used?.isBackedUp == false && used?.isUserVerified == false)
            // What a use does not change.
            #expect(used?.isBackupEligible == true && used?.name == first.name && used?.createdAt == first.createdAt)
        case .aCountIsUsedOnceUnderContention:
            #expect(try await store.add(.withEveryFieldSet(signCount: 6), limit: 9) == .added)
            let outcomes = try await concurrently(32) { try await store.use(first.credentialID, .counted(7)) }
            #expect(outcomes.count { $0 } == 1)
        case .withoutACounterEveryUseCounts:
            #expect(try await store.add(.withEveryFieldSet(signCount: 0), limit: 9) == .added)
            #expect(try await store.use(first.credentialID, .counted(0)))
            #expect(try await store.use(first.credentialID, .counted(0)))
            #expect(try await store.use(first.credentialID, .counted(1)))
            #expect(try await !store.use(first.credentialID, .counted(0)))
        case .isRenamedByItsOwnerOnly:
            #expect(try await store.add(first, limit: 9) == .added)
            #expect(try await !store.rename(first.credentialID, of: other, to: "theirs"))
            #expect(try await store.find(first.credentialID) == first)
            #expect(try await store.rename(first.credentialID, of: user, to: "Schlüssel 燕"))
            #expect(try await store.find(first.credentialID)?.name == "Schlüssel 燕")
        case .isRemovedByItsOwnerOnly:
            #expect(try await store.add(first, limit: 9) == .added)
            #expect(try await store.add(.withEveryFieldSet(1, user: "u_9"), limit: 9) == .added)
            #expect(try await store.remove(first.credentialID, of: other) == .unknown)
            #expect(try await store.find(first.credentialID) == first)
            #expect(try await store.remove(first.credentialID, of: user) == .removed)
            #expect(try await store.remove(first.credentialID, of: user) == .unknown)
            #expect(try await store.find(first.credentialID) == nil)
            #expect(try await store.list(of: other).count == 1)
        case .theLastWayInStays:
            let (one, two) = (Passkey.withEveryFieldSet(1, user: "u_9"), Passkey.withEveryFieldSet(2, user: "u_9"))
            #expect(try await store.add(one, limit: 9) == .added)
            #expect(try await store.add(two, limit: 9) == .added)
            #expect(try await store.remove(one.credentialID, of: other) == .removed)
            #expect(try await store.remove(two.credentialID, of: other) == .lastWayIn)
            #expect(try await store.find(two.credentialID) == two)
            #expect(try await storage.users.setPassword("hash", of: other, at: .noon))
            #expect(try await store.remove(two.credentialID, of: other) == .removed)
        case .theLastWayInStaysUnderContention:
            let keys = (0..<4).map { Passkey.withEveryFieldSet($0, user: "u_9") }
            for key in keys { #expect(try await store.add(key, limit: 9) == .added) }
            let numbers = Counter()
            let outcomes = try await concurrently(4) {
                try await store.remove(keys[numbers.next() % 4].credentialID, of: other)
            }
            #expect(outcomes.count { $0 == .removed } == 3)
            #expect(try await store.list(of: other).count == 1)
        case .theLastSecondFactorTakesWhatHangsOnIt:
            let (codes, devices) = (storage.secondFactors.recoveryCodes, storage.secondFactors.devices)
            let apps = storage.secondFactors.authenticators
            try await codes.replace([.numbered(1), .numbered(2)], of: user)
            try await codes.replace([.numbered(1)], of: other)
            try await devices.remember(.withEveryFieldSet())
            let keys = (0..<3).map { Passkey.withEveryFieldSet($0) }
            for key in keys { #expect(try await store.add(key, limit: 9) == .added) }
            #expect(try await apps.propose(.withEveryFieldSet()))
            #expect(try await store.remove(keys[0].credentialID, of: user) == .removed)
            #expect(try await apps.remove(user))
            #expect(try await codes.count(of: user) == 2)
            #expect(try await devices.list(of: user, at: .noon).count == 1)
            // An app that was not confirmed protects nothing.
            #expect(try await apps.propose(.proposed()))
            #expect(try await store.remove(keys[1].credentialID, of: user) == .removed)
            #expect(try await codes.count(of: user) == 2)
            #expect(try await store.remove(keys[2].credentialID, of: user) == .removed)
            #expect(try await codes.count(of: user) == 0)
            #expect(try await devices.list(of: user, at: .noon).isEmpty)
            #expect(try await codes.count(of: other) == 1)
        case .removingAll:
            for number in 0..<3 {
                #expect(try await store.add(.withEveryFieldSet(number, user: "u_9"), limit: 9) == .added)
            }
            #expect(try await store.add(.withEveryFieldSet(7), limit: 9) == .added)
            try await storage.secondFactors.recoveryCodes.replace([.numbered(1)], of: other)
            #expect(try await store.removeAll(of: other) == 3)
            #expect(try await store.removeAll(of: other) == 0)
            #expect(try await store.list(of: other).isEmpty)
            #expect(try await storage.secondFactors.recoveryCodes.count(of: other) == 0)
            #expect(try await store.list(of: user).count == 1)
        }
    }
}

/// What every `SpentChallengeStore` obeys.
public enum SpentChallengeStoreLaw: String, CaseIterable, Sendable {
    case isSpentOnceUnderContention, knowsWhatWasSpent, sweepSparesTheLiving

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.secondFactors.spentChallenges
        switch self {
        case .isSpentOnceUnderContention:
            let outcomes = try await concurrently(32) { try await store.spend(.numbered(1), expiresAt: .noon) }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.spend(.numbered(2), expiresAt: .noon))
            #expect(try await !store.spend(.numbered(2), expiresAt: .noon + .seconds(1)))
        case .knowsWhatWasSpent:
            #expect(try await store.spend(.numbered(1), expiresAt: .noon))
            #expect(try await store.isSpent(.numbered(1)))
            #expect(try await !store.isSpent(.numbered(2)))
        case .sweepSparesTheLiving:
            for number in 0..<5 {
                #expect(try await store.spend(.numbered(number), expiresAt: .noon + .seconds(number)))
            }
            let third = Timestamp.noon + .seconds(2)
            #expect(try await store.sweep(expiredBy: third, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: third, limit: 2) == 2)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 1)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 0)
            #expect(try await !store.spend(.numbered(3), expiresAt: .noon))
            #expect(try await store.spend(.numbered(0), expiresAt: .noon))
        }
    }
}
