import OAuthTypes
public import Stores
import Testing

/// What every `InteractionStore` obeys.
public enum InteractionStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, absentFieldsStayAbsent, unknownIsNil, aTakenDigestIsRefused, expiredIsGone
    case choiceIsNoted, finishedTakesNoChoice, finishesOnceUnderContention, sweepSparesTheLiving

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let open = Interaction.withEveryFieldSet(session: nil, finishedAt: nil)
        let store = storage.interactions
        let sid = SessionID(rawValue: "sid-2")
        switch self {
        case .everyFieldComesBack:
            let interaction = Interaction.withEveryFieldSet()
            try await store.insert(interaction)
            #expect(try await store.find(interaction.digest, at: .noon) == interaction)
        case .absentFieldsStayAbsent:
            try await store.insert(open)
            #expect(try await store.find(open.digest, at: .noon) == open)
        case .unknownIsNil:
            try await store.insert(open)
            #expect(try await store.find(.numbered(1), at: .noon) == nil)
            #expect(try await !store.choose(sid, for: .numbered(1), at: .noon))
            #expect(try await !store.finish(.numbered(1), at: .noon))
            #expect(try await store.find(open.digest, at: .noon) == open)
        case .aTakenDigestIsRefused:
            try await store.insert(open)
            await #expect(throws: (any Error).self) { try await store.insert(.withEveryFieldSet(client: "other")) }
            #expect(try await store.find(open.digest, at: .noon) == open)
        case .expiredIsGone:
            let last = open.expiresAt - .microseconds(1)
            try await store.insert(open)
            #expect(try await store.find(open.digest, at: open.expiresAt) == nil)
            #expect(try await !store.choose(sid, for: open.digest, at: open.expiresAt))
            #expect(try await !store.finish(open.digest, at: open.expiresAt))
            #expect(try await store.find(open.digest, at: last) == open)
            #expect(try await store.choose(sid, for: open.digest, at: last))
            #expect(try await store.finish(open.digest, at: last))
        case .choiceIsNoted:
            let other = Interaction.withEveryFieldSet(digest: .numbered(1), session: nil, finishedAt: nil)
            var expected = open
            try await store.insert(open)
            try await store.insert(other)
            for sid in [sid, SessionID(rawValue: "sid-3")] {
                #expect(try await store.choose(sid, for: open.digest, at: .noon))
                expected.sessionID = sid
                #expect(try await store.find(open.digest, at: .noon) == expected)
            }
            #expect(try await store.find(other.digest, at: .noon) == other)
        case .finishedTakesNoChoice:
            var expected = open
            expected.finishedAt = .noon + .seconds(3)
            try await store.insert(open)
            #expect(try await store.finish(open.digest, at: .noon + .seconds(3)))
            #expect(try await !store.choose(sid, for: open.digest, at: .noon + .seconds(4)))
            #expect(try await store.find(open.digest, at: .noon + .seconds(4)) == expected)
        case .finishesOnceUnderContention:
            try await store.insert(open)
            let outcomes = try await concurrently(32) { try await store.finish(open.digest, at: .noon) }
            #expect(outcomes.count { $0 } == 1)
        case .sweepSparesTheLiving:
            try await store.insert(open)
            try await store.insert(.withEveryFieldSet(digest: .numbered(1)))
            #expect(try await store.sweep(expiredBy: open.expiresAt - .microseconds(1), limit: 9) == 0)
            #expect(try await store.find(open.digest, at: .noon) == open)
            #expect(try await store.sweep(expiredBy: open.expiresAt, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: open.expiresAt, limit: 1) == 1)
            #expect(try await store.sweep(expiredBy: open.expiresAt, limit: 9) == 1)
            #expect(try await store.find(open.digest, at: .noon) == nil)
        }
    }
}
