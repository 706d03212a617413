import MartletTesting
import OAuthTypes
import Stores

// Stores of passkeys with one fault each, and the law that must notice it.

enum PasskeyFault: CaseIterable, Sendable {
    case forgetsTheTransports, takesOverACredential, ignoresTheLimit, takesACountAgain, takesAnOlderCount
    case refusesZero, isRenamedByAnybody, isRemovedByAnybody, removesTheLastWayIn, keepsTheCodes, removesOne
    case addsToTheFrozen, removesFromTheFrozen

    var law: PasskeyStoreLaw {
        switch self {
        case .forgetsTheTransports: .everyFieldComesBack
        case .takesOverACredential: .oneOwnerForACredential
        case .ignoresTheLimit: .noMoreThanTheLimitUnderContention
        case .takesACountAgain: .aCountIsUsedOnceUnderContention
        case .takesAnOlderCount: .theCounterOnlyGrows
        case .refusesZero: .withoutACounterEveryUseCounts
        case .isRenamedByAnybody: .isRenamedByItsOwnerOnly
        case .isRemovedByAnybody: .isRemovedByItsOwnerOnly
        case .removesTheLastWayIn: .theLastWayInStays
        case .keepsTheCodes: .theLastSecondFactorTakesWhatHangsOnIt
        case .removesOne: .removingAll
        case .addsToTheFrozen: .aFrozenAccountGetsNone
        case .removesFromTheFrozen: .aFrozenAccountKeepsThem
        }
    }
}

struct BrokenPasskeys: PasskeyStore {
    let base: any PasskeyStore
    let storage: Storage
    let fault: PasskeyFault

    func add(_ passkey: Passkey, limit: Int) async throws -> PasskeyAddition {
        if fault == .takesOverACredential, let owner = try await base.find(passkey.credentialID)?.userID {
            _ = try await base.removeAll(of: owner)
        }
        if fault == .addsToTheFrozen { return .added }
        return try await base.add(passkey, limit: fault == .ignoresTheLimit ? 1000 : limit)
    }

    func find(_ credentialID: [UInt8]) async throws -> Passkey? {
        guard let passkey = try await base.find(credentialID) else { return nil }
        guard fault == .forgetsTheTransports else { return passkey }
        return Passkey(
            credentialID: passkey.credentialID, userID: passkey.userID, userHandle: passkey.userHandle,
            publicKey: passkey.publicKey, signCount: passkey.signCount, isBackupEligible: passkey.isBackupEligible,
            isBackedUp: passkey.isBackedUp, isUserVerified: passkey.isUserVerified, aaguid: passkey.aaguid,
            transports: [], name: passkey.name, createdAt: passkey.createdAt, lastUsedAt: passkey.lastUsedAt)
    }

    func list(of user: UserID) async throws -> [Passkey] { try await base.list(of: user) }

    func use(_ credentialID: [UInt8], _ use: PasskeyUse) async throws -> Bool {
        if fault == .refusesZero, use.signCount == 0 { return false }
        let isFresh = try await base.use(credentialID, use)
        let last = try await base.find(credentialID)?.signCount
        return isFresh || (fault == .takesACountAgain && last == use.signCount)
            || (fault == .takesAnOlderCount && last.map { use.signCount < $0 } ?? false)
    }

    func rename(_ credentialID: [UInt8], of user: UserID, to name: String) async throws -> Bool {
        let owner = fault == .isRenamedByAnybody ? try await base.find(credentialID)?.userID : user
        return try await base.rename(credentialID, of: owner ?? user, to: name)
    }

    func remove(_ credentialID: [UInt8], of user: UserID, at now: Timestamp) async throws -> PasskeyRemoval {
        let owner = fault == .isRemovedByAnybody ? try await base.find(credentialID)?.userID : user
        let moment = fault == .removesFromTheFrozen ? Timestamp(microseconds: .max) : now
        let outcome = try await base.remove(credentialID, of: owner ?? user, at: moment)
        if fault == .removesTheLastWayIn, outcome == .lastWayIn {
            _ = try await base.removeAll(of: user)
            return .removed
        }
        if fault == .keepsTheCodes { try await storage.secondFactors.recoveryCodes.replace([.numbered(1)], of: user) }
        return outcome
    }

    func removeAll(of user: UserID) async throws -> Int {
        guard fault == .removesOne, let first = try await base.list(of: user).first else {
            return try await base.removeAll(of: user)
        }
        return try await base.remove(first.credentialID, of: user) == .removed ? 1 : 0
    }
}

enum SpentChallengeFault: CaseIterable, Sendable {
    case spendsForEver, forgetsAtOnce, forgetsTheLiving

    var law: SpentChallengeStoreLaw {
        switch self {
        case .spendsForEver: .isSpentOnceUnderContention
        case .forgetsAtOnce: .knowsWhatWasSpent
        case .forgetsTheLiving: .sweepSparesTheLiving
        }
    }
}

struct BrokenSpentChallenges: SpentChallengeStore {
    let base: any SpentChallengeStore
    let fault: SpentChallengeFault

    func spend(_ challenge: TokenDigest, expiresAt: Timestamp) async throws -> Bool {
        let isFresh = try await base.spend(challenge, expiresAt: expiresAt)
        return isFresh || fault == .spendsForEver
    }

    func isSpent(_ challenge: TokenDigest) async throws -> Bool {
        let isSpent = try await base.isSpent(challenge)
        return isSpent && fault != .forgetsAtOnce
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: fault == .forgetsTheLiving ? now + .seconds(9) : now, limit: limit)
    }
}
