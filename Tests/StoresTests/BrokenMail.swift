import MartletTesting
import OAuthTypes
import Stores

// Stores of mail with one fault each, and the law that must notice it.

enum MailFault: CaseIterable, Sendable {
    case losesTheProof, leasesTooEarly, ignoresTheLimit, leasesTwice, takesWhoWasTooSlow, keepsWhatWasSent
    case triesAgainAtOnce, triesWhatWasGivenUp, retriesUnknown, skipsTheFirst, countsOneKind, sweepsTheLiving
    case findsNoneDue

    var law: MailStoreLaw {
        switch self {
        case .losesTheProof: .everyFieldComesBack
        case .leasesTooEarly: .onlyWhatIsDueIsClaimed
        case .ignoresTheLimit: .theLongestDueIsFirst
        case .leasesTwice: .isLeasedOnceUnderContention
        case .takesWhoWasTooSlow: .aLeaseThatEndedIsTakenOver
        case .keepsWhatWasSent: .whatWasSentIsGone
        case .triesAgainAtOnce: .aFailureWaitsForItsTurn
        case .triesWhatWasGivenUp: .whatWasGivenUpIsLeftAlone
        case .retriesUnknown: .retryingTakesTheLease
        case .skipsTheFirst: .listsInOrder
        case .countsOneKind: .countsBothKinds
        case .sweepsTheLiving: .sweepSparesTheLiving
        case .findsNoneDue: .knowsWhetherAnyIsDue
        }
    }
}

struct BrokenMails: MailStore {
    let base: any MailStore
    let fault: MailFault

    func order(_ mail: MailOrder) async throws {
        guard fault == .losesTheProof else { return try await base.order(mail) }
        try await base.order(
            MailOrder(
                id: mail.id, kind: mail.kind, recipient: mail.recipient, proof: nil, createdAt: mail.createdAt,
                sendBy: mail.sendBy, expiresAt: mail.expiresAt, dueAt: mail.dueAt, attempts: mail.attempts,
                failure: mail.failure, gaveUpAt: mail.gaveUpAt))
    }

    func isDue(at now: Timestamp) async throws -> Bool {
        let isDue = try await base.isDue(at: now)
        return isDue && fault != .findsNoneDue
    }

    func claim(at now: Timestamp, until end: Timestamp, limit: Int) async throws -> [MailOrder] {
        switch fault {
        case .leasesTooEarly: try await base.claim(at: now + .seconds(1), until: end, limit: limit)
        case .ignoresTheLimit: try await base.claim(at: now, until: end, limit: 9)
        case .leasesTwice: try await base.claim(at: now, until: now, limit: limit)
        default: try await base.claim(at: now, until: end, limit: limit)
        }
    }

    func sent(_ id: MailID, attempt: Int) async throws -> Bool {
        switch fault {
        case .keepsWhatWasSent: true
        case .takesWhoWasTooSlow: try await base.sent(id, attempt: attempt + 1)
        default: try await base.sent(id, attempt: attempt)
        }
    }

    func failed(_ id: MailID, attempt: Int, because reason: String, next: Timestamp) async throws -> Bool {
        let next = fault == .triesAgainAtOnce ? .noon : next
        return try await base.failed(id, attempt: attempt, because: reason, next: next)
    }

    func giveUp(_ id: MailID, attempt: Int, because reason: String, at now: Timestamp) async throws -> Bool {
        guard fault == .triesWhatWasGivenUp else {
            return try await base.giveUp(id, attempt: attempt, because: reason, at: now)
        }
        return try await base.failed(id, attempt: attempt, because: reason, next: now)
    }

    func retry(_ id: MailID, at now: Timestamp, sendBy: Timestamp) async throws -> Bool {
        let isThere = try await base.retry(id, at: now, sendBy: sendBy)
        return fault == .retriesUnknown || isThere
    }

    func list(after cursor: MailID?, limit: Int) async throws -> [MailOrder] {
        let page = try await base.list(after: cursor, limit: limit)
        return fault == .skipsTheFirst ? Array(page.dropFirst()) : page
    }

    func figures() async throws -> OutboxFigures {
        var figures = try await base.figures()
        if fault == .countsOneKind { figures.givenUp = 0 }
        return figures
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: fault == .sweepsTheLiving ? now + .seconds(2) : now, limit: limit)
    }
}

enum ProofFault: CaseIterable, Sendable {
    case forgetsTheMail, livesAMomentLonger, keepsTheOlderLink, guessesWithoutEnd, mailsWithoutEnd
    case resetsTwice, takesTheDisabled, makesTwice, spendsOnATakenAddress, sweepsTheLiving, codesLiveLonger
    case changesTwice, changesWithoutAsking, spendsTwice, forgetsWhoReadsTheMail, keepsTheSiblings, mixesRecoursesUp

    var law: ProofStoreLaw {
        switch self {
        case .forgetsTheMail: .theMailIsOrderedInTheSameStep
        case .livesAMomentLonger: .expiredIsGone
        case .keepsTheOlderLink: .armingEndsTheOlderLink
        case .guessesWithoutEnd: .guessesAreCountedUnderContention
        case .mailsWithoutEnd: .mailsAreCounted
        case .resetsTwice, .mixesRecoursesUp: .aPasswordIsResetOnceUnderContention
        case .takesTheDisabled: .aDisabledAccountIsNotReset
        case .makesTwice: .anAccountIsMadeOnceUnderContention
        case .spendsOnATakenAddress: .aTakenAddressSpendsNothing
        case .sweepsTheLiving: .sweepSparesTheLiving
        case .codesLiveLonger: .aCodeEndsBeforeItsProof
        case .spendsTwice: .aCodeIsSpentOnceUnderContention
        case .forgetsWhoReadsTheMail: .aResetIsNoSecondFactor
        case .keepsTheSiblings: .anAccountDisarmsWhatElseWasToMakeIt
        case .changesTwice: .anAddressIsChangedOnceUnderContention
        case .changesWithoutAsking: .anAddressIsChangedOnlyWhereItMayBe
        }
    }
}

struct BrokenProofs: ProofStore {
    let base: any ProofStore
    let users: any UserStore
    let fault: ProofFault

    func open(_ proof: EmailProof, ordering mail: MailOrder?) async throws {
        try await base.open(proof, ordering: fault == .forgetsTheMail ? nil : mail)
    }

    func arm(
        _ id: TokenDigest, link: TokenDigest, code: TokenDigest?, codeExpiresAt: Timestamp?, at now: Timestamp
    ) async throws -> Bool {
        if fault == .keepsTheOlderLink { return true }
        return try await base.arm(id, link: link, code: code, codeExpiresAt: codeExpiresAt, at: now)
    }

    func find(_ id: TokenDigest, at now: Timestamp) async throws -> EmailProof? {
        try await base.find(id, at: fault == .livesAMomentLonger ? now - .microseconds(1) : now)
    }

    func find(link: TokenDigest, at now: Timestamp) async throws -> EmailProof? {
        try await base.find(link: link, at: now)
    }

    func guess(_ id: TokenDigest, limit: Int, at now: Timestamp) async throws -> EmailProof? {
        let now = fault == .codesLiveLonger ? now - .microseconds(1) : now
        return try await base.guess(id, limit: fault == .guessesWithoutEnd ? .max : limit, at: now)
    }

    func spend(_ id: TokenDigest, code: TokenDigest, at now: Timestamp) async throws -> Bool {
        let isSpent = try await base.spend(id, code: code, at: now)
        return isSpent || fault == .spendsTwice
    }

    func resend(_ id: TokenDigest, limit: Int, at now: Timestamp, ordering mail: MailOrder) async throws -> Bool {
        try await base.resend(id, limit: fault == .mailsWithoutEnd ? .max : limit, at: now, ordering: mail)
    }

    func resetPassword(
        by link: TokenDigest, to hash: String, at now: Timestamp, recourse: Recourse, ordering mail: MailOrder
    ) async throws -> Bool {
        let isReset = try await base.resetPassword(
            by: link, to: hash, at: now, recourse: fault == .mixesRecoursesUp ? .withEveryFieldSet() : recourse,
            ordering: mail)
        if fault == .forgetsWhoReadsTheMail {
            for user in try await users.list(after: nil, limit: 9) {
                _ = try await users.changeMailCodes(of: user.id, from: .afterRecovery, to: .on)
            }
        }
        return isReset || fault == .resetsTwice || fault == .takesTheDisabled
    }

    func createAccount(_ user: User, by id: TokenDigest, at now: Timestamp) async throws -> Bool {
        switch fault {
        case .makesTwice, .keepsTheSiblings: try await users.insert(user)
        case .spendsOnATakenAddress:
            try await base.createAccount(.withNothingOptional(id: "u_x", email: "x@example.org"), by: id, at: now)
        default: try await base.createAccount(user, by: id, at: now)
        }
    }

    func changeEmail(
        by id: TokenDigest, from old: Email, at now: Timestamp, recourse: Recourse, ordering mails: [MailOrder]
    ) async throws -> Bool {
        let isChanged = try await base.changeEmail(
            by: id, from: old, at: now, recourse: recourse, ordering: mails)
        return isChanged || fault == .changesTwice || fault == .changesWithoutAsking
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: fault == .sweepsTheLiving ? now + .seconds(2) : now, limit: limit)
    }
}
