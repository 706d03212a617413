import MartletTesting
import OAuthTypes
import Stores

// Stores of second factors with one fault each, and the law that must notice it.

enum TOTPKeyFault: CaseIterable, Sendable {
    case replacesTheConfirmed, takesAStepAgain, confirmsForEverybody, spendsAnOlderProposal, keepsTheCodes
    case confirmsTheFrozen, removesFromTheFrozen

    var law: TOTPKeyStoreLaw {
        switch self {
        case .replacesTheConfirmed: .aProposalReplacesAProposalOnly
        case .takesAStepAgain: .aStepIsSpentOnceUnderContention
        case .confirmsForEverybody: .confirmsOnceUnderContention
        case .spendsAnOlderProposal: .onlyTheNewestProposalIsConfirmed
        case .keepsTheCodes: .removingTakesWhatHangsOnIt
        case .confirmsTheFrozen: .aFrozenAccountConfirmsNone
        case .removesFromTheFrozen: .aFrozenAccountKeepsItsKey
        }
    }
}

struct BrokenTOTPKeys: TOTPKeyStore {
    let base: any TOTPKeyStore
    let codes: any RecoveryCodeStore
    let fault: TOTPKeyFault

    func propose(_ key: TOTPKey) async throws -> Bool {
        if fault == .replacesTheConfirmed { _ = try await base.remove(key.userID, unlessFrozenAt: nil) }
        return try await base.propose(key)
    }

    func find(_ user: UserID) async throws -> TOTPKey? { try await base.find(user) }

    func confirm(_ user: UserID, proposedAt: Timestamp, step: Int64, at now: Timestamp) async throws -> Bool {
        var moment = proposedAt
        if fault == .spendsAnOlderProposal { moment = try await base.find(user)?.createdAt ?? moment }
        let isFirst = try await base.confirm(user, proposedAt: moment, step: step, at: now)
        return isFirst || fault == .confirmsForEverybody || fault == .confirmsTheFrozen
    }

    func spend(step: Int64, of user: UserID) async throws -> Bool {
        let isFresh = try await base.spend(step: step, of: user)
        return isFresh || fault == .takesAStepAgain
    }

    func remove(_ user: UserID, unlessFrozenAt now: Timestamp?) async throws -> Bool {
        let isRemoved = try await base.remove(user, unlessFrozenAt: fault == .removesFromTheFrozen ? nil : now)
        if fault == .keepsTheCodes { try await codes.replace([.numbered(1)], of: user) }
        return isRemoved
    }
}

enum RecoveryCodeFault: CaseIterable, Sendable {
    case spendsForEver, addsToTheOld, replacesForTheFrozen

    var law: RecoveryCodeStoreLaw {
        switch self {
        case .spendsForEver: .isSpentOnceUnderContention
        case .addsToTheOld: .newOnesReplaceTheOld
        case .replacesForTheFrozen: .aFrozenAccountKeepsThem
        }
    }
}

struct BrokenRecoveryCodes: RecoveryCodeStore {
    let base: any RecoveryCodeStore
    let fault: RecoveryCodeFault

    func replace(_ codes: [TokenDigest], of user: UserID, at now: Timestamp) async throws -> Bool {
        let kept: [TokenDigest] = fault == .addsToTheOld ? [.numbered(1)] : []
        let moment = fault == .replacesForTheFrozen ? Timestamp(microseconds: .max) : now
        return try await base.replace(codes + kept, of: user, at: moment)
    }

    func spend(_ code: TokenDigest, of user: UserID) async throws -> Bool {
        let isFresh = try await base.spend(code, of: user)
        return isFresh || fault == .spendsForEver
    }

    func count(of user: UserID) async throws -> Int { try await base.count(of: user) }
}

enum RememberedDeviceFault: CaseIterable, Sendable {
    case livesAMomentLonger, outlivesThePassword, isForgottenByAnybody, ignoresTheLimit

    var law: RememberedDeviceStoreLaw {
        switch self {
        case .livesAMomentLonger: .expiredIsGone
        case .outlivesThePassword: .aNewPasswordEndsThem
        case .isForgottenByAnybody: .isForgottenByItsOwnerOnly
        case .ignoresTheLimit: .sweepSparesTheLiving
        }
    }
}

struct BrokenDevices: RememberedDeviceStore {
    let base: any RememberedDeviceStore
    let fault: RememberedDeviceFault
    private let seen = SeenDevices()

    init(base: any RememberedDeviceStore, fault: RememberedDeviceFault) {
        self.base = base
        self.fault = fault
    }

    private actor SeenDevices {
        private(set) var all: [TokenDigest: RememberedDevice] = [:]
        func add(_ device: RememberedDevice) { all[device.digest] = device }
    }

    func remember(_ device: RememberedDevice) async throws {
        try await base.remember(device)
        await seen.add(device)
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> RememberedDevice? {
        if fault == .outlivesThePassword { return await seen.all[digest] }
        return try await base.find(digest, at: fault == .livesAMomentLonger ? now - .microseconds(1) : now)
    }

    func list(of user: UserID, at now: Timestamp) async throws -> [RememberedDevice] {
        try await base.list(of: user, at: now)
    }

    func forget(_ digest: TokenDigest, of user: UserID) async throws -> Bool {
        guard fault == .isForgottenByAnybody, let device = await seen.all[digest] else {
            return try await base.forget(digest, of: user)
        }
        return try await base.forget(digest, of: device.userID)
    }

    func forgetAll(of user: UserID) async throws { try await base.forgetAll(of: user) }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: now, limit: fault == .ignoresTheLimit ? 1000 : limit)
    }
}

enum FirstFactorFault: CaseIterable, Sendable {
    case isTakenByEverybody, livesAMomentLonger, takesWhateverIsThere

    var law: FirstFactorStoreLaw {
        switch self {
        case .isTakenByEverybody: .isTakenOnceUnderContention
        case .livesAMomentLonger: .expiredIsGone
        case .takesWhateverIsThere: .aLaterOneReplacesIt
        }
    }
}

struct BrokenFirstFactors: FirstFactorStore {
    let base: any FirstFactorStore
    let fault: FirstFactorFault

    func note(_ factor: FirstFactor) async throws { try await base.note(factor) }

    func find(_ place: TokenDigest, at now: Timestamp) async throws -> FirstFactor? {
        try await base.find(place, at: fault == .livesAMomentLonger ? now - .microseconds(1) : now)
    }

    func take(_ place: TokenDigest, provenAt: Timestamp, at now: Timestamp) async throws -> Bool {
        var moment = provenAt
        if fault == .takesWhateverIsThere { moment = try await base.find(place, at: now)?.provenAt ?? moment }
        let isFirst = try await base.take(place, provenAt: moment, at: now)
        return isFirst || fault == .isTakenByEverybody
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: now, limit: limit)
    }
}
