import OAuthTypes
public import Stores
import Testing

/// What every `RecoveryCodeStore` obeys.
public enum RecoveryCodeStoreLaw: String, CaseIterable, Sendable {
    case isSpentOnceUnderContention, belongsToOnePerson, newOnesReplaceTheOld, aFrozenAccountKeepsThem

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.secondFactors.recoveryCodes
        let user = UserID(rawValue: "u_7Zk2")
        let other = UserID(rawValue: "u_9")
        try await store.replace([.numbered(1), .numbered(2), .numbered(3)], of: user)
        switch self {
        case .isSpentOnceUnderContention:
            let outcomes = try await concurrently(32) { try await store.spend(.numbered(2), of: user) }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.count(of: user) == 2)
            #expect(try await store.spend(.numbered(1), of: user))
        case .aFrozenAccountKeepsThem:
            let end = Timestamp.noon + .seconds(9)
            #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
            // Who freezes an account ends its codes.
            try await storage.freeze(user.rawValue, until: end)
            #expect(try await !store.replace([.numbered(7)], of: user, at: end - .microseconds(1)))
            #expect(try await store.count(of: user) == 0)
            #expect(try await store.replace([.numbered(7)], of: user, at: end))
            #expect(try await store.spend(.numbered(7), of: user))
            #expect(try await store.replace([.numbered(8)], of: other, at: .noon))
        case .belongsToOnePerson:
            try await store.replace([.numbered(3), .numbered(4)], of: other)
            #expect(try await !store.spend(.numbered(1), of: other))
            #expect(try await !store.spend(.numbered(4), of: user))
            #expect(try await store.spend(.numbered(3), of: other))
            #expect(try await store.count(of: user) == 3)
            #expect(try await store.count(of: other) == 1)
            #expect(try await store.count(of: UserID(rawValue: "u_none")) == 0)
        case .newOnesReplaceTheOld:
            try await store.replace([.numbered(3), .numbered(4)], of: user)
            #expect(try await store.count(of: user) == 2)
            #expect(try await !store.spend(.numbered(1), of: user))
            #expect(try await store.spend(.numbered(3), of: user))
            #expect(try await store.spend(.numbered(4), of: user))
            try await store.replace([], of: user)
            #expect(try await store.count(of: user) == 0)
        }
    }
}
