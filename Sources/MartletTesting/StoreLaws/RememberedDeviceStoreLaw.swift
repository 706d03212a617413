import OAuthTypes
public import Stores
import Testing

/// What every `RememberedDeviceStore` obeys.
public enum RememberedDeviceStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, aTakenDigestIsRefused, expiredIsGone, aNewPasswordEndsThem, closingTheAccountEndsThem
    case listsTheLivingOfOnePerson, isForgottenByItsOwnerOnly, sweepSparesTheLiving

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.secondFactors.devices
        let device = RememberedDevice.withEveryFieldSet()
        let user = device.userID
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        #expect(try await storage.users.insert(.withNothingOptional()))
        switch self {
        case .everyFieldComesBack:
            try await store.remember(device)
            #expect(try await store.find(device.digest, at: .noon) == device)
            #expect(try await store.find(.numbered(1), at: .noon) == nil)
        case .aTakenDigestIsRefused:
            try await store.remember(device)
            await #expect(throws: (any Error).self) { try await store.remember(.withEveryFieldSet(user: "u_9")) }
            #expect(try await store.find(device.digest, at: .noon) == device)
        case .expiredIsGone:
            try await store.remember(device)
            #expect(try await store.find(device.digest, at: device.expiresAt - .microseconds(1)) == device)
            #expect(try await store.find(device.digest, at: device.expiresAt) == nil)
            #expect(try await store.list(of: user, at: device.expiresAt).isEmpty)
        case .aNewPasswordEndsThem:
            try await store.remember(device)
            let moment = Timestamp.noon + .seconds(5)
            #expect(try await storage.users.setPassword("hash", of: user, at: moment))
            #expect(try await store.find(device.digest, at: moment) == nil)
            // One that was being remembered meanwhile does not outlive it.
            try await store.remember(.withEveryFieldSet(digest: .numbered(2), createdAt: moment - .microseconds(1)))
            try await store.remember(.withEveryFieldSet(digest: .numbered(3), createdAt: moment))
            #expect(try await store.find(.numbered(2), at: moment) == nil)
            #expect(try await store.list(of: user, at: moment).map(\.digest) == [.numbered(3)])
        case .closingTheAccountEndsThem:
            try await store.remember(device)
            try await store.remember(.withEveryFieldSet(digest: .numbered(2), user: "u_9"))
            #expect(try await storage.users.disable(user, at: .noon))
            try await store.remember(.withEveryFieldSet(digest: .numbered(3), createdAt: .noon + .seconds(1)))
            #expect(try await store.find(device.digest, at: .noon) == nil)
            #expect(try await store.find(.numbered(3), at: .noon) == nil)
            #expect(try await store.list(of: user, at: .noon).isEmpty)
            #expect(try await store.find(.numbered(2), at: .noon) != nil)
        case .listsTheLivingOfOnePerson:
            for (number, second) in [(1, 5), (2, 9), (3, 5)] {
                try await store.remember(
                    .withEveryFieldSet(digest: .numbered(number), createdAt: .noon + .seconds(second)))
            }
            try await store.remember(.withEveryFieldSet(digest: .numbered(4), user: "u_9"))
            let digests = try await store.list(of: user, at: .noon).map(\.digest)
            #expect(digests == [.numbered(2), .numbered(1), .numbered(3)])
        case .isForgottenByItsOwnerOnly:
            try await store.remember(device)
            try await store.remember(.withEveryFieldSet(digest: .numbered(2)))
            try await store.remember(.withEveryFieldSet(digest: .numbered(4), user: "u_9"))
            #expect(try await !store.forget(device.digest, of: UserID(rawValue: "u_9")))
            #expect(try await store.find(device.digest, at: .noon) == device)
            #expect(try await store.forget(device.digest, of: user))
            #expect(try await !store.forget(device.digest, of: user))
            #expect(try await store.find(device.digest, at: .noon) == nil)
            try await store.forgetAll(of: user)
            #expect(try await store.list(of: user, at: .noon).isEmpty)
            #expect(try await store.find(.numbered(4), at: .noon) != nil)
        case .sweepSparesTheLiving:
            for number in 0..<5 {
                try await store.remember(
                    .withEveryFieldSet(digest: .numbered(number), createdAt: .noon + .seconds(number)))
            }
            let third = RememberedDevice.withEveryFieldSet(createdAt: .noon + .seconds(2)).expiresAt
            #expect(try await store.sweep(expiredBy: third, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: third, limit: 2) == 2)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 1)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 0)
            #expect(try await store.list(of: user, at: .noon).count == 2)
        }
    }
}
