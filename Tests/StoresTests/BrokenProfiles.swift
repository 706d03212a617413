import MartletTesting
import OAuthTypes
import Stores

// A store of profiles with one fault each, and the law that must notice it.

enum ProfileFault: CaseIterable, Sendable {
    case losesTranslations, addsToTheOld, showsOthers, changesNoAccount, changesTheClosed, refusesSome

    var law: ProfileStoreLaw {
        switch self {
        case .losesTranslations: .everyFieldComesBack
        case .addsToTheOld: .aNewProfileReplacesTheWhole
        case .showsOthers: .unknownIsNil
        case .changesNoAccount: .aChangeShowsInTheAccount
        case .changesTheClosed: .aClosedAccountKeepsItsOwn
        case .refusesSome: .oneOfManyWins
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
}
