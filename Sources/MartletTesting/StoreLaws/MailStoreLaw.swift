import OAuthTypes
public import Stores
import Testing

/// What every `MailStore` obeys.
public enum MailStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, aTakenIdentifierIsRefused, onlyWhatIsDueIsClaimed, theLongestDueIsFirst
    case isLeasedOnceUnderContention, aLeaseThatEndedIsTakenOver, whatWasSentIsGone, aFailureWaitsForItsTurn
    case whatWasGivenUpIsLeftAlone, retryingTakesTheLease, listsInOrder, countsBothKinds, sweepSparesTheLiving
    case knowsWhetherAnyIsDue

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.mails
        let mail = MailOrder.withEveryFieldSet()
        let end = Timestamp.noon + .seconds(60)
        @Sendable func claim(_ now: Timestamp = .noon, _ limit: Int = 9) async throws -> [MailOrder] {
            try await store.claim(at: now, until: now + .seconds(60), limit: limit)
        }
        switch self {
        case .everyFieldComesBack:
            try await store.order(mail)
            try await store.order(.waiting("b"))
            #expect(try await store.list(after: nil, limit: 9) == [mail, .waiting("b")])
        case .aTakenIdentifierIsRefused:
            try await store.order(.waiting("a"))
            await #expect(throws: (any Error).self) { try await store.order(.waiting("a", dueAt: end)) }
            #expect(try await store.list(after: nil, limit: 9) == [.waiting("a")])
        case .onlyWhatIsDueIsClaimed:
            try await store.order(.waiting("a", dueAt: end))
            #expect(try await claim(end - .microseconds(1)) == [])
            var leased = MailOrder.waiting("a", dueAt: end + .seconds(60))
            leased.attempts = 1
            #expect(try await claim(end) == [leased])
            #expect(try await store.list(after: nil, limit: 9) == [leased])
        case .theLongestDueIsFirst:
            try await store.order(.waiting("a", dueAt: .noon))
            try await store.order(.waiting("b", dueAt: .noon - .seconds(1)))
            #expect(try await claim(.noon, 0) == [])
            #expect(try await claim(.noon, 1).map(\.id.rawValue) == ["b"])
            #expect(try await claim(.noon, 9).map(\.id.rawValue) == ["a"])
        case .isLeasedOnceUnderContention:
            for number in 0..<4 { try await store.order(.waiting("m\(number)")) }
            let claims = try await concurrently(16) { try await claim(.noon, 1) }
            #expect(claims.joined().map(\.id.rawValue).sorted() == ["m0", "m1", "m2", "m3"])
        case .aLeaseThatEndedIsTakenOver:
            try await store.order(.waiting("a"))
            #expect(try await claim().map(\.attempts) == [1])
            #expect(try await claim(end - .microseconds(1)) == [])
            #expect(try await claim(end).map(\.attempts) == [2])
            // Whoever was too slow changes nothing any more.
            let id = MailID(rawValue: "a")
            #expect(try await !store.sent(id, attempt: 1))
            #expect(try await !store.failed(id, attempt: 1, because: "late", next: .noon))
            #expect(try await !store.giveUp(id, attempt: 1, because: "late", at: end))
            #expect(try await store.sent(id, attempt: 2))
        case .whatWasSentIsGone:
            try await store.order(.waiting("a"))
            try await store.order(.waiting("b"))
            _ = try await claim()
            #expect(try await store.sent(MailID(rawValue: "a"), attempt: 1))
            #expect(try await !store.sent(MailID(rawValue: "a"), attempt: 1))
            #expect(try await store.list(after: nil, limit: 9).map(\.id.rawValue) == ["b"])
        case .aFailureWaitsForItsTurn:
            try await store.order(.waiting("a"))
            _ = try await claim()
            let next = Timestamp.noon + .seconds(5)
            #expect(try await store.failed(MailID(rawValue: "a"), attempt: 1, because: "no answer", next: next))
            #expect(try await store.list(after: nil, limit: 9).first?.failure == "no answer")
            #expect(try await claim(next - .microseconds(1)) == [])
            #expect(try await claim(next).map(\.attempts) == [2])
        case .whatWasGivenUpIsLeftAlone:
            try await store.order(.waiting("a"))
            _ = try await claim()
            let id = MailID(rawValue: "a")
            #expect(try await store.giveUp(id, attempt: 1, because: "no such mailbox", at: .noon))
            #expect(try await claim(end + .seconds(3600)) == [])
            #expect(try await !store.sent(id, attempt: 1))
            let kept = try await store.list(after: nil, limit: 9).first
            #expect(kept?.gaveUpAt == .noon && kept?.failure == "no such mailbox")
        case .retryingTakesTheLease:
            try await store.order(.waiting("a"))
            _ = try await claim()
            let id = MailID(rawValue: "a")
            #expect(try await store.giveUp(id, attempt: 1, because: "no such mailbox", at: .noon))
            #expect(try await store.retry(id, at: .noon, sendBy: end))
            #expect(try await !store.retry(MailID(rawValue: "b"), at: .noon, sendBy: end))
            let again = try await claim()
            #expect(again.map(\.attempts) == [3])
            #expect(again.first?.sendBy == end && again.first?.gaveUpAt == nil)
            #expect(try await !store.sent(id, attempt: 1))
        case .listsInOrder:
            for id in ["c", "a", "b"] { try await store.order(.waiting(id)) }
            #expect(try await store.list(after: nil, limit: 2).map(\.id.rawValue) == ["a", "b"])
            #expect(try await store.list(after: MailID(rawValue: "b"), limit: 2).map(\.id.rawValue) == ["c"])
        case .knowsWhetherAnyIsDue:
            // One that was given up is never due.
            try await store.order(mail)
            #expect(try await !store.isDue(at: end))
            try await store.order(.waiting("a", dueAt: end))
            #expect(try await !store.isDue(at: end - .microseconds(1)))
            #expect(try await store.isDue(at: end))
            #expect(try await claim(end).count == 1)
            #expect(try await !store.isDue(at: end))
            #expect(try await store.isDue(at: end + .seconds(60)))
        case .countsBothKinds:
            #expect(try await store.figures() == OutboxFigures(waiting: 0, givenUp: 0))
            try await store.order(mail)
            for id in ["a", "b"] { try await store.order(.waiting(id)) }
            #expect(try await store.figures() == OutboxFigures(waiting: 2, givenUp: 1))
        case .sweepSparesTheLiving:
            for number in 0..<5 {
                try await store.order(.waiting("m\(number)", expiresAt: .noon + .seconds(number)))
            }
            let third = Timestamp.noon + .seconds(2)
            #expect(try await store.sweep(expiredBy: third, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: third, limit: 2) == 2)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 1)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 0)
            #expect(try await store.list(after: nil, limit: 9).map(\.id.rawValue) == ["m3", "m4"])
        }
    }
}
