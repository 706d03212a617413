import OAuthTypes
public import Stores
import Testing

/// What every `ProfileStore` obeys.
public enum ProfileStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, unknownIsNil, aNewProfileReplacesTheWhole, aChangeShowsInTheAccount
    case aClosedAccountKeepsItsOwn, oneOfManyWins

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
        }
    }
}
