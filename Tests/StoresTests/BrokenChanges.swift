import MartletTesting
import OAuthTypes
import Stores

// Stores of what hangs on changes of accounts, with one fault each, and the law that must notice it.

enum RecourseFault: CaseIterable, Sendable {
    case losesThePurpose, findsTheUnknown, livesAMomentLonger, forgetsTheMail, keepsTheOlderLink, restoresTwice
    case keepsWhatCameLater, disownsTwice, endsNothing, leavesTheIntruderIn, keepsTwice, doesAnything, sweepsTheLiving
    case takesTheTaken, forgetsOlderMails

    var law: RecourseStoreLaw {
        switch self {
        case .losesThePurpose: .everyFieldComesBack
        case .findsTheUnknown: .unknownIsNil
        case .livesAMomentLonger: .expiredIsGone
        case .forgetsTheMail: .theMailIsOrderedInTheSameStep
        case .keepsTheOlderLink: .armingEndsTheOlderLink
        case .restoresTwice: .anAddressIsRestoredOnceUnderContention
        case .takesTheTaken: .aTakenAddressIsNotRestored
        case .keepsWhatCameLater: .restoringEndsWhatCameLater
        case .disownsTwice: .aSignInIsDisownedOnceUnderContention
        case .endsNothing: .disowningEndsEverythingAndFreezes
        case .leavesTheIntruderIn: .disowningTakesWhatTheIntruderAdded
        case .forgetsOlderMails: .anyMailTakesWhatCameSinceTheOldest
        case .keepsTwice: .anAccountIsKeptOnceUnderContention
        case .doesAnything: .eachPurposeDoesItsOwn
        case .sweepsTheLiving: .sweepSparesTheLiving
        }
    }
}

struct BrokenRecourses: RecourseStore {
    let base: any RecourseStore
    let fault: RecourseFault

    func open(_ recourse: Recourse, ordering mail: MailOrder) async throws {
        var mail = mail
        if fault == .forgetsTheMail { mail = .waiting("another") }
        let isKept = fault == .keepsWhatCameLater && recourse.id == .numbered(5)
        let isLost = fault == .forgetsOlderMails && recourse.id == .numbered(4)
        try await base.open(
            Recourse(
                id: recourse.id, purpose: fault == .losesThePurpose ? .disown : recourse.purpose,
                userID: recourse.userID, email: recourse.email, link: recourse.link,
                createdAt: isKept ? recourse.createdAt - .seconds(60) : recourse.createdAt,
                expiresAt: isLost ? .noon : recourse.expiresAt), ordering: mail)
    }

    func arm(_ id: TokenDigest, link: TokenDigest, at now: Timestamp) async throws -> Bool {
        if fault == .keepsTheOlderLink { return true }
        return try await base.arm(id, link: link, at: now)
    }

    func find(_ id: TokenDigest, at now: Timestamp) async throws -> Recourse? {
        if fault == .findsTheUnknown, id == .numbered(1) { return .withNothingOptional() }
        return try await base.find(id, at: fault == .livesAMomentLonger ? now - .microseconds(1) : now)
    }

    func find(link: TokenDigest, at now: Timestamp) async throws -> Recourse? {
        try await base.find(link: link, at: now)
    }

    func restoreEmail(
        by link: TokenDigest, freezingUntil end: Timestamp, at now: Timestamp, ordering mail: MailOrder
    ) async throws -> Bool {
        let isRestored = try await base.restoreEmail(by: link, freezingUntil: end, at: now, ordering: mail)
        return isRestored || fault == .restoresTwice || fault == .takesTheTaken
    }

    func disown(
        by link: TokenDigest, freezingUntil end: Timestamp, at now: Timestamp, ordering mail: MailOrder?
    ) async throws -> Bool {
        if fault == .endsNothing || fault == .leavesTheIntruderIn { return true }
        let isDisowned = try await base.disown(by: link, freezingUntil: end, at: now, ordering: mail)
        return isDisowned || fault == .disownsTwice || fault == .doesAnything
    }

    func keepAccount(by link: TokenDigest, at now: Timestamp) async throws -> Bool {
        let isKept = try await base.keepAccount(by: link, at: now)
        return isKept || fault == .keepsTwice || fault == .doesAnything
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: fault == .sweepsTheLiving ? now + .seconds(2) : now, limit: limit)
    }
}

enum AccountHoldFault: CaseIterable, Sendable {
    case losesTheMoment, endsNothing, leavesTwice, takesTheFrozen, forgetsTheMail, staysTwice, listsTheLiving
    case erasesTheLiving, erasesTwice, sweepsTheLiving

    var law: AccountHoldStoreLaw {
        switch self {
        case .losesTheMoment: .nothingIsNone
        case .endsNothing: .leavingEndsEverything
        case .leavesTwice: .leavesOnceUnderContention
        case .takesTheFrozen: .aFrozenOrDisabledAccountDoesNotLeave
        case .forgetsTheMail: .theMailIsOrderedInTheSameStep
        case .staysTwice: .staysOnceUnderContention
        case .listsTheLiving: .listsWhoseTimeHasCome
        case .erasesTheLiving: .onlyWhoseTimeHasComeIsErased
        case .erasesTwice: .erasesOnceUnderContention
        case .sweepsTheLiving: .sweepSparesTheLiving
        }
    }
}

struct BrokenAccountHolds: AccountHoldStore {
    let base: any AccountHoldStore
    let persons: any PersonStore
    let fault: AccountHoldFault

    func find(_ user: UserID, at now: Timestamp) async throws -> AccountHolds {
        let holds = try await base.find(user, at: now)
        return fault == .losesTheMoment ? AccountHolds(frozenUntil: holds.frozenUntil, erasedAt: nil) : holds
    }

    func leave(
        _ user: UserID, erasedAt moment: Timestamp, at now: Timestamp, recourse: Recourse?, ordering mail: MailOrder?
    ) async throws -> Bool {
        switch fault {
        case .endsNothing: return true
        case .forgetsTheMail:
            return try await base.leave(user, erasedAt: moment, at: now, recourse: recourse, ordering: nil)
        default: break
        }
        let isLeaving = try await base.leave(user, erasedAt: moment, at: now, recourse: recourse, ordering: mail)
        return isLeaving || fault == .leavesTwice || fault == .takesTheFrozen
    }

    func stay(_ user: UserID) async throws -> Bool {
        let isStaying = try await base.stay(user)
        return isStaying || fault == .staysTwice
    }

    func due(at now: Timestamp, limit: Int) async throws -> [UserID] {
        try await base.due(at: fault == .listsTheLiving ? now + .seconds(60) : now, limit: limit)
    }

    func erase(_ user: UserID, dueBy now: Timestamp, recording event: AuditEvent) async throws -> Bool {
        if fault == .erasesTheLiving { return try await persons.erase(user, recording: event) }
        let isErased = try await base.erase(user, dueBy: now, recording: event)
        return isErased || fault == .erasesTwice
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: fault == .sweepsTheLiving ? now + .seconds(2) : now, limit: limit)
    }
}
