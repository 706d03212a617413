import OAuthTypes
public import Stores
import Testing

/// What every `PendingIdentityStore` obeys.
public enum PendingIdentityStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, absentFieldsStayAbsent, unknownIsNil, expiredIsGone, isTakenOnceUnderContention
    case endsByTheSubject, endsByTheSessionAtTheProvider, sparesWhoCameLater, endsWithWhatTheAccountHasOpen
    case keepsTheFirstFactorAlive, itRestsWhileTheConnectorIsDisabled, sweepSparesTheLiving

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.pendingIdentities
        let identity = PendingIdentity.withEveryFieldSet()
        let bare = PendingIdentity.withNothingOptional()
        let (connector, user) = (identity.connector, UserID(rawValue: "u_7Zk2"))
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        for id in ["g", "h"] { #expect(try await storage.connectors.insert(.withNothingOptional(id: id))) }
        try await store.note(identity)
        switch self {
        case .everyFieldComesBack:
            #expect(try await store.find(identity.digest, at: .noon) == identity)
        case .absentFieldsStayAbsent:
            try await store.note(bare)
            #expect(try await store.find(bare.digest, at: .noon) == bare)
        case .unknownIsNil:
            #expect(try await store.find(.numbered(1), at: .noon) == nil)
            #expect(try await !store.take(.numbered(1), at: .noon))
        case .expiredIsGone:
            let last = identity.expiresAt - .microseconds(1)
            #expect(try await store.find(identity.digest, at: identity.expiresAt) == nil)
            #expect(try await !store.take(identity.digest, at: identity.expiresAt))
            #expect(try await store.find(identity.digest, at: last) == identity)
            #expect(try await store.take(identity.digest, at: last))
        case .isTakenOnceUnderContention:
            let outcomes = try await concurrently(16) { try await store.take(identity.digest, at: .noon) }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.find(identity.digest, at: .noon) == nil)
        case .endsByTheSubject:
            try await store.note(bare)
            func end(_ connector: ConnectorID, _ subject: String?) async throws -> Int {
                try await store.end(connector, subject: subject, providerSession: nil, since: .noon)
            }
            #expect(try await end(ConnectorID(rawValue: "h"), identity.subject) == 0)
            #expect(try await end(connector, identity.subject + " ") == 0)
            #expect(try await end(connector, nil) == 0)
            #expect(try await end(connector, identity.subject) == 1)
            #expect(try await store.find(identity.digest, at: .noon) == nil)
            #expect(try await store.find(bare.digest, at: .noon) == bare)
        case .endsByTheSessionAtTheProvider:
            try await store.note(bare)
            func end(_ session: String) async throws -> Int {
                try await store.end(connector, subject: nil, providerSession: session, since: .noon)
            }
            #expect(try await end("É SID 燕") == 0)
            #expect(try await end("é sid 燕") == 1)
            #expect(try await store.find(bare.digest, at: .noon) == bare)
        case .sparesWhoCameLater:
            let before = identity.createdAt - .microseconds(1)
            #expect(
                try await store.end(
                    connector, subject: identity.subject, providerSession: "é sid 燕", since: before) == 0)
            #expect(try await store.find(identity.digest, at: .noon) == identity)
            #expect(
                try await store.end(
                    connector, subject: identity.subject, providerSession: "é sid 燕", since: identity.createdAt) == 1)
        case .endsWithWhatTheAccountHasOpen:
            try await store.note(bare)
            #expect(try await storage.users.setPassword("hash", of: user, at: .noon))
            #expect(try await store.find(identity.digest, at: .noon) == nil)
            #expect(try await store.find(bare.digest, at: .noon) == bare)
        case .keepsTheFirstFactorAlive:
            let factors = storage.secondFactors.firstFactors
            let factor = FirstFactor.withEveryFieldSet(identity: identity.digest)
            try await factors.note(factor)
            #expect(try await factors.find(factor.place, at: .noon) == factor)
            #expect(try await store.take(identity.digest, at: .noon))
            #expect(try await factors.find(factor.place, at: .noon) == nil)
            #expect(try await !factors.take(factor.place, provenAt: factor.provenAt, at: .noon))
            try await store.note(identity)
            #expect(try await factors.take(factor.place, provenAt: factor.provenAt, at: .noon))
        case .itRestsWhileTheConnectorIsDisabled:
            let factors = storage.secondFactors.firstFactors
            let factor = FirstFactor.withEveryFieldSet(identity: identity.digest)
            try await factors.note(factor)
            func set(_ moment: Timestamp?) async throws {
                var other = Connector.withNothingOptional()
                other.disabledAt = moment
                #expect(try await storage.connectors.replace(other))
            }
            try await set(.noon)
            #expect(try await factors.find(factor.place, at: .noon) == nil)
            #expect(try await !factors.take(factor.place, provenAt: factor.provenAt, at: .noon))
            try await set(nil)
            #expect(try await factors.find(factor.place, at: .noon) == factor)
            #expect(try await factors.take(factor.place, provenAt: factor.provenAt, at: .noon))
        case .sweepSparesTheLiving:
            #expect(try await store.take(identity.digest, at: .noon))
            for number in 0..<5 {
                try await store.note(
                    .withNothingOptional(.numbered(900 + number), expiresAt: .noon + .seconds(number)))
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
