import MartletTesting
import OAuthTypes
import Stores

// Stores of participations with one fault each, and the law that must notice it.

enum ParticipationFault: CaseIterable, Sendable {
    case losesTheFailure, listsThoseOfNobody, listsAPairTwice, tellsOfTheEndBefore, losesTheEnd, tellsOfEveryEnd
    case keepsThePerson, namesNobody, takesTheNewest, leasesTwice, takesWhoWasTooSlow, keepsWhatWasTold
    case triesAgainAtOnce, triesWhatWasGivenUp, retriesWhatGoesOn, skipsTheFirst, countsOneKind, sweepsTheLiving
    case forgetsTheRenewal, beginsBehindTheEnd, goesOnBehindTheEnd, countsWhatWasNotTried
    case tellsOfWhatBeganAnew, namesTheFirst

    var law: ParticipationStoreLaw {
        switch self {
        case .losesTheFailure: .everyFieldComesBack
        case .listsThoseOfNobody: .beginsWithItsCodeOrNotAtAll
        case .listsAPairTwice: .aPairBeginsOnce
        case .tellsOfTheEndBefore: .aPairThatEndedBeginsAnew
        case .losesTheEnd: .theEndOfASessionMakesItDue
        case .tellsOfEveryEnd: .theEndOfAllOthersMakesThemDue
        case .keepsThePerson: .erasureLeavesWhatIsToBeToldWithoutThePerson
        case .namesNobody: .namesWhoIsWaiting
        case .takesTheNewest: .theLongestDueIsFirst
        case .leasesTwice: .isLeasedOnceUnderContention
        case .takesWhoWasTooSlow: .aLeaseThatEndedIsTakenOver
        case .keepsWhatWasTold: .whatWasToldIsGone
        case .triesAgainAtOnce: .aFailureWaitsForItsTurn
        case .triesWhatWasGivenUp: .whatWasGivenUpIsLeftAlone
        case .retriesWhatGoesOn: .retryingTakesTheLease
        case .skipsTheFirst: .listsWhatEndedInOrder
        case .countsOneKind: .countsWhatEnded
        case .sweepsTheLiving: .sweepSparesTheLiving
        case .forgetsTheRenewal: .goesOnForAsLongAsItsSession
        case .countsWhatWasNotTried: .whatWasNotTriedDoesNotCount
        case .beginsBehindTheEnd: .noneBeginsInASessionThatEnded
        case .goesOnBehindTheEnd: .noneGoesOnBehindTheEndOfItsSession
        case .tellsOfWhatBeganAnew: .whatBeganAnewIsNotToldOf
        case .namesTheFirst: .muchForOneHidesNoOther
        }
    }

    /// What stores that end sessions get wrong shows in the list of what ended.
    static let ofTheList: [(ParticipationStoreLaw, String)] = [
        (.whatSignsSomebodyOutMakesThemDue, "p2"), (.takingBackConsentEndsThoseOfTheClient, "p1"),
        (.aRemovedClientIsToldNothing, "p2"),
    ]
}

struct BrokenParticipations: ParticipationStore {
    let base: any ParticipationStore
    var fault: ParticipationFault?
    /// One that is left out of the list of what ended.
    var forgotten: String?

    func living(in session: SessionID, at now: Timestamp) async throws -> [Participation] {
        let list = try await base.living(in: session, at: now)
        switch fault {
        case .listsThoseOfNobody, .beginsBehindTheEnd, .goesOnBehindTheEnd: return list + [.living("p2")]
        case .listsAPairTwice: return list + list.suffix(1)
        case .forgetsTheRenewal: return list.map { .living($0.id.rawValue, $0.clientID) }
        default: return list
        }
    }

    func waiting(at now: Timestamp) async throws -> [ClientID] {
        switch fault {
        case .namesNobody: []
        case .namesTheFirst: Array(try await base.waiting(at: now).prefix(1))
        case .tellsOfTheEndBefore: [ClientID("shop 1~")!]
        default: try await base.waiting(at: now)
        }
    }

    func claim(for client: ClientID, at now: Timestamp, until end: Timestamp) async throws -> Participation? {
        switch fault {
        case .leasesTwice: return try await base.claim(for: client, at: now, until: now)
        case .takesTheNewest:
            _ = try await base.claim(for: client, at: now, until: end)
            return try await base.claim(for: client, at: now, until: end)
        default: return try await base.claim(for: client, at: now, until: end)
        }
    }

    func isUntold(_ id: ParticipationID, attempt: Int) async throws -> Bool {
        let isUntold = try await base.isUntold(id, attempt: attempt)
        return fault == .tellsOfWhatBeganAnew || isUntold
    }

    func told(_ id: ParticipationID, attempt: Int) async throws -> Bool {
        switch fault {
        case .keepsWhatWasTold: true
        case .takesWhoWasTooSlow: try await base.told(id, attempt: attempt + 1)
        default: try await base.told(id, attempt: attempt)
        }
    }

    func failed(_ id: ParticipationID, attempt: Int, because reason: String, next: Timestamp) async throws -> Bool {
        try await base.failed(
            id, attempt: attempt, because: fault == .losesTheFailure ? "" : reason,
            next: fault == .triesAgainAtOnce ? .noon : next)
    }

    func release(_ id: ParticipationID, attempt: Int, until next: Timestamp) async throws -> Bool {
        guard fault == .countsWhatWasNotTried else {
            return try await base.release(id, attempt: attempt, until: next)
        }
        return try await base.failed(id, attempt: attempt, because: "busy", next: next)
    }

    func giveUp(_ id: ParticipationID, attempt: Int, because reason: String, at now: Timestamp) async throws -> Bool {
        guard fault == .triesWhatWasGivenUp else {
            return try await base.giveUp(id, attempt: attempt, because: reason, at: now)
        }
        return try await base.failed(id, attempt: attempt, because: reason, next: now)
    }

    func retry(_ id: ParticipationID, at now: Timestamp) async throws -> Bool {
        let isThere = try await base.retry(id, at: now)
        return fault == .retriesWhatGoesOn || isThere
    }

    func list(after cursor: ParticipationID?, limit: Int) async throws -> [Participation] {
        let page = try await base.list(after: cursor, limit: limit).filter { $0.id.rawValue != forgotten }
        switch fault {
        case .skipsTheFirst, .losesTheEnd: return Array(page.dropFirst())
        case .tellsOfEveryEnd: return page + [.living("p9")]
        case .keepsThePerson:
            return page.map {
                Participation(
                    id: $0.id, sessionID: $0.sessionID, clientID: $0.clientID, userID: UserID(rawValue: "u_7Zk2"),
                    createdAt: $0.createdAt, expiresAt: $0.expiresAt, endedAt: $0.endedAt, dueAt: $0.dueAt)
            }
        default: return page
        }
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
