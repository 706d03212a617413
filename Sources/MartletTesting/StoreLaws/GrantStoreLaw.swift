import OAuthTypes
public import Stores
import Testing

/// What every `GrantStore` obeys.
public enum GrantStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, absentFieldsStayAbsent, unknownIsNil, expiredIsGone
    case rotationSpendsTheToken, rotationChangesNoOther, rotatesOnceUnderContention, theFirstTokenRotates
    case aRetryWithinTheGraceKeepsTheSuccessor, aRetryAfterTheGraceIsReuse, anotherRequestWithinTheGraceIsReuse
    case twoBackIsReuse, fromTheFutureIsUnknown, withoutRefreshIsUnknown, idleExpiryEndsTheFamily
    case anotherClientSpendsNothing, theHolderIsTheLivingPersonOfALivingGrant
    case namesTheClientsOfEachSessionOnce, beginsWithoutACode, beginsNothingForWhoWasSignedOut
    case theEndOfTheGrantEndsTheFamily, aRevokedFamilyStaysRevoked, revokingAgainKeepsTheMoment, sweepSparesTheLiving
    case beginsNothingUnderAnEndedSession, noneIsBornBehindTheEndOfItsSession, knowsWhoseSessionNobodyUses
    case endsTheGrantsOfOneSession

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let grant = Grant.living(refresh: .first())
        let store = storage.grants
        let first = attempt(0, request: 1)
        func issue(_ grant: Grant) async throws {
            try await storage.codes.issue(.withEveryFieldSet(grant: grant.id.rawValue), under: grant)
        }
        switch self {
        case .everyFieldComesBack:
            let grant = Grant.withEveryFieldSet()
            try await issue(grant)
            #expect(try await store.find(grant.id, at: .noon) == grant)
            #expect(try await store.find(grant.id, at: .noon)?.scopes.description == grant.scopes.description)
        case .absentFieldsStayAbsent:
            let grant = Grant.living(scopes: [], refresh: nil)
            try await issue(grant)
            #expect(try await store.find(grant.id, at: .noon) == grant)
        case .unknownIsNil:
            try await issue(grant)
            let other = GrantID(rawValue: "other")
            #expect(try await store.find(other, at: .noon) == nil)
            #expect(try await store.rotate(attempt(0, request: 1, grant: "other")) == .unknown)
            try await store.revoke(other, at: .noon)
            #expect(try await store.find(grant.id, at: .noon) == grant)
        case .expiredIsGone:
            try await issue(grant)
            #expect(try await store.find(grant.id, at: grant.expiresAt - .microseconds(1)) == grant)
            #expect(try await store.find(grant.id, at: grant.expiresAt) == nil)
        case .namesTheClientsOfEachSessionOnce:
            let grants: [(id: String, client: String, session: String, user: String)] = [
                ("g1", "shop", "s1", "u_7Zk2"), ("g2", "shop", "s1", "u_7Zk2"), ("g3", "app", "s1", "u_7Zk2"),
                ("g4", "app", "s2", "u_7Zk2"), ("g5", "app", "s3", "u_9"), ("g6", "old", "s1", "u_7Zk2"),
            ]
            for (number, one) in grants.enumerated() {
                let grant = Grant.living(id: one.id, client: one.client, user: one.user, session: one.session)
                try await storage.codes.issue(
                    .withEveryFieldSet(digest: .numbered(number), grant: one.id, client: one.client), under: grant)
            }
            try await store.revoke(GrantID(rawValue: "g6"), at: .noon)
            let user = UserID(rawValue: "u_7Zk2")
            let pairs = try await store.clients(of: user, at: .noon).map {
                "\($0.sessionID.rawValue) \($0.clientID.rawValue)"
            }
            #expect(pairs == ["s1 app", "s1 shop", "s2 app"])
            #expect(try await store.clients(of: user, at: grant.expiresAt).isEmpty)
        case .beginsWithoutACode:
            let grant = Grant.withEveryFieldSet()
            var living = grant
            living.revokedAt = nil
            #expect(try await store.begin(living) == living)
            #expect(try await store.find(living.id, at: .noon) == living)
            await #expect(throws: StorageError.self) { try await store.begin(living) }
        case .beginsNothingForWhoWasSignedOut:
            let user = User.withEveryFieldSet(disabledAt: nil)
            let closed = User.withNothingOptional()
            for user in [user, closed] { #expect(try await storage.users.insert(user)) }
            #expect(try await storage.users.setPassword("$new", of: user.id, at: grant.authenticatedAt + .seconds(1)))
            #expect(try await storage.users.disable(closed.id, at: grant.authenticatedAt - .seconds(1)))
            for (id, owner) in [("g1", user), ("g2", closed)] {
                let late = Grant.living(id: id, user: owner.id.rawValue)
                #expect(try await store.begin(late) == nil)
                #expect(try await store.holder(of: late.id, at: .noon) == nil)
            }
            let stranger = Grant.living(id: "g3", user: "u_other")
            #expect(try await store.begin(stranger) == stranger)
        case .beginsNothingUnderAnEndedSession:
            #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
            let session = Session.withEveryFieldSet()
            try await storage.sessions.start(session, replacing: nil)
            let offline = Grant.living(id: "g2", scopes: [.openid, .offlineAccess])
            let other = Grant.living(id: "g3", session: "another")
            #expect(try await store.begin(grant) == grant)
            #expect(try await store.begin(other) == nil)
            #expect(try await storage.sessions.end(session.digest, at: .noon) == session)
            #expect(try await store.begin(offline) == nil)
            try await storage.codes.issue(
                .withEveryFieldSet(digest: .numbered(9), grant: "g4"), under: .living(id: "g4"))
            #expect(try await storage.codes.redeem(.numbered(9), at: .noon) == .unknown)
        case .noneIsBornBehindTheEndOfItsSession:
            try await checkBirths(in: storage)
        case .knowsWhoseSessionNobodyUses:
            try await checkUnused(in: storage)
        case .endsTheGrantsOfOneSession:
            let grants: [(id: String, user: String, session: String, scopes: ScopeSet, isRevoked: Bool)] = [
                ("g1", "u_7Zk2", "s1", [.openid], true), ("g2", "u_7Zk2", "s1", [.openid, .offlineAccess], false),
                ("g3", "u_7Zk2", "s2", [.openid], false), ("g4", "u_9", "s1", [.openid], false),
            ]
            for (number, one) in grants.enumerated() {
                try await storage.codes.issue(
                    .withEveryFieldSet(digest: .numbered(number), grant: one.id),
                    under: .living(id: one.id, user: one.user, session: one.session, scopes: one.scopes))
            }
            try await store.revokeAll(
                of: SessionID(rawValue: "s1"), of: UserID(rawValue: "u_7Zk2"), at: .noon + .seconds(3))
            for one in grants {
                let found = try await store.find(GrantID(rawValue: one.id), at: .noon)
                #expect(found?.revokedAt == (one.isRevoked ? .noon + .seconds(3) : nil), "\(one.id)")
            }
        case .rotationSpendsTheToken:
            var expected = Grant.living()
            try await issue(expected)
            expected.refresh = RefreshFamily(
                generation: 3, rotatedAt: first.now, request: .numbered(1),
                idleExpiresAt: first.now + first.idleLifetime
            )
            #expect(try await store.rotate(attempt(2, request: 1)) == .rotated(expected))
            #expect(try await store.find(expected.id, at: first.now) == expected)
        case .rotationChangesNoOther:
            let other = Grant.living(id: "other", refresh: .first())
            try await issue(grant)
            try await storage.codes.issue(.withEveryFieldSet(digest: .numbered(9), grant: "other"), under: other)
            _ = try await store.rotate(first)
            #expect(try await store.find(other.id, at: first.now) == other)
        case .rotatesOnceUnderContention:
            try await issue(grant)
            let number = Counter()
            let outcomes = try await concurrently(32) { try await store.rotate(attempt(0, request: number.next())) }
            #expect(outcomes.count { if case .rotated = $0 { true } else { false } } == 1)
            #expect(outcomes.count { $0 == .reused(grant.id) } == 31)
            #expect(try await store.find(grant.id, at: first.now)?.refresh?.generation == 1)
        case .theFirstTokenRotates:
            try await issue(grant)
            let outcome = try await store.rotate(first)
            guard case .rotated(let rotated) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(rotated.refresh?.generation == 1)
        case .aRetryWithinTheGraceKeepsTheSuccessor:
            try await issue(grant)
            _ = try await store.rotate(first)
            let rotated = try #require(try await store.find(grant.id, at: first.now))
            #expect(try await store.rotate(first) == .retried(rotated))
            let last = first.now + first.grace - .microseconds(1)
            #expect(try await store.rotate(attempt(0, request: 1, at: last)) == .retried(rotated))
            #expect(try await store.find(grant.id, at: first.now) == rotated)
        case .aRetryAfterTheGraceIsReuse:
            try await issue(grant)
            _ = try await store.rotate(first)
            #expect(try await store.rotate(attempt(0, request: 1, at: first.now + first.grace)) == .reused(grant.id))
        case .anotherRequestWithinTheGraceIsReuse:
            try await issue(grant)
            _ = try await store.rotate(first)
            #expect(try await store.rotate(attempt(0, request: 2)) == .reused(grant.id))
        case .anotherClientSpendsNothing:
            // The second differs from the owner in the case of a letter only.
            let strangers = try ["other", "SHOP 1~"].map { try #require(ClientID($0)) }
            try await issue(grant)
            for stranger in strangers {
                #expect(try await store.rotate(attempt(0, request: 1, client: stranger)) == .foreign)
            }
            #expect(try await store.find(grant.id, at: first.now) == grant)
            _ = try await store.rotate(first)
            let rotated = try await store.find(grant.id, at: first.now)
            for stranger in strangers {
                // Neither a retry nor a reuse, nor is anything said about the family.
                #expect(try await store.rotate(attempt(0, request: 1, client: stranger)) == .foreign)
                #expect(try await store.rotate(attempt(1, request: 1, client: stranger)) == .foreign)
            }
            #expect(try await store.find(grant.id, at: first.now) == rotated)
            guard case .rotated = try await store.rotate(attempt(1, request: 2)) else {
                Issue.record("the owner goes on")
                return
            }
            try await store.revoke(grant.id, at: first.now)
            #expect(try await store.rotate(attempt(2, request: 3, client: strangers[0])) == .foreign)
        case .theHolderIsTheLivingPersonOfALivingGrant:
            let user = User.withEveryFieldSet(disabledAt: nil)
            let other = User.withNothingOptional(id: "u_other")
            var shown = user
            shown.passwordHash = nil
            for user in [user, other] { _ = try await storage.users.insert(user) }
            try await storage.sessions.start(.withEveryFieldSet(), replacing: nil)
            try await storage.sessions.start(
                .withEveryFieldSet(digest: .numbered(8), user: other.id.rawValue), replacing: nil)
            try await issue(grant)
            try await storage.codes.issue(
                .withEveryFieldSet(digest: .numbered(9), grant: "g-other"),
                under: .living(id: "g-other", user: other.id.rawValue))
            let otherGrant = GrantID(rawValue: "g-other")
            #expect(try await store.holder(of: grant.id, at: .noon)?.claims == grant.claims)
            #expect(try await store.holder(of: grant.id, at: .noon)?.user == shown)
            #expect(try await store.holder(of: otherGrant, at: .noon)?.user == other)
            let details = ProfileDetails(of: user.id, [.nickname: "Ada", .country: "Österreich"])
            #expect(try await storage.profiles.replace(details, at: user.updatedAt))
            #expect(try await store.holder(of: grant.id, at: .noon, withDetails: true)?.details == details)
            #expect(try await store.holder(of: grant.id, at: .noon, withDetails: true)?.user == shown)
            #expect(try await store.holder(of: grant.id, at: .noon)?.details == nil)
            #expect(try await store.holder(of: otherGrant, at: .noon, withDetails: true)?.user == other)
            #expect(try await store.holder(of: otherGrant, at: .noon, withDetails: true)?.details == nil)
            #expect(try await store.holder(of: GrantID(rawValue: "none"), at: .noon) == nil)
            #expect(try await store.holder(of: grant.id, at: grant.expiresAt - .microseconds(1))?.user == shown)
            #expect(try await store.holder(of: grant.id, at: grant.expiresAt) == nil)
            try await store.revoke(grant.id, at: .noon)
            #expect(try await store.holder(of: grant.id, at: .noon) == nil)
            _ = try await storage.users.disable(other.id, at: .noon)
            #expect(try await store.holder(of: otherGrant, at: .noon) == nil)
            // The grant is not revoked: that the account is disabled counts by itself.
            let late = User.withEveryFieldSet(id: "u_late", email: "late@example.org")
            try await storage.codes.issue(
                .withEveryFieldSet(digest: .numbered(10), grant: "g-late"),
                under: .living(id: "g-late", user: late.id.rawValue))
            #expect(try await store.holder(of: GrantID(rawValue: "g-late"), at: .noon) == nil)
            _ = try await storage.users.insert(late)
            #expect(try await store.find(GrantID(rawValue: "g-late"), at: .noon)?.revokedAt == nil)
            #expect(try await store.holder(of: GrantID(rawValue: "g-late"), at: .noon) == nil)
        case .twoBackIsReuse:
            try await issue(grant)
            _ = try await store.rotate(first)
            _ = try await store.rotate(attempt(1, request: 1))
            #expect(try await store.rotate(first) == .reused(grant.id))
        case .fromTheFutureIsUnknown:
            try await issue(grant)
            for generation in [1, 2, .max, -1, .min] as [Int64] {
                #expect(try await store.rotate(attempt(generation, request: 1)) == .unknown, "\(generation)")
            }
            #expect(try await store.find(grant.id, at: first.now) == grant)
        case .withoutRefreshIsUnknown:
            try await issue(.living(refresh: nil))
            #expect(try await store.rotate(first) == .unknown)
        case .idleExpiryEndsTheFamily:
            let end = RefreshFamily.first().idleExpiresAt
            try await issue(grant)
            #expect(try await store.rotate(attempt(0, request: 1, at: end)) == .unknown)
            guard case .rotated = try await store.rotate(attempt(0, request: 1, at: end - .microseconds(1))) else {
                Issue.record("the last microsecond counts")
                return
            }
            // The successor's own idle lifetime has begun.
            guard case .rotated = try await store.rotate(attempt(1, request: 2, at: end)) else {
                Issue.record("a rotation prolongs")
                return
            }
            #expect(try await store.rotate(attempt(1, request: 2, at: end + first.idleLifetime)) == .unknown)
        case .theEndOfTheGrantEndsTheFamily:
            let family = RefreshFamily(
                generation: 0, rotatedAt: .noon, request: nil, idleExpiresAt: .noon + .seconds(1 << 40))
            try await issue(.living(refresh: family))
            #expect(try await store.rotate(attempt(0, request: 1, at: grant.expiresAt)) == .unknown)
            guard case .rotated = try await store.rotate(attempt(0, request: 1, at: grant.expiresAt - .microseconds(1)))
            else {
                Issue.record("the last microsecond counts")
                return
            }
        case .aRevokedFamilyStaysRevoked:
            try await issue(grant)
            _ = try await store.rotate(first)
            try await store.revoke(grant.id, at: first.now)
            #expect(try await store.rotate(attempt(1, request: 2)) == .revoked)
            #expect(try await store.rotate(first) == .revoked)
            #expect(try await store.find(grant.id, at: first.now)?.revokedAt == first.now)
        case .revokingAgainKeepsTheMoment:
            try await issue(grant)
            try await store.revoke(grant.id, at: .noon + .seconds(3))
            try await store.revoke(grant.id, at: .noon + .seconds(4))
            #expect(try await store.find(grant.id, at: .noon)?.revokedAt == .noon + .seconds(3))
        case .sweepSparesTheLiving:
            try await issue(grant)
            try await storage.codes.issue(
                .withEveryFieldSet(digest: .numbered(9), grant: "other"), under: .living(id: "other"))
            #expect(try await store.sweep(expiredBy: grant.expiresAt - .microseconds(1), limit: 9) == 0)
            #expect(try await store.find(grant.id, at: .noon) == grant)
            #expect(try await store.sweep(expiredBy: grant.expiresAt, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: grant.expiresAt, limit: 1) == 1)
            #expect(try await store.sweep(expiredBy: grant.expiresAt, limit: 9) == 1)
            #expect(try await store.find(grant.id, at: .noon) == nil)
        }
    }

    /// Whatever comes first, the end of a session or a grant of it: none of its grants holds afterwards.
    private func checkBirths(in storage: Storage) async throws {
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        let user = UserID(rawValue: "u_7Zk2")
        for round in 0..<8 {
            let id = "sid-\(round)"
            try await storage.sessions.start(.withEveryFieldSet(digest: .numbered(round), id: id), replacing: nil)
            let numbers = Counter()
            _ = try await concurrently(9) {
                let number = numbers.next()
                guard number != 4 else {
                    return round.isMultiple(of: 2)
                        ? try await storage.sessions.end(.numbered(round), at: .noon) != nil
                        : try await storage.sessions.endAll(of: user, except: nil, at: .noon) == 1
                }
                return try await storage.grants.begin(.living(id: "g-\(round)-\(number)", session: id)) != nil
            }
            #expect(try await storage.sessions.find(.numbered(round), at: .noon) == nil)
        }
        #expect(try await storage.grants.clients(of: user, at: .noon).isEmpty)
    }

    private func checkUnused(in storage: Storage) async throws {
        let (store, id) = (storage.grants, SessionID(rawValue: "sid-Zk2"))
        let user = UserID(rawValue: "u_7Zk2")
        let session = Session.withEveryFieldSet()
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        try await storage.sessions.start(session, replacing: nil)
        #expect(try await store.owner(ofUnused: id, since: .noon, at: .noon) == nil)
        #expect(try await store.begin(.living(id: "g0", scopes: [.openid, .offlineAccess])) != nil)
        let (used, later) = (session.lastUsedAt, session.lastUsedAt + .microseconds(1))
        // None of its grants ends with it.
        #expect(try await store.owner(ofUnused: id, since: later, at: .noon) == nil)
        #expect(try await store.begin(.living(id: "g1")) != nil)
        #expect(try await store.owner(ofUnused: id, since: used, at: .noon) == nil)
        #expect(try await store.owner(ofUnused: id, since: later, at: .noon) == user)
        #expect(try await store.owner(ofUnused: id, since: used, at: session.expiresAt) == user)
        #expect(try await store.owner(ofUnused: SessionID(rawValue: "other"), since: later, at: .noon) == nil)
        #expect(try await store.owner(ofUnused: id, since: later, at: Grant.living().expiresAt) == nil)
        try await store.revoke(GrantID(rawValue: "g1"), at: .noon)
        #expect(try await store.owner(ofUnused: id, since: later, at: .noon) == nil)
    }

    private func attempt(
        _ generation: Int64, request: Int, grant: String = "g-Zk2", client: ClientID = Grant.living().clientID,
        at now: Timestamp = .noon + .seconds(600)
    ) -> RotationAttempt {
        RotationAttempt(
            grantID: GrantID(rawValue: grant), clientID: client, generation: generation, request: .numbered(request),
            now: now, grace: .seconds(10), idleLifetime: .seconds(3600)
        )
    }
}
