import OAuthTypes
public import Stores
import Testing

/// What every `UpstreamSessionStore` obeys.
public enum UpstreamSessionStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, absentFieldsStayAbsent, unknownIsNil, theLaterOneReplaces, endsWithItsSession
    case nothingOfItIsLeft, othersStay
    case isFoundByTheSubject, isFoundByTheSessionAtTheProvider, tokensAreReplacedOnce, sweepSparesTheLiving
    case goesOnForAsLongAsItsSession, isFoundByTheConnector

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.upstreamSessions
        let session = Session.withEveryFieldSet()
        let upstream = UpstreamSession.withEveryFieldSet()
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        if self != .nothingOfItIsLeft { try await storage.sessions.start(session, replacing: nil) }
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
        case .nothingOfItIsLeft:
            // Its tokens are worth something at the provider.
            for number in 0..<4 {
                try await storage.sessions.start(session, replacing: number == 3 ? session.digest : nil)
                try await store.note(upstream)
                switch number {
                case 0: _ = try await storage.sessions.end(session.digest, at: .noon)
                case 1: _ = try await storage.sessions.endAll(of: session.userID, except: nil, at: .noon)
                case 2: #expect(try await storage.users.setPassword("hash", of: session.userID, at: .noon))
                default:
                    try await storage.sessions.start(
                        .withEveryFieldSet(digest: .numbered(77), id: "another"), replacing: session.digest)
                }
                try await storage.sessions.start(
                    .withEveryFieldSet(digest: .numbered(78 + number)), replacing: nil)
                #expect(try await store.find(session.id, at: .noon) == nil, "way \(number)")
                _ = try await storage.sessions.end(.numbered(78 + number), at: .noon)
            }
        case .othersStay:
            let other = UpstreamSession.withEveryFieldSet(id: "another")
            try await storage.sessions.start(.withEveryFieldSet(digest: .numbered(77), id: "another"), replacing: nil)
            for upstream in [upstream, other] { try await store.note(upstream) }
            #expect(try await storage.sessions.end(session.digest, at: .noon) != nil)
            #expect(try await store.find(other.sessionID, at: .noon) == other)
            #expect(try await storage.sessions.endAll(of: session.userID, except: .numbered(77), at: .noon) == 0)
            #expect(try await store.find(other.sessionID, at: .noon) == other)
        case .goesOnForAsLongAsItsSession:
            try await store.note(upstream)
            let renewed = Session.withEveryFieldSet(digest: .numbered(203), authenticatedAt: .noon + .seconds(3600))
            #expect(try await storage.sessions.renew(renewed, from: session.digest, at: .noon))
            var prolonged = upstream
            prolonged.expiresAt = renewed.expiresAt
            #expect(try await store.find(session.id, at: .noon) == prolonged)
            // Whoever comes too late has renewed nothing.
            let late = Session.withEveryFieldSet(digest: .numbered(204), authenticatedAt: .noon + .seconds(7200))
            #expect(try await !storage.sessions.renew(late, from: session.digest, at: .noon))
            #expect(try await store.sweep(expiredBy: renewed.expiresAt - .microseconds(1), limit: 9) == 0)
            #expect(try await store.sweep(expiredBy: renewed.expiresAt, limit: 9) == 1)
        case .isFoundByTheSubject:
            try await store.note(upstream)
            #expect(try await store.list(upstream.connector, subject: upstream.subject, at: .noon) == [upstream])
            #expect(try await store.list(upstream.connector, subject: "E", at: .noon) == [])
            #expect(try await store.list(upstream.connector, subject: upstream.subject + " ", at: .noon) == [])
        case .isFoundByTheSessionAtTheProvider:
            try await store.note(upstream)
            #expect(try await store.list(upstream.connector, providerSession: "é sid 燕", at: .noon) == [upstream])
            #expect(try await store.list(upstream.connector, providerSession: "É SID 燕", at: .noon) == [])
        case .isFoundByTheConnector:
            try await store.note(upstream)
            #expect(try await store.list(upstream.connector, at: .noon) == [upstream])
            #expect(try await store.list(ConnectorID(rawValue: "h"), at: .noon) == [])
            #expect(try await store.list(upstream.connector, at: session.expiresAt) == [])
            #expect(try await storage.sessions.end(session.digest, at: .noon) != nil)
            #expect(try await store.list(upstream.connector, at: .noon) == [])
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
