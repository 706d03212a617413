import OAuthTypes
public import Stores
import Testing

/// What every `AuthorizationCodeStore` obeys.
public enum AuthorizationCodeStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, absentFieldsStayAbsent, unknownIsNil, grantComesWithIt, bothOrNeither
    case redeemsOnceUnderContention, replayNamesTheGrant, expiredIsGone, aRevokedGrantRedeemsNothing
    case anExpiredGrantRedeemsNothing, sweepSparesTheLiving

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let code = AuthorizationCode.withEveryFieldSet()
        let grant = Grant.living()
        let store = storage.codes
        let now = code.issuedAt
        switch self {
        case .everyFieldComesBack:
            try await store.issue(code, under: grant)
            #expect(try await store.find(code.digest, at: now) == IssuedCode(code: code, grant: grant))
            #expect(try await store.redeem(code.digest, at: now) == .fresh)
            #expect(try await store.find(code.digest, at: now) == IssuedCode(code: code, grant: grant))
        case .absentFieldsStayAbsent:
            let code = AuthorizationCode.withEveryFieldSet(nonce: nil, challenge: nil)
            try await store.issue(code, under: grant)
            #expect(try await store.find(code.digest, at: now) == IssuedCode(code: code, grant: grant))
            #expect(try await store.redeem(code.digest, at: now) == .fresh)
        case .unknownIsNil:
            try await store.issue(code, under: grant)
            #expect(try await store.find(.numbered(1), at: now) == nil)
            #expect(try await store.redeem(.numbered(1), at: now) == .unknown)
            #expect(try await store.redeem(code.digest, at: now) == .fresh)
        case .grantComesWithIt:
            try await store.issue(code, under: grant)
            #expect(try await storage.grants.find(grant.id, at: now) == grant)
        case .bothOrNeither:
            try await store.issue(code, under: grant)
            await #expect(throws: (any Error).self) { try await store.issue(code, under: .living(id: "g-2")) }
            #expect(try await storage.grants.find(GrantID(rawValue: "g-2"), at: now) == nil)
            await #expect(throws: (any Error).self) {
                try await store.issue(.withEveryFieldSet(digest: .numbered(1)), under: .living(client: "other"))
            }
            #expect(try await store.find(.numbered(1), at: now) == nil)
            #expect(try await storage.grants.find(grant.id, at: now) == grant)
            #expect(try await store.redeem(code.digest, at: now) == .fresh)
        case .redeemsOnceUnderContention:
            try await store.issue(code, under: grant)
            let outcomes = try await concurrently(32) { try await store.redeem(code.digest, at: now) }
            #expect(outcomes.count { $0 == .fresh } == 1)
            #expect(outcomes.count { $0 == .replayed(grant.id) } == 31)
        case .replayNamesTheGrant:
            try await store.issue(code, under: grant)
            try await store.issue(.withEveryFieldSet(digest: .numbered(1), grant: "g-2"), under: .living(id: "g-2"))
            #expect(try await store.redeem(code.digest, at: now) == .fresh)
            #expect(try await store.redeem(code.digest, at: now) == .replayed(grant.id))
            #expect(try await store.redeem(code.digest, at: code.expiresAt - .microseconds(1)) == .replayed(grant.id))
            #expect(try await store.redeem(code.digest, at: code.expiresAt) == .unknown)
        case .expiredIsGone:
            let last = code.expiresAt - .microseconds(1)
            try await store.issue(code, under: grant)
            #expect(try await store.find(code.digest, at: code.expiresAt) == nil)
            #expect(try await store.redeem(code.digest, at: code.expiresAt) == .unknown)
            #expect(try await store.find(code.digest, at: last)?.code == code)
            #expect(try await store.redeem(code.digest, at: last) == .fresh)
        case .aRevokedGrantRedeemsNothing:
            let other = AuthorizationCode.withEveryFieldSet(digest: .numbered(1), grant: "g-2")
            try await store.issue(code, under: grant)
            try await store.issue(other, under: .living(id: "g-2"))
            try await storage.grants.revoke(grant.id, at: now)
            #expect(try await store.find(code.digest, at: now)?.grant.revokedAt == now)
            #expect(try await store.redeem(code.digest, at: now) == .unknown)
            #expect(try await store.redeem(other.digest, at: now) == .fresh)
            try await storage.grants.revoke(other.grantID, at: now)
            #expect(try await store.redeem(other.digest, at: now) == .unknown)
        case .anExpiredGrantRedeemsNothing:
            // A code that would outlive its grant.
            let grant = Grant(
                id: grant.id, clientID: grant.clientID, userID: grant.userID, sessionID: grant.sessionID, scopes: [],
                authenticatedAt: .noon, methods: [.password], createdAt: .noon, expiresAt: .noon + .seconds(30),
                refresh: nil, revokedAt: nil
            )
            try await store.issue(code, under: grant)
            #expect(try await store.find(code.digest, at: grant.expiresAt) == nil)
            #expect(try await store.redeem(code.digest, at: grant.expiresAt) == .unknown)
            #expect(try await store.redeem(code.digest, at: grant.expiresAt - .microseconds(1)) == .fresh)
            #expect(try await store.redeem(code.digest, at: grant.expiresAt) == .unknown)
        case .sweepSparesTheLiving:
            try await store.issue(code, under: grant)
            try await store.issue(.withEveryFieldSet(digest: .numbered(1), grant: "g-2"), under: .living(id: "g-2"))
            #expect(try await store.sweep(expiredBy: code.expiresAt - .microseconds(1), limit: 9) == 0)
            #expect(try await store.find(code.digest, at: now) == IssuedCode(code: code, grant: grant))
            #expect(try await store.sweep(expiredBy: code.expiresAt, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: code.expiresAt, limit: 1) == 1)
            #expect(try await store.sweep(expiredBy: code.expiresAt, limit: 9) == 1)
            #expect(try await store.find(code.digest, at: now) == nil)
            #expect(try await storage.grants.find(grant.id, at: now) == grant)
        }
    }
}
