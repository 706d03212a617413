import OAuthTypes
public import Stores
import Testing

/// What every `FirstFactorStore` obeys.
public enum FirstFactorStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, aLaterOneReplacesIt, expiredIsGone, isTakenOnceUnderContention
    case aNewPasswordEndsIt, closingTheAccountEndsIt, sweepSparesTheLiving

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.secondFactors.firstFactors
        let factor = FirstFactor.withEveryFieldSet()
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        #expect(try await storage.users.insert(.withNothingOptional()))
        switch self {
        case .everyFieldComesBack:
            try await store.note(factor)
            #expect(try await store.find(factor.place, at: .noon) == factor)
            #expect(try await store.find(.numbered(1), at: .noon) == nil)
            #expect(try await !store.take(.numbered(1), provenAt: .noon, at: .noon))
        case .aLaterOneReplacesIt:
            let second = FirstFactor(
                place: factor.place, browser: .numbered(9), userID: UserID(rawValue: "u_9"),
                methods: [], provenAt: .noon + .seconds(1), expiresAt: .noon + .seconds(601))
            try await store.note(factor)
            try await store.note(second)
            #expect(try await store.find(factor.place, at: .noon) == second)
            // Whoever proved the first one takes nothing.
            #expect(try await !store.take(factor.place, provenAt: factor.provenAt, at: .noon))
            #expect(try await store.take(factor.place, provenAt: second.provenAt, at: .noon))
        case .expiredIsGone:
            try await store.note(factor)
            #expect(try await store.find(factor.place, at: factor.expiresAt) == nil)
            #expect(try await !store.take(factor.place, provenAt: .noon, at: factor.expiresAt))
            let last = factor.expiresAt - .microseconds(1)
            #expect(try await store.find(factor.place, at: last) == factor)
            #expect(try await store.take(factor.place, provenAt: .noon, at: last))
        case .isTakenOnceUnderContention:
            try await store.note(factor)
            let outcomes = try await concurrently(32) {
                try await store.take(factor.place, provenAt: .noon, at: .noon)
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.find(factor.place, at: .noon) == nil)
        case .aNewPasswordEndsIt:
            try await store.note(factor)
            let moment = Timestamp.noon + .seconds(5)
            #expect(try await storage.users.setPassword("hash", of: factor.userID, at: moment))
            #expect(try await store.find(factor.place, at: moment) == nil)
            #expect(try await !store.take(factor.place, provenAt: .noon, at: moment))
            try await store.note(.withEveryFieldSet(provenAt: moment - .microseconds(1)))
            #expect(try await store.find(factor.place, at: moment) == nil)
            try await store.note(.withEveryFieldSet(provenAt: moment))
            #expect(try await store.find(factor.place, at: moment) != nil)
        case .closingTheAccountEndsIt:
            try await store.note(factor)
            try await store.note(.withEveryFieldSet(place: .numbered(2), user: "u_9"))
            #expect(try await storage.users.disable(factor.userID, at: .noon))
            try await store.note(.withEveryFieldSet(place: .numbered(3), provenAt: .noon + .seconds(1)))
            #expect(try await store.find(factor.place, at: .noon) == nil)
            #expect(try await store.find(.numbered(3), at: .noon) == nil)
            #expect(try await store.find(.numbered(2), at: .noon) != nil)
        case .sweepSparesTheLiving:
            for number in 0..<5 {
                try await store.note(
                    .withEveryFieldSet(place: .numbered(number), provenAt: .noon + .seconds(number)))
            }
            let third = FirstFactor.withEveryFieldSet(provenAt: .noon + .seconds(2)).expiresAt
            #expect(try await store.sweep(expiredBy: third, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: third, limit: 2) == 2)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 1)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 0)
            #expect(try await store.find(.numbered(3), at: .noon) != nil)
            #expect(try await store.find(.numbered(0), at: .noon) == nil)
        }
    }
}
