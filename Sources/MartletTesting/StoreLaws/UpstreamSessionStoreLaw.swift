import OAuthTypes
public import Stores
import Testing

/// What every `UpstreamSessionStore` obeys.
public enum UpstreamSessionStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, absentFieldsStayAbsent, unknownIsNil, theLaterOneReplaces, endsWithItsSession
    case isFoundByTheSubject, isFoundByTheSessionAtTheProvider, tokensAreReplacedOnce, sweepSparesTheLiving

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.upstreamSessions
        let session = Session.withEveryFieldSet()
        let upstream = UpstreamSession.withEveryFieldSet()
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        try await storage.sessions.start(session, replacing: nil)
        switch self {
        case .everyFieldComesBack:
            try await store.note(upstream)
            #expect(try await store.find(session.id, at: .noon) == upstream)
        case .absentFieldsStayAbsent:
            try await store.note(.withNothingOptional())
            #expect(try await store.find(session.id, at: .noon) == .withNothingOptional())
        case .unknownIsNil:
            try await store.note(upstream)
            #expect(try await store.find(SessionID(rawValue: "none"), at: .noon) == nil)
            #expect(try await store.list(ConnectorID(rawValue: "h"), subject: upstream.subject, at: .noon) == [])
            #expect(try await store.list(ConnectorID(rawValue: "h"), providerSession: "é sid 燕", at: .noon) == [])
        case .theLaterOneReplaces:
            try await store.note(upstream)
            try await store.note(.withNothingOptional())
            #expect(try await store.find(session.id, at: .noon) == .withNothingOptional())
            #expect(try await store.list(upstream.connector, subject: upstream.subject, at: .noon) == [])
        case .endsWithItsSession:
            try await store.note(upstream)
            #expect(try await store.find(session.id, at: session.expiresAt - .microseconds(1)) == upstream)
            #expect(try await store.find(session.id, at: session.expiresAt) == nil)
            #expect(try await store.list(upstream.connector, subject: upstream.subject, at: session.expiresAt) == [])
            #expect(
                try await store.list(upstream.connector, providerSession: "é sid 燕", at: session.expiresAt) == [])
            #expect(try await storage.sessions.end(session.digest, at: .noon) != nil)
            #expect(try await store.find(session.id, at: .noon) == nil)
        case .isFoundByTheSubject:
            try await store.note(upstream)
            #expect(try await store.list(upstream.connector, subject: upstream.subject, at: .noon) == [upstream])
            #expect(try await store.list(upstream.connector, subject: "E", at: .noon) == [])
            #expect(try await store.list(upstream.connector, subject: upstream.subject + " ", at: .noon) == [])
        case .isFoundByTheSessionAtTheProvider:
            try await store.note(upstream)
            #expect(try await store.list(upstream.connector, providerSession: "é sid 燕", at: .noon) == [upstream])
            #expect(try await store.list(upstream.connector, providerSession: "É SID 燕", at: .noon) == [])
        case .tokensAreReplacedOnce:
            try await store.note(upstream)
            let numbers = Counter()
            let outcomes = try await concurrently(8) {
                try await store.replaceTokens(of: session.id, [1, 0, 255], by: [UInt8(numbers.next())])
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.find(session.id, at: .noon)?.sealedTokens?.count == 1)
        case .sweepSparesTheLiving:
            for number in 0..<5 {
                let expiry = Timestamp.noon + .seconds(number)
                try await store.note(.withEveryFieldSet(id: "s\(number)", expiresAt: expiry))
            }
            let third = Timestamp.noon + .seconds(2)
            #expect(try await store.sweep(expiredBy: third, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: third, limit: 2) == 2)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 1)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 0)
            #expect(try await store.sweep(expiredBy: .noon + .seconds(9), limit: 9) == 2)
        }
    }
}
