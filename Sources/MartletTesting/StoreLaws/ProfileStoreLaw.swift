import OAuthTypes
public import Stores
import Testing

/// What every `ProfileStore` obeys.
public enum ProfileStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, unknownIsNil, aNewProfileReplacesTheWhole, aChangeShowsInTheAccount
    case aClosedAccountKeepsItsOwn, oneOfManyWins
    case eachSourceHasItsSay, theLaterWordReplaces, aTellingChangesTheProfile, aChangeOfWhatHasChangedIsRefused
    case aTellingNeedsAnAccount

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.profiles
        let (zoe, other) = (UserID(rawValue: "u_7Zk2"), UserID(rawValue: "u_9"))
        let full = ProfileDetails.withEveryFieldSet()
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        #expect(try await storage.users.insert(.withNothingOptional()))
        switch self {
        case .everyFieldComesBack:
            #expect(try await store.replace(full, at: .noon))
            #expect(try await store.find(zoe) == full)
        case .unknownIsNil:
            #expect(try await store.replace(full, at: .noon))
            #expect(try await store.find(other) == nil)
            #expect(try await !store.replace(.withEveryFieldSet(user: "u_none"), at: .noon))
            #expect(try await store.find(UserID(rawValue: "u_none")) == nil)
        case .aNewProfileReplacesTheWhole:
            let small = ProfileDetails(of: zoe, [.locale: "de"])
            let others = ProfileDetails(of: other, [.nickname: "Ada"])
            for details in [full, others, small] { #expect(try await store.replace(details, at: .noon)) }
            #expect(try await store.find(zoe) == small)
            #expect(try await store.find(other) == others)
        case .aChangeShowsInTheAccount:
            let before = try await storage.users.find(other)
            #expect(try await store.replace(full, at: .noon + .seconds(99)))
            #expect(try await storage.users.find(zoe)?.updatedAt == .noon + .seconds(99))
            #expect(try await storage.users.find(other) == before)
        case .aClosedAccountKeepsItsOwn:
            #expect(try await store.replace(full, at: .noon))
            #expect(try await storage.users.disable(zoe, at: .noon))
            let closed = try await storage.users.find(zoe)
            #expect(try await !store.replace(ProfileDetails(of: zoe, [.locale: "de"]), at: .noon + .seconds(9)))
            #expect(try await store.find(zoe) == full)
            #expect(try await storage.users.find(zoe) == closed)
        case .oneOfManyWins:
            let number = Counter()
            let outcomes = try await concurrently(16) {
                let text = "\(number.next())"
                return try await store.replace(
                    ProfileDetails(of: zoe, [.givenName: text, .familyName: text]), at: .noon)
            }
            #expect(outcomes.allSatisfy { $0 })
            let left = try await store.find(zoe)
            #expect(left?[.givenName] != nil && left?[.givenName] == left?[.familyName])
        case .eachSourceHasItsSay, .theLaterWordReplaces, .aTellingChangesTheProfile,
            .aChangeOfWhatHasChangedIsRefused, .aTellingNeedsAnAccount:
            try await checkTellings(storage)
        }
    }

    private func checkTellings(_ storage: Storage) async throws {
        let store = storage.profiles
        let zoe = UserID(rawValue: "u_7Zk2")
        var all: [ProfileMember: String] = [:]
        for member in ProfileMember.all { all[member] = "é & = % 燕\n" + member.rawValue }
        let (login, person) = (
            ProfileTelling(of: zoe, by: "login", all, at: .noon),
            ProfileTelling(of: zoe, by: ProfileTelling.person, [.name: ""], at: .noon + .seconds(1))
        )
        switch self {
        case .eachSourceHasItsSay:
            for telling in [login, person] { #expect(try await store.tell(telling, changing: nil)) }
            #expect(try await store.tellings(of: zoe) == [person, login])
            #expect(try await store.tellings(of: UserID(rawValue: "u_9")) == [])
        case .theLaterWordReplaces:
            let later = ProfileTelling(of: zoe, by: "login", [.detail(.locale): "de"], at: .noon + .seconds(9))
            for telling in [login, person, later] { #expect(try await store.tell(telling, changing: nil)) }
            #expect(try await store.tellings(of: zoe) == [person, later])
        case .aTellingChangesTheProfile:
            let user = try #require(try await storage.users.find(zoe))
            let details = ProfileDetails.withEveryFieldSet()
            let telling = ProfileTelling(of: zoe, by: "login", all, at: user.updatedAt + .seconds(5))
            let change = ProfileChange(name: "Zoë 2", details: details, since: user.updatedAt)
            #expect(try await store.tell(telling, changing: change))
            #expect(try await store.find(zoe) == details)
            let changed = try #require(try await storage.users.find(zoe))
            #expect(changed.name == "Zoë 2" && changed.updatedAt == telling.toldAt)
            // What changes nothing shows nowhere.
            #expect(try await store.tell(person, changing: nil))
            #expect(try await storage.users.find(zoe) == changed)
        case .aChangeOfWhatHasChangedIsRefused:
            let user = try #require(try await storage.users.find(zoe))
            let change = ProfileChange(
                name: "late", details: ProfileDetails(of: zoe, [.locale: "de"]), since: user.updatedAt)
            let telling = ProfileTelling(of: zoe, by: "login", all, at: user.updatedAt + .seconds(9))
            let full = ProfileDetails.withEveryFieldSet()
            #expect(try await store.replace(full, at: user.updatedAt + .seconds(1)))
            let between = try await storage.users.find(zoe)
            #expect(try await !store.tell(telling, changing: change))
            #expect(try await store.find(zoe) == full)
            #expect(try await store.tellings(of: zoe) == [])
            #expect(try await storage.users.find(zoe) == between)
            let fresh = ProfileChange(
                name: "in time", details: change.details, since: user.updatedAt + .seconds(1))
            #expect(try await store.tell(telling, changing: fresh))
            #expect(try await store.find(zoe) == change.details)
        case .aTellingNeedsAnAccount:
            let none = UserID(rawValue: "u_none")
            #expect(try await !store.tell(ProfileTelling(of: none, by: "login", all, at: .noon), changing: nil))
            #expect(try await store.tellings(of: none) == [])
            #expect(try await store.tell(login, changing: nil))
            #expect(try await storage.persons.erase(zoe, recording: .numbered(1)))
            #expect(try await store.tellings(of: zoe) == [])
        case .everyFieldComesBack, .unknownIsNil, .aNewProfileReplacesTheWhole, .aChangeShowsInTheAccount,
            .aClosedAccountKeepsItsOwn, .oneOfManyWins:
            Issue.record("that is checked elsewhere")
        }
    }
}
