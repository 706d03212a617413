import MartletTesting
import OAuthTypes
import Stores

enum UserFault: CaseIterable, Sendable {
    case disablesWithoutEnding, ignoresTheCursor, upgradesFromAnything, losesTheHash, renamesTheDisabled
    case importsWithoutTheKey, importsTheKeyAlone, importsWithoutTakenLinks
    case changesFromAnything, changesTheFrozen, changesWithoutEnding, forgetsTheName, forgetsTheLanguage, enablesNobody
    case removesTheLastWayIn, removesWithoutLooking, changesCodesTwice, keepsRecoveryCodes, changesCodesOfTheFrozen
    case forgetsTheEndOfAll, findsAnyHash, changesWithoutRecourse, removesWithoutRecourse

    var law: UserStoreLaw {
        switch self {
        case .disablesWithoutEnding: .disablingEndsEverything
        case .ignoresTheCursor: .pagesThroughTheList
        case .upgradesFromAnything: .aPasswordIsUpgradedOnlyFromTheOld
        case .losesTheHash: .everyFieldComesBack
        case .importsWithoutTheKey: .importsWithAllThatBelongsToIt
        case .importsTheKeyAlone: .importsAroundWhatIsTaken
        case .importsWithoutTakenLinks: .importsNobodyByALinkOfAnother
        case .changesFromAnything: .aPasswordIsChangedOnceUnderContention
        case .changesTheFrozen: .aFrozenAccountKeepsItsPassword
        case .changesWithoutEnding: .aChangedPasswordEndsEverything
        case .forgetsTheName: .aNewNameChangesNothingElse
        case .forgetsTheLanguage: .aLanguageChangesNothingElse
        case .removesTheLastWayIn: .aPasswordGoesOnlyWhereAPasskeyStays
        case .removesWithoutLooking: .theLastWayInStaysUnderContention
        case .changesCodesTwice: .codesByMailChangeOnceUnderContention
        case .keepsRecoveryCodes: .codesByMailGoWithTheirRecoveryCodes
        case .forgetsTheEndOfAll: .theEndOfAllIsKnown
        case .findsAnyHash: .aHashIsFoundByItsPlace
        case .changesWithoutRecourse: .aChangedPasswordEndsEverything
        case .removesWithoutRecourse: .aPasswordGoesOnlyWhereAPasskeyStays
        case .changesCodesOfTheFrozen: .aFrozenAccountKeepsItsCodesByMail
        case .renamesTheDisabled: .aNewNameChangesNothingElse
        case .enablesNobody: .enablingLetsSignInAgain
        }
    }
}

struct BrokenUsers: UserStore {
    let base: any UserStore
    let fault: UserFault
    var keys: any TOTPKeyStore

    func insert(_ user: User) async throws -> Bool { try await base.insert(user) }

    func insert(_ accounts: [ImportedAccount]) async throws -> [Bool] {
        switch fault {
        case .importsWithoutTheKey:
            return try await base.insert(accounts.map { ImportedAccount(user: $0.user, authenticator: nil) })
        case .importsTheKeyAlone:
            let isMade = try await base.insert(accounts)
            for key in accounts.compactMap(\.authenticator) { _ = try await keys.propose(key) }
            return isMade
        case .importsWithoutTakenLinks:
            let isMade = try await base.insert(accounts)
            for (account, isMade) in zip(accounts, isMade) where !isMade { _ = try await base.insert(account.user) }
            return isMade
        default: return try await base.insert(accounts)
        }
    }

    func find(_ id: UserID) async throws -> User? {
        var user = try await base.find(id)
        if fault == .losesTheHash { user?.passwordHash = nil }
        return user
    }

    func find(_ email: Email) async throws -> User? { try await base.find(email) }

    func passwordHash(near id: UserID) async throws -> String? {
        let place = fault == .findsAnyHash ? UserID(rawValue: "") : id
        return try await base.passwordHash(near: place)
    }

    func signedOutAt(_ id: UserID) async throws -> Timestamp? {
        fault == .forgetsTheEndOfAll ? nil : try await base.signedOutAt(id)
    }

    func list(after cursor: Email?, limit: Int) async throws -> [User] {
        try await base.list(after: fault == .ignoresTheCursor ? nil : cursor, limit: limit)
    }

    func setPassword(_ hash: String, of id: UserID, at now: Timestamp) async throws -> Bool {
        try await base.setPassword(hash, of: id, at: now)
    }

    func upgradePassword(of id: UserID, from old: String, to new: String) async throws -> Bool {
        guard fault == .upgradesFromAnything else { return try await base.upgradePassword(of: id, from: old, to: new) }
        let present = try await base.find(id)?.passwordHash ?? old
        return try await base.upgradePassword(of: id, from: present, to: new)
    }

    func changePassword(
        of id: UserID, from old: String?, to new: String, at now: Timestamp, recourse: Recourse?,
        ordering mail: MailOrder?
    ) async throws -> Bool {
        switch fault {
        case .changesFromAnything, .changesTheFrozen: try await base.setPassword(new, of: id, at: now)
        case .changesWithoutEnding: try await base.upgradePassword(of: id, from: old ?? "", to: new)
        default:
            try await base.changePassword(
                of: id, from: old, to: new, at: now, recourse: fault == .changesWithoutRecourse ? nil : recourse,
                ordering: mail)
        }
    }

    func removePassword(
        of id: UserID, from old: String, at now: Timestamp, recourse: Recourse?, ordering mail: MailOrder?
    ) async throws -> Bool {
        let isRemoved = try await base.removePassword(
            of: id, from: old, at: now, recourse: fault == .removesWithoutRecourse ? nil : recourse, ordering: mail)
        return isRemoved || fault == .removesTheLastWayIn || fault == .removesWithoutLooking
    }

    func setLanguage(_ tag: String, of id: UserID) async throws {
        if fault != .forgetsTheLanguage { try await base.setLanguage(tag, of: id) }
    }

    func changeMailCodes(
        of id: UserID, from old: MailCodeUse, to new: MailCodeUse, at now: Timestamp
    ) async throws -> Bool {
        if fault == .keepsRecoveryCodes, new == .off { return true }
        let moment = fault == .changesCodesOfTheFrozen ? Timestamp(microseconds: .max) : now
        let isChanged = try await base.changeMailCodes(of: id, from: old, to: new, at: moment)
        return isChanged || fault == .changesCodesTwice
    }

    func rename(_ id: UserID, to name: String, at now: Timestamp) async throws -> User? {
        if fault == .forgetsTheName { return try await base.find(id) }
        let renamed = try await base.rename(id, to: name, at: now)
        guard fault == .renamesTheDisabled, renamed == nil else { return renamed }
        return try await base.find(id)
    }

    func disable(_ id: UserID, at now: Timestamp) async throws -> Bool {
        guard fault == .disablesWithoutEnding else { return try await base.disable(id, at: now) }
        return try await base.find(id) != nil
    }

    func enable(_ id: UserID) async throws -> Bool {
        guard fault == .enablesNobody else { return try await base.enable(id) }
        return try await base.find(id)?.disabledAt != nil
    }
}

enum ClientFault: CaseIterable, Sendable {
    case removesWithoutItsRecords, saysInserted, forgetsTheOrder
    case replacesWhatChanged, replacesWhatIsGone, losesMetadata

    var law: ClientStoreLaw {
        switch self {
        case .removesWithoutItsRecords: .removalTakesEverythingOfTheClient
        case .saysInserted: .insertsOnceUnderContention
        case .forgetsTheOrder: .listsInOrder
        case .replacesWhatChanged: .replacesOnceUnderContention
        case .replacesWhatIsGone: .replacesNothingThatIsGone
        case .losesMetadata: .replacesEveryFieldOnce
        }
    }
}

struct BrokenClients: ClientStore {
    let base: any ClientStore
    let fault: ClientFault

    func insert(_ client: Client) async throws -> Bool {
        let isNew = try await base.insert(client)
        return isNew || fault == .saysInserted
    }

    func find(_ id: ClientID) async throws -> Client? { try await base.find(id) }

    func list() async throws -> [Client] {
        let clients = try await base.list()
        return fault == .forgetsTheOrder ? clients.reversed() : clients
    }

    func scopes() async throws -> ScopeSet { try await base.scopes() }

    func replace(_ client: Client) async throws -> Bool {
        switch fault {
        case .replacesWhatChanged:
            let known = try await base.find(client.id)
            return try await base.replace(client.with(revision: known?.revision ?? 0))
        case .replacesWhatIsGone:
            if try await base.find(client.id) == nil { return try await base.insert(client) }
        case .losesMetadata:
            var bare = client
            bare.metadata = ClientMetadata()
            return try await base.replace(bare)
        default: break
        }
        return try await base.replace(client)
    }

    func remove(_ id: ClientID) async throws -> Bool {
        guard fault == .removesWithoutItsRecords else { return try await base.remove(id) }
        return try await base.find(id) != nil
    }
}

enum ConsentFault: CaseIterable, Sendable {
    case replaces, withdrawsWithoutRevoking, listsOfEverybody

    var law: ConsentStoreLaw {
        switch self {
        case .replaces: .addsUp
        case .withdrawsWithoutRevoking: .withdrawalForgetsAndRevokes
        case .listsOfEverybody: .listsOnePersonsClients
        }
    }
}

struct BrokenConsents: ConsentStore {
    let base: any ConsentStore
    let fault: ConsentFault

    func find(user: UserID, client: ClientID) async throws -> ScopeSet {
        try await base.find(user: user, client: client)
    }

    func list(of user: UserID) async throws -> [Consent] {
        let list = try await base.list(of: user)
        return fault == .listsOfEverybody ? try await list + base.list(of: UserID(rawValue: "u_9")) : list
    }

    func remember(_ scopes: ScopeSet, user: UserID, client: ClientID, at now: Timestamp) async throws {
        if fault == .replaces { try await base.withdraw(user: user, client: client, at: now) }
        try await base.remember(scopes, user: user, client: client, at: now)
    }

    func withdraw(user: UserID, client: ClientID, at now: Timestamp) async throws {
        if fault != .withdrawsWithoutRevoking { try await base.withdraw(user: user, client: client, at: now) }
    }
}

enum KeyFault: CaseIterable, Sendable {
    case rotatesFromWhatever, beginsForEverybody, dropsTooSoon, addsAnyway, promotesBesideAnother, keepsWhatIsRevoked
    case forgetsToFill, forgetsToRetire, wantsANewcomer

    var law: SigningKeyStoreLaw {
        switch self {
        case .rotatesFromWhatever: .rotatesOnceUnderContention
        case .wantsANewcomer: .rotatesWithoutANewcomer
        case .beginsForEverybody: .beginsOnceUnderContention
        case .dropsTooSoon: .dropsOnlyWhatRetiredLongAgo
        case .addsAnyway: .addsOnceUnderContention
        case .promotesBesideAnother: .promotesWhereNobodySigns
        case .keepsWhatIsRevoked: .revokesAtOnce
        case .forgetsToFill: .revokingFillsTheFreePlace
        case .forgetsToRetire: .retiresAnAlgorithm
        }
    }
}

struct BrokenKeys: SigningKeyStore {
    let base: any SigningKeyStore
    let fault: KeyFault

    func list() async throws -> [SigningKeyRecord] { try await base.list() }

    func begin(with keys: [SigningKeyRecord]) async throws -> Bool {
        let isFirst = try await base.begin(with: keys)
        return isFirst || fault == .beginsForEverybody
    }

    func rotate(
        from current: SigningKeyRecord, adding newcomer: SigningKeyRecord?, at now: Timestamp
    ) async throws -> Bool {
        if fault == .wantsANewcomer, newcomer == nil { return false }
        guard fault == .rotatesFromWhatever else {
            return try await base.rotate(from: current, adding: newcomer, at: now)
        }
        let present = try await base.list().first { $0.state == .current } ?? current
        return try await base.rotate(from: present, adding: newcomer, at: now)
    }

    func add(next key: SigningKeyRecord) async throws -> Bool {
        if fault == .addsAnyway { try await base.place(key, at: key.changedAt) }
        let isAdded = try await base.add(next: key)
        return isAdded || fault == .addsAnyway
    }

    func promote(_ next: KeyID, at now: Timestamp) async throws -> Bool {
        if fault == .promotesBesideAnother, var key = try await base.list().first(where: { $0.id == next }) {
            key.state = .current
            _ = try await base.revoke(key, adding: nil, at: now)
            try await base.place(key, at: now)
            return true
        }
        return try await base.promote(next, at: now)
    }

    func place(_ key: SigningKeyRecord, at now: Timestamp) async throws { try await base.place(key, at: now) }

    func revoke(_ key: SigningKeyRecord, adding newcomer: SigningKeyRecord?, at now: Timestamp) async throws -> Bool {
        guard fault != .keepsWhatIsRevoked else { return try await base.list().contains { $0.id == key.id } }
        return try await base.revoke(key, adding: fault == .forgetsToFill ? nil : newcomer, at: now)
    }

    func retire(algorithm: String, at now: Timestamp) async throws -> Bool {
        guard fault != .forgetsToRetire else { return true }
        return try await base.retire(algorithm: algorithm, at: now)
    }

    func drop(retiringSince moment: Timestamp) async throws -> Int {
        try await base.drop(retiringSince: fault == .dropsTooSoon ? moment + .seconds(1) : moment)
    }
}

struct BrokenVersions: VersionStore {
    func current() async throws -> Int64 { 1 }
}
