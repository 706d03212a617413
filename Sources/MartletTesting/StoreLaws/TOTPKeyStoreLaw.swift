import OAuthTypes
public import Stores
import Testing

/// What every `TOTPKeyStore` obeys.
public enum TOTPKeyStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, unknownIsNil, aProposalReplacesAProposalOnly, onlyTheNewestProposalIsConfirmed
    case confirmsOnceUnderContention, aStepIsSpentOnceUnderContention, stepsOnlyGrow, aProposalSpendsNothing
    case removingTakesWhatHangsOnIt, aFrozenAccountConfirmsNone, aFrozenAccountKeepsItsKey

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.secondFactors.authenticators
        let user = UserID(rawValue: "u_7Zk2")
        let other = UserID(rawValue: "u_9")
        let confirmed = TOTPKey.withEveryFieldSet()
        switch self {
        case .everyFieldComesBack:
            #expect(try await store.propose(confirmed))
            #expect(try await store.propose(.proposed(user: "u_9")))
            #expect(try await store.find(user) == confirmed)
            #expect(try await store.find(other) == .proposed(user: "u_9"))
        case .unknownIsNil:
            #expect(try await store.propose(confirmed))
            #expect(try await store.find(other) == nil)
            #expect(try await !store.confirm(other, proposedAt: .noon, step: 1, at: .noon))
            #expect(try await !store.spend(step: 1, of: other))
            #expect(try await !store.remove(other))
            #expect(try await store.find(user) == confirmed)
        case .aProposalReplacesAProposalOnly:
            let second = TOTPKey.proposed(createdAt: .noon + .seconds(1))
            #expect(try await store.propose(.proposed()))
            #expect(try await store.propose(second))
            #expect(try await store.find(user) == second)
            #expect(try await store.confirm(user, proposedAt: second.createdAt, step: 7, at: .noon + .seconds(2)))
            #expect(try await !store.propose(.proposed(createdAt: .noon + .seconds(3))))
            #expect(try await store.find(user)?.confirmedAt == .noon + .seconds(2))
            #expect(try await store.find(user)?.createdAt == second.createdAt)
        case .onlyTheNewestProposalIsConfirmed:
            #expect(try await store.propose(.proposed()))
            #expect(try await store.propose(.proposed(createdAt: .noon + .seconds(1))))
            #expect(try await !store.confirm(user, proposedAt: .noon, step: 7, at: .noon + .seconds(2)))
            #expect(try await store.find(user)?.confirmedAt == nil)
            #expect(try await store.confirm(user, proposedAt: .noon + .seconds(1), step: 7, at: .noon + .seconds(2)))
        case .confirmsOnceUnderContention:
            #expect(try await store.propose(.proposed()))
            let outcomes = try await concurrently(32) {
                try await store.confirm(user, proposedAt: .noon, step: 7, at: .noon)
            }
            #expect(outcomes.count { $0 } == 1)
            // The code that proved it is spent.
            #expect(try await !store.spend(step: 7, of: user))
            #expect(try await store.spend(step: 8, of: user))
        case .aFrozenAccountKeepsItsKey:
            let end = Timestamp.noon + .seconds(9)
            #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
            try await storage.freeze(user.rawValue, until: end)
            for moment in [end, nil] {
                #expect(try await store.propose(confirmed))
                #expect(try await !store.remove(user, unlessFrozenAt: end - .microseconds(1)))
                #expect(try await store.find(user) == confirmed)
                #expect(try await store.remove(user, unlessFrozenAt: moment))
            }
        case .aFrozenAccountConfirmsNone:
            let end = Timestamp.noon + .seconds(9)
            #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
            try await storage.freeze(user.rawValue, until: end)
            #expect(try await store.propose(.proposed()))
            #expect(try await !store.confirm(user, proposedAt: .noon, step: 7, at: end - .microseconds(1)))
            #expect(try await store.find(user) == .proposed())
            #expect(try await store.confirm(user, proposedAt: .noon, step: 7, at: end))
        case .aStepIsSpentOnceUnderContention:
            #expect(try await store.propose(.withEveryFieldSet(lastStep: 6)))
            let outcomes = try await concurrently(32) { try await store.spend(step: 7, of: user) }
            #expect(outcomes.count { $0 } == 1)
        case .stepsOnlyGrow:
            #expect(try await store.propose(.withEveryFieldSet(lastStep: nil)))
            for (step, isFresh) in [(7, true), (7, false), (6, false), (9, true), (8, false), (10, true)] {
                #expect(try await store.spend(step: Int64(step), of: user) == isFresh, "\(step)")
            }
            #expect(try await store.find(user)?.lastStep == 10)
        case .aProposalSpendsNothing:
            #expect(try await store.propose(.proposed()))
            #expect(try await !store.spend(step: 7, of: user))
            #expect(try await store.confirm(user, proposedAt: .noon, step: 7, at: .noon))
            #expect(try await store.spend(step: 8, of: user))
        case .removingTakesWhatHangsOnIt:
            let (codes, devices) = (storage.secondFactors.recoveryCodes, storage.secondFactors.devices)
            #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
            #expect(try await storage.users.insert(.withNothingOptional()))
            for (number, id) in ["u_7Zk2", "u_9"].enumerated() {
                #expect(try await store.propose(.withEveryFieldSet(user: id)))
                try await codes.replace([.numbered(1), .numbered(2)], of: UserID(rawValue: id))
                try await devices.remember(.withEveryFieldSet(digest: .numbered(number), user: id))
            }
            #expect(try await store.remove(user))
            #expect(try await !store.remove(user))
            #expect(try await store.find(user) == nil)
            #expect(try await codes.count(of: user) == 0)
            #expect(try await devices.list(of: user, at: .noon).isEmpty)
            #expect(try await store.find(other) != nil)
            #expect(try await codes.count(of: other) == 2)
            #expect(try await devices.list(of: other, at: .noon).count == 1)
        }
    }
}
