import MartletTesting
import OAuthTypes
import Stores

// Stores of connectors and links with one fault each, and the law that must notice it.

enum ConnectorFault: CaseIterable, Sendable {
    case forgetsTheSecret, overwrites, listsByIdentifier, changesTheKind, keepsTheLinks, inheritsLinks, keepsItsWord
    case overrulesOthers, letsEverybodyWin

    var law: ConnectorStoreLaw {
        switch self {
        case .forgetsTheSecret: .everyFieldComesBack
        case .overwrites: .aTakenIdentifierChangesNothing
        case .listsByIdentifier: .listsByPlaceThenIdentifier
        case .changesTheKind: .replacesAllButWhatItIs
        case .keepsTheLinks: .removalTakesItsLinks
        case .inheritsLinks: .aNewOneInheritsNothing
        case .overrulesOthers: .whatSomebodyElseChangedStays
        case .letsEverybodyWin: .replacesOnceUnderContention
        case .keepsItsWord: .removalTakesHoweverMuchThereIs
        }
    }
}

struct BrokenConnectors: ConnectorStore {
    let base: any ConnectorStore
    let links: any LinkedIdentityStore
    let memberships: any MembershipStore
    let fault: ConnectorFault

    func insert(_ connector: Connector) async throws -> Bool {
        if fault == .overwrites, try await base.find(connector.id) != nil { return try await base.replace(connector) }
        let kept = fault == .inheritsLinks ? try await links.list(of: UserID(rawValue: "u_9")) : []
        let isInserted = try await base.insert(connector)
        for link in kept { _ = try await links.link(link) }
        return isInserted
    }

    func find(_ id: ConnectorID) async throws -> Connector? {
        var connector = try await base.find(id)
        if fault == .forgetsTheSecret { connector?.sealedSecret = nil }
        return connector
    }

    func list() async throws -> [Connector] {
        let all = try await base.list()
        return fault == .listsByIdentifier ? all.sorted { $0.id.rawValue < $1.id.rawValue } : all
    }

    func replace(_ old: Connector, by connector: Connector) async throws -> ConnectorReplacement {
        switch fault {
        case .changesTheKind:
            guard try await base.remove(connector.id) else { return .unknown }
            return try await base.insert(connector) ? .replaced : .changed
        case .overrulesOthers, .letsEverybodyWin:
            while let now = try await base.find(old.id) {
                if try await base.replace(now, by: connector) == .replaced { return .replaced }
            }
            return .unknown
        default: return try await base.replace(old, by: connector)
        }
    }

    func remove(_ id: ConnectorID) async throws -> Bool {
        let kept = fault == .keepsTheLinks ? try await links.list(of: UserID(rawValue: "u_9")) : []
        // Of somebody whose link is gone.
        let first = UserID(rawValue: "u_0")
        let said = fault == .keepsItsWord ? try await memberships.find(first) : []
        let isRemoved = try await base.remove(id)
        for link in kept { _ = try await links.link(link) }
        for membership in said { _ = try await memberships.add(membership, to: first) }
        return isRemoved
    }
}

enum LinkFault: CaseIterable, Sendable {
    case forgetsTheName, takesOver, foldsCase, linksToNobody, makesAnAccountWithoutALink, makesTwoAccounts
    case usesAnybodys, isUnlinkedByAnybody, unlinksTheLastWayIn, countsDisabledConnectors, forgetsPasskeys
    case linksTheFrozen, keepsTheWord, keepsTheFounder, losesTheFounder
    case linksTheDisabled, endsNothing, endsOnlyWhatCameByIt, notesInVain, countsEverybody, repeatsThePage

    var law: LinkedIdentityStoreLaw {
        switch self {
        case .forgetsTheName: .everyFieldComesBack
        case .takesOver: .oneAccountForAPersonAtAConnector
        case .foldsCase: .subjectsAreComparedByteByByte
        case .linksToNobody: .needsAnAccount
        case .makesAnAccountWithoutALink: .makesAccountAndLinkOrNothing
        case .makesTwoAccounts: .makesOneAccountUnderContention
        case .usesAnybodys: .aUseIsNotedOnTheLinkOfItsAccountOnly
        case .isUnlinkedByAnybody: .isUnlinkedByItsOwnerOnly
        case .unlinksTheLastWayIn: .theLastWayInStays
        case .countsDisabledConnectors: .aDisabledConnectorIsNoWayIn
        case .forgetsPasskeys: .aLinkIsAWayInBesideAPasskey
        case .linksTheFrozen: .aFrozenAccountGetsNone
        case .keepsTheWord: .itsWordGoesWithIt
        case .keepsTheFounder: .aNewPasswordByMailUnlinksTheFounder
        case .losesTheFounder: .anotherProvenAddressKeepsTheFounder
        case .linksTheDisabled: .whoIsDisabledOrLeavingGetsNone
        case .endsNothing: .whatCameByItEndsWithIt
        case .endsOnlyWhatCameByIt: .everythingElseEndsWithIt
        case .notesInVain: .isNotedWithItOrNotAtAll
        case .countsEverybody: .countsWhoHasNoOtherWayIn
        case .repeatsThePage: .listsPeopleOfAConnectorByPages
        }
    }
}

struct BrokenLinks: LinkedIdentityStore {
    let storage: Storage
    let fault: LinkFault

    private var base: any LinkedIdentityStore { storage.links }

    func find(_ connector: ConnectorID, subject: String) async throws -> LinkedIdentity? {
        var link = try await base.find(connector, subject: subject)
        if fault == .forgetsTheName { link?.name = nil }
        return link
    }

    func list(of user: UserID) async throws -> [LinkedIdentity] {
        let all = try await base.list(of: user)
        let founder = LinkedIdentity.withEveryFieldSet(user: user.rawValue)
        switch fault {
        case .keepsTheFounder: return all.contains(founder) ? all : [founder] + all
        case .losesTheFounder: return all.filter { $0 != founder }
        default: return all
        }
    }

    func link(_ identity: LinkedIdentity) async throws -> LinkOutcome {
        switch fault {
        case .takesOver:
            if let owner = try await base.find(identity.connector, subject: identity.subject)?.userID,
                owner != identity.userID
            {
                try await free(identity, of: owner)
            }
            return try await base.link(identity)
        case .foldsCase:
            return try await base.link(
                LinkedIdentity(
                    connector: identity.connector, subject: identity.subject.lowercased(), userID: identity.userID,
                    email: identity.email, name: identity.name, linkedAt: identity.linkedAt,
                    lastUsedAt: identity.lastUsedAt))
        case .linksToNobody, .linksTheFrozen, .linksTheDisabled:
            let outcome = try await base.link(identity)
            return outcome == .noAccount ? .linked : outcome
        default: return try await base.link(identity)
        }
    }

    func create(_ user: User, linking identity: LinkedIdentity) async throws -> Bool {
        switch fault {
        case .makesAnAccountWithoutALink: try await storage.users.insert(user)
        case .makesTwoAccounts:
            if try await base.create(user, linking: identity) {
                true
            } else {
                try await storage.users.insert(user)
            }
        default: try await base.create(user, linking: identity)
        }
    }

    func use(_ identity: LinkedIdentity) async throws -> Bool {
        let isNoted = try await base.use(identity)
        return isNoted || fault == .usesAnybodys
    }

    func list(at connector: ConnectorID, after subject: String) async throws -> [LinkedIdentity] {
        try await base.list(at: connector, after: fault == .repeatsThePage ? "" : subject)
    }

    func countOpened(onlyBy connector: ConnectorID) async throws -> Int {
        let count = try await base.countOpened(onlyBy: connector)
        return fault == .countsEverybody ? max(count, 1) : count
    }

    func unlink(_ parting: LinkParting) async throws -> LinkRemoval {
        let user = parting.userID
        let said = fault == .keepsTheWord ? try await storage.memberships.find(user) : []
        var ending = parting.ending
        // Of a connector that nobody comes by, or of this one alone.
        if fault == .endsNothing { ending = .whatCameByIt(but: .numbered(701)) }
        if fault == .endsOnlyWhatCameByIt { ending = .whatCameByIt(but: nil) }
        let outcome = try await base.unlink(
            LinkParting(
                connector: parting.connector, subject: parting.subject, userID: user, ending: ending, at: parting.at,
                event: parting.event, notice: parting.notice))
        if fault == .notesInVain, outcome != .removed { try await storage.audit.append([parting.event]) }
        for membership in said { _ = try await storage.memberships.add(membership, to: user) }
        switch (fault, outcome) {
        case (.isUnlinkedByAnybody, .unknown): return .removed
        case (.unlinksTheLastWayIn, .lastWayIn): return .removed
        case (.countsDisabledConnectors, .lastWayIn):
            return try await base.list(of: user).count > 1 ? .removed : .lastWayIn
        case (.forgetsPasskeys, .removed):
            guard try await base.list(of: user).isEmpty else { return .removed }
            return .lastWayIn
        default: return outcome
        }
    }

    private func free(_ identity: LinkedIdentity, of owner: UserID) async throws {
        _ = try await storage.users.setPassword("hash", of: owner, at: .noon)
        _ = try await base.unlink(identity.connector, subject: identity.subject, of: owner)
    }
}

enum UpstreamSessionFault: CaseIterable, Sendable {
    case losesTheTokens, inventsTokens, findsTheUnknown, keepsTheFirst, outlivesTheSession, foldsSubjects
    case foldsSessions, replacesTwice, sweepsTheLiving, keepsWhatEnded, losesOthers, forgetsTheRenewal
    case listsEverything

    var law: UpstreamSessionStoreLaw {
        switch self {
        case .losesTheTokens: .everyFieldComesBack
        case .inventsTokens: .absentFieldsStayAbsent
        case .findsTheUnknown: .unknownIsNil
        case .keepsTheFirst: .theLaterOneReplaces
        case .outlivesTheSession: .endsWithItsSession
        case .foldsSubjects: .isFoundByTheSubject
        case .foldsSessions: .isFoundByTheSessionAtTheProvider
        case .replacesTwice: .tokensAreReplacedOnce
        case .sweepsTheLiving: .sweepSparesTheLiving
        case .keepsWhatEnded: .nothingOfItIsLeft
        case .losesOthers: .othersStay
        case .forgetsTheRenewal: .goesOnForAsLongAsItsSession
        case .listsEverything: .isFoundByTheConnector
        }
    }
}

struct BrokenUpstreamSessions: UpstreamSessionStore {
    let base: any UpstreamSessionStore
    let fault: UpstreamSessionFault

    func note(_ session: UpstreamSession) async throws {
        if fault == .keepsTheFirst, try await base.find(session.sessionID, at: .noon) != nil { return }
        var session = session
        if fault == .losesTheTokens { session.sealedTokens = nil }
        if fault == .inventsTokens { session.sealedTokens = session.sealedTokens ?? [] }
        try await base.note(session)
    }

    func find(_ id: SessionID, at now: Timestamp) async throws -> UpstreamSession? {
        if fault == .findsTheUnknown, id.rawValue == "none" { return .withNothingOptional() }
        if fault == .keepsWhatEnded { return .withEveryFieldSet() }
        if fault == .losesOthers, id.rawValue == "another" { return nil }
        var found = try await base.find(id, at: fault == .outlivesTheSession ? .noon : now)
        if fault == .forgetsTheRenewal { found?.expiresAt = UpstreamSession.withEveryFieldSet().expiresAt }
        return found
    }

    func list(_ connector: ConnectorID, subject: String, at now: Timestamp) async throws -> [UpstreamSession] {
        try await base.list(
            connector, subject: fault == .foldsSubjects ? UpstreamSession.withEveryFieldSet().subject : subject,
            at: now)
    }

    func list(
        _ connector: ConnectorID, providerSession: String, at now: Timestamp
    ) async throws -> [UpstreamSession] {
        try await base.list(
            connector, providerSession: fault == .foldsSessions ? providerSession.lowercased() : providerSession,
            at: now)
    }

    func list(_ connector: ConnectorID, at now: Timestamp) async throws -> [UpstreamSession] {
        let all = fault == .listsEverything ? UpstreamSession.withEveryFieldSet().connector : connector
        return try await base.list(all, at: now)
    }

    func replaceTokens(of id: SessionID, _ old: [UInt8], by new: [UInt8]) async throws -> Bool {
        let isReplaced = try await base.replaceTokens(of: id, old, by: new)
        return isReplaced || fault == .replacesTwice
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: fault == .sweepsTheLiving ? now + .seconds(2) : now, limit: limit)
    }
}
