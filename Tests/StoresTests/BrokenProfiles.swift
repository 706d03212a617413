import MartletTesting
import OAuthTypes
import Stores

// A store of profiles with one fault each, and the law that must notice it.

enum ProfileFault: CaseIterable, Sendable {
    case losesTranslations, addsToTheOld, showsOthers, changesNoAccount, changesTheClosed, refusesSome
    case mixesSources, addsToTheWord, forgetsTheChange, changesWhatHasChanged, tellsOfNobody

    var law: ProfileStoreLaw {
        switch self {
        case .losesTranslations: .everyFieldComesBack
        case .addsToTheOld: .aNewProfileReplacesTheWhole
        case .showsOthers: .unknownIsNil
        case .changesNoAccount: .aChangeShowsInTheAccount
        case .changesTheClosed: .aClosedAccountKeepsItsOwn
        case .refusesSome: .oneOfManyWins
        case .mixesSources: .eachSourceHasItsSay
        case .addsToTheWord: .theLaterWordReplaces
        case .forgetsTheChange: .aTellingChangesTheProfile
        case .changesWhatHasChanged: .aChangeOfWhatHasChangedIsRefused
        case .tellsOfNobody: .aTellingNeedsAnAccount
        }
    }
}

struct BrokenProfiles: ProfileStore {
    let base: any ProfileStore
    let users: any UserStore
    let fault: ProfileFault

    func find(_ user: UserID) async throws -> ProfileDetails? {
        let found = try await base.find(user)
        if fault == .showsOthers, found == nil { return try await base.find(UserID(rawValue: "u_7Zk2")) }
        guard fault == .losesTranslations else { return found }
        return found.map { ProfileDetails(of: $0.userID, $0.values) }
    }

    func replace(_ details: ProfileDetails, at now: Timestamp) async throws -> Bool {
        if fault == .refusesSome, details[.givenName] == "3" { return false }
        var details = details
        if fault == .addsToTheOld, let old = try await base.find(details.userID) {
            details = ProfileDetails(of: details.userID, old.values.merging(details.values) { $1 })
        }
        let moment = fault == .changesNoAccount ? .noon : now
        let isKept = try await base.replace(details, at: moment)
        return isKept || fault == .changesTheClosed
    }

    func tellings(of user: UserID) async throws -> [ProfileTelling] {
        let all = try await base.tellings(of: user)
        return fault == .mixesSources ? all.map { $0.with($0.values, by: "login") } : all
    }

    func tell(_ telling: ProfileTelling, changing change: ProfileChange?) async throws -> Bool {
        switch fault {
        case .addsToTheWord:
            let old = try await base.tellings(of: telling.userID).first { $0.source == telling.source }
            let values = (old?.values ?? [:]).merging(telling.values) { $1 }
            return try await base.tell(telling.with(values, by: telling.source), changing: change)
        case .forgetsTheChange: return try await base.tell(telling, changing: nil)
        case .changesWhatHasChanged:
            guard let change, let now = try await users.find(telling.userID)?.updatedAt else {
                return try await base.tell(telling, changing: change)
            }
            return try await base.tell(
                telling, changing: ProfileChange(name: change.name, details: change.details, since: now))
        case .tellsOfNobody:
            let isKept = try await base.tell(telling, changing: change)
            return isKept || change == nil
        default: return try await base.tell(telling, changing: change)
        }
    }
}

extension ProfileTelling {
    fileprivate func with(_ values: [ProfileMember: String], by source: String) -> ProfileTelling {
        ProfileTelling(of: userID, by: source, values, at: toldAt)
    }
}
