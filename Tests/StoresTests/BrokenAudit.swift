import MartletTesting
import OAuthTypes
import Stores

enum AuditFault: CaseIterable, Sendable {
    case losesTheSeal, takesEveryOutcomeForSuccess, forgetsTheOrder, overwrites, givesAPlaceTwice, linksHalf
    case everyLinkerWins, listsThePlaceItself, findsTheOldestFirst, findsOthersToo, countsWhatIsUnlinked
    case overwritesCheckpoints, prunesTheCheckpoint, prunesWhatWaits

    var law: AuditStoreLaw {
        switch self {
        case .losesTheSeal: .everyFieldComesBack
        case .takesEveryOutcomeForSuccess: .nothingOptionalComesBack
        case .forgetsTheOrder: .waitsInTheOrderOfNames
        case .overwrites: .nameIsGivenOnce
        case .givesAPlaceTwice: .placesAreTakenOnce
        case .linksHalf: .linksAllOrNone
        case .everyLinkerWins: .oneLinkerWins
        case .listsThePlaceItself: .listsBehindAPlace
        case .findsTheOldestFirst, .findsOthersToo: .findsWhatIsLookedFor
        case .countsWhatIsUnlinked: .knowsThePlaceBeforeAMoment
        case .overwritesCheckpoints: .checkpointsStay
        case .prunesTheCheckpoint, .prunesWhatWaits: .prunesFromTheOldEnd
        }
    }
}

struct BrokenAudit: AuditStore {
    let base: any AuditStore
    let fault: AuditFault

    func append(_ events: [AuditEvent]) async throws {
        let kept = events.map { event in
            AuditEvent(
                id: event.id, at: event.at, action: event.action,
                outcome: fault == .takesEveryOutcomeForSuccess ? .succeeded : event.outcome, actor: event.actor,
                subject: event.subject, client: event.client, requestID: event.requestID, network: event.network,
                details: event.details, sealed: fault == .losesTheSeal ? nil : event.sealed)
        }
        do {
            try await base.append(kept)
        } catch {
            guard fault == .overwrites else { throw error }
        }
    }

    func unlinked(limit: Int) async throws -> [AuditEvent] {
        let events = try await base.unlinked(limit: limit)
        return fault == .forgetsTheOrder ? events.reversed() : events
    }

    func head() async throws -> AuditLink? { try await base.head() }

    func link(_ links: [AuditLink]) async throws -> Bool {
        if fault == .linksHalf {
            for link in links where try await base.link([link]) == false { return false }
            return true
        }
        let isDone = try await base.link(links)
        return isDone || fault == .everyLinkerWins || fault == .givesAPlaceTwice
    }

    func list(after sequence: Int64, limit: Int) async throws -> [LinkedAuditEvent] {
        try await base.list(after: fault == .listsThePlaceItself ? sequence - 1 : sequence, limit: limit)
    }

    func find(_ search: AuditSearch, limit: Int) async throws -> [AuditEvent] {
        var search = search
        if fault == .findsOthersToo { search.subject = nil }
        let events = try await base.find(search, limit: limit)
        return fault == .findsTheOldestFirst ? events.reversed() : events
    }

    func place(before moment: Timestamp) async throws -> Int64? {
        let place = try await base.place(before: moment)
        return place ?? (fault == .countsWhatIsUnlinked ? 0 : nil)
    }

    func add(_ checkpoint: AuditCheckpoint) async throws { try await base.add(checkpoint) }

    func checkpoints(after sequence: Int64, limit: Int) async throws -> [AuditCheckpoint] {
        let found = try await base.checkpoints(after: sequence, limit: limit)
        guard fault == .overwritesCheckpoints else { return found }
        return found.map { AuditCheckpoint(sequence: $0.sequence, token: "another", key: $0.key) }
    }

    func checkpoint(through sequence: Int64) async throws -> AuditCheckpoint? {
        try await base.checkpoint(through: sequence)
    }

    func prune(through sequence: Int64, limit: Int) async throws -> Int {
        switch fault {
        case .prunesTheCheckpoint:
            let count = try await base.prune(through: sequence, limit: limit)
            _ = try await base.prune(through: sequence + 1, limit: 0)
            return count
        case .prunesWhatWaits:
            var count = 0
            for event in try await base.unlinked(limit: 9) {
                _ = try await base.link([AuditLink(id: event.id, sequence: 99, digest: .numbered(1))])
                count = try await base.prune(through: sequence, limit: limit)
            }
            return count
        default: return try await base.prune(through: sequence, limit: limit)
        }
    }
}

enum PersonFault: CaseIterable, Sendable {
    case inventsAKey, theLastHolds, eachHolds, destroysEverybodysKey, leavesTheAccount, erasesEverybody, keyComesBack
    case letsGoOn, forgetsTheRecord, everybodyErases

    var law: PersonStoreLaw {
        switch self {
        case .inventsAKey: .unknownIsNil
        case .theLastHolds: .theFirstHolds
        case .eachHolds: .oneHoldsUnderContention
        case .destroysEverybodysKey: .peopleAreApart
        case .leavesTheAccount: .erasedLeavesNothing
        case .erasesEverybody: .erasedSparesOthers
        case .keyComesBack: .erasedIsGoneForGood
        case .letsGoOn: .erasedEndsWhatIsUnderWay
        case .forgetsTheRecord: .erasureIsOnTheRecord
        case .everybodyErases: .erasesOnceUnderContention
        }
    }
}

struct BrokenPersons: PersonStore {
    let base: any PersonStore
    let fault: PersonFault

    func key(of person: UserID) async throws -> [UInt8]? {
        let found = try await base.key(of: person)
        return found ?? (fault == .inventsAKey ? [0] : nil)
    }

    func keep(_ sealed: [UInt8], of person: UserID) async throws -> [UInt8]? {
        let kept = try await base.keep(sealed, of: person)
        switch fault {
        case .theLastHolds, .eachHolds, .keyComesBack: return sealed
        default: return kept
        }
    }

    func erase(_ person: UserID, recording event: AuditEvent) async throws -> Bool {
        switch fault {
        case .leavesTheAccount, .letsGoOn, .forgetsTheRecord: return true
        case .destroysEverybodysKey, .erasesEverybody:
            let other = AuditEvent(
                id: event.id + "b", at: event.at, action: event.action, outcome: event.outcome, actor: event.actor,
                subject: nil, client: nil, requestID: nil, network: nil, details: nil, sealed: nil)
            _ = try await base.erase(UserID(rawValue: "u_9"), recording: other)
            return try await base.erase(person, recording: event)
        case .everybodyErases:
            _ = try await base.erase(person, recording: event)
            return true
        default: return try await base.erase(person, recording: event)
        }
    }
}
