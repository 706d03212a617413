import OAuthTypes
public import Stores
import Testing

/// What every `AccountHoldStore` obeys.
public enum AccountHoldStoreLaw: String, CaseIterable, Sendable {
    case nothingIsNone, leavingEndsEverything, leavesOnceUnderContention, aFrozenOrDisabledAccountDoesNotLeave
    case theMailIsOrderedInTheSameStep, staysOnceUnderContention, listsWhoseTimeHasCome, onlyWhoseTimeHasComeIsErased
    case erasesOnceUnderContention, sweepSparesTheLiving

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.holds
        let user = UserID(rawValue: "u_7Zk2")
        let (moment, mail) = (Timestamp.noon + .seconds(1000), MailOrder.waiting("m"))
        let keep = Recourse.withEveryFieldSet(purpose: .keepAccount)
        @Sendable func leave(
            _ id: String = "u_7Zk2", at moment: Timestamp = .noon + .seconds(1000)
        ) async throws -> Bool {
            try await store.leave(
                UserID(rawValue: id), erasedAt: moment, at: .noon, recourse: nil, ordering: nil)
        }
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        switch self {
        case .nothingIsNone:
            #expect(try await store.find(user, at: .noon) == .none)
            #expect(try await !leave("u_unknown"))
            #expect(try await !store.stay(user))
            #expect(try await store.due(at: .noon + .seconds(9999), limit: 9) == [])
            #expect(try await leave())
            #expect(try await store.find(user, at: .noon) == AccountHolds(frozenUntil: nil, erasedAt: moment))
        case .leavingEndsEverything:
            try await storage.sessions.start(.withEveryFieldSet(), replacing: nil)
            try await storage.codes.issue(
                .withEveryFieldSet(grant: "g-1"), under: .living(id: "g-1", scopes: [.openid, .offlineAccess]))
            #expect(try await store.leave(user, erasedAt: moment, at: .noon, recourse: keep, ordering: mail))
            #expect(try await storage.sessions.find(Session.withEveryFieldSet().digest, at: .noon) == nil)
            #expect(try await storage.grants.find(GrantID(rawValue: "g-1"), at: .noon)?.revokedAt == .noon)
            #expect(try await storage.recourses.find(keep.id, at: .noon) == keep)
            #expect(try await storage.mails.list(after: nil, limit: 9) == [mail])
            #expect(try await storage.users.find(user) == .withEveryFieldSet(disabledAt: nil))
        case .leavesOnceUnderContention:
            let outcomes = try await concurrently(16) { try await leave() }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await !leave(at: moment + .seconds(9)))
            #expect(try await store.find(user, at: .noon).erasedAt == moment)
        case .aFrozenOrDisabledAccountDoesNotLeave:
            try await storage.freeze("u_7Zk2", until: .noon + .seconds(1))
            #expect(try await storage.users.insert(.withEveryFieldSet(id: "u_off", email: "off@example.org")))
            #expect(try await !leave())
            #expect(try await !leave("u_off"))
            #expect(try await store.due(at: moment, limit: 9) == [])
            #expect(
                try await store.leave(user, erasedAt: moment, at: .noon + .seconds(1), recourse: nil, ordering: nil))
        case .theMailIsOrderedInTheSameStep:
            try await storage.mails.order(mail)
            await #expect(throws: (any Error).self) {
                try await store.leave(user, erasedAt: moment, at: .noon, recourse: keep, ordering: mail)
            }
            #expect(try await store.find(user, at: .noon) == .none)
            #expect(try await storage.recourses.find(keep.id, at: .noon) == nil)
        case .staysOnceUnderContention:
            #expect(try await store.leave(user, erasedAt: moment, at: .noon, recourse: keep, ordering: mail))
            let outcomes = try await concurrently(16) { try await store.stay(user) }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.find(user, at: .noon) == .none)
            #expect(try await storage.recourses.find(keep.id, at: .noon) == nil)
            #expect(try await !store.erase(user, dueBy: moment, recording: .numbered(1)))
            #expect(try await storage.users.find(user) != nil)
            #expect(try await leave())
        case .listsWhoseTimeHasCome:
            for number in 1...3 {
                let id = "u_\(number)"
                #expect(try await storage.users.insert(.withNothingOptional(id: id, email: "\(number)@example.org")))
                #expect(try await leave(id, at: moment - .seconds(number)))
            }
            let due = try await store.due(at: moment - .seconds(2), limit: 9)
            #expect(due.map(\.rawValue) == ["u_3", "u_2"])
            #expect(try await store.due(at: moment, limit: 2).map(\.rawValue) == ["u_3", "u_2"])
        case .onlyWhoseTimeHasComeIsErased:
            #expect(try await !store.erase(user, dueBy: moment, recording: .numbered(2)))
            #expect(try await leave())
            #expect(try await !store.erase(user, dueBy: moment - .microseconds(1), recording: .numbered(3)))
            #expect(try await storage.users.find(user) != nil)
            #expect(try await store.erase(user, dueBy: moment, recording: .numbered(4)))
            #expect(try await storage.users.find(user) == nil)
            #expect(try await store.find(user, at: .noon) == .none)
        case .erasesOnceUnderContention:
            #expect(try await leave())
            let outcomes = try await concurrently(16) {
                try await store.erase(user, dueBy: moment, recording: .numbered(5))
            }
            #expect(outcomes.count { $0 } == 1)
        case .sweepSparesTheLiving:
            for number in 0..<5 {
                let id = "u_\(number)"
                #expect(try await storage.users.insert(.withNothingOptional(id: id, email: "\(number)@example.org")))
                try await storage.freeze(id, until: .noon + .seconds(number))
            }
            let third = Timestamp.noon + .seconds(2)
            #expect(try await store.sweep(expiredBy: third, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: third, limit: 2) == 2)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 1)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 0)
            #expect(try await store.find(UserID(rawValue: "u_3"), at: .noon).frozenUntil == .noon + .seconds(3))
        }
    }
}
