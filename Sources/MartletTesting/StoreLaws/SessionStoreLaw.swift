import OAuthTypes
public import Stores
import Testing

/// What every `SessionStore` obeys.
public enum SessionStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, unknownIsNil, aTakenDigestIsRefused, startingEndsTheOneBefore, expiredIsGone
    case belongsToAnEnabledAccount, endsOnceUnderContention, endingRevokesWhatHangsOnIt, sweepSparesTheLiving
    case startingEndsWhatHangsOnTheOneBefore, renewsOnceUnderContention, anEndedSessionIsNotRenewed
    case aUseIsNotedOnceInAWhile, listsTheLivingOfOnePerson, endsAllButOne
    case isFoundByItsNameAndItsOwner

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let session = Session.withEveryFieldSet()
        let store = storage.sessions
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        switch self {
        case .everyFieldComesBack:
            try await store.start(session, replacing: nil)
            #expect(try await store.find(session.digest, at: .noon) == session)
        case .unknownIsNil:
            try await store.start(session, replacing: nil)
            #expect(try await store.find(.numbered(1), at: .noon) == nil)
            #expect(try await store.end(.numbered(1), at: .noon) == nil)
            #expect(try await store.find(session.digest, at: .noon) == session)
        case .isFoundByItsNameAndItsOwner:
            for number in 0..<120 {
                try await store.start(
                    .withEveryFieldSet(digest: .numbered(1000 + number), id: "s\(number)"), replacing: nil)
            }
            for name in ["s0", "s119"] {
                let found = try await store.find(SessionID(rawValue: name), of: session.userID, at: .noon)
                #expect(found?.id.rawValue == name)
            }
            let first = SessionID(rawValue: "s0")
            #expect(try await store.find(first, of: UserID(rawValue: "u_9"), at: .noon) == nil)
            #expect(try await store.find(SessionID(rawValue: "S0"), of: session.userID, at: .noon) == nil)
            #expect(try await store.find(first, of: session.userID, at: session.expiresAt) == nil)
        case .aTakenDigestIsRefused:
            try await store.start(session, replacing: nil)
            try await store.start(.withEveryFieldSet(digest: .numbered(1)), replacing: nil)
            await #expect(throws: (any Error).self) {
                try await store.start(.withEveryFieldSet(id: "other"), replacing: .numbered(1))
            }
            #expect(try await store.find(session.digest, at: .noon) == session)
            #expect(try await store.find(.numbered(1), at: .noon) != nil)
        case .startingEndsTheOneBefore:
            let successor = Session.withEveryFieldSet(digest: .numbered(1))
            try await store.start(session, replacing: nil)
            try await store.start(successor, replacing: session.digest)
            #expect(try await store.find(session.digest, at: .noon) == nil)
            #expect(try await store.find(successor.digest, at: .noon) == successor)
            // The one before need not exist, and may be the same.
            try await store.start(.withEveryFieldSet(digest: .numbered(2)), replacing: .numbered(3))
            try await store.start(.withEveryFieldSet(digest: .numbered(2), id: "new"), replacing: .numbered(2))
            #expect(try await store.find(.numbered(2), at: .noon)?.id.rawValue == "new")
        case .expiredIsGone:
            try await store.start(session, replacing: nil)
            #expect(try await store.find(session.digest, at: session.expiresAt - .microseconds(1)) == session)
            #expect(try await store.find(session.digest, at: session.expiresAt) == nil)
            #expect(try await store.end(session.digest, at: session.expiresAt) == nil)
        case .belongsToAnEnabledAccount:
            #expect(try await storage.users.insert(.withEveryFieldSet(id: "u_off", email: "off@example.org")))
            for (number, user) in ["u_7Zk2", "u_off", "u_unknown"].enumerated() {
                try await store.start(.withEveryFieldSet(digest: .numbered(number), user: user), replacing: nil)
            }
            #expect(try await store.find(.numbered(0), at: .noon) != nil)
            #expect(try await store.find(.numbered(1), at: .noon) == nil)
            #expect(try await store.find(.numbered(2), at: .noon) == nil)
        case .endsOnceUnderContention:
            try await store.start(session, replacing: nil)
            let outcomes = try await concurrently(32) { try await store.end(session.digest, at: .noon) }
            #expect(outcomes.count { $0 == session } == 1)
            #expect(outcomes.count { $0 == nil } == 31)
            #expect(try await store.find(session.digest, at: .noon) == nil)
        case .endingRevokesWhatHangsOnIt:
            try await checkEnding(of: session, in: storage)
        case .startingEndsWhatHangsOnTheOneBefore:
            try await checkReplacing(session, in: storage)
        case .renewsOnceUnderContention:
            try await store.start(session, replacing: nil)
            let numbers = Counter()
            let outcomes = try await concurrently(16) {
                let digest = TokenDigest.numbered(numbers.next())
                return try await store.renew(.withEveryFieldSet(digest: digest), from: session.digest, at: .noon)
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.find(session.digest, at: .noon) == nil)
            #expect(try await store.list(of: session.userID, at: .noon).count == 1)
            let renewed = try #require(try await store.list(of: session.userID, at: .noon).first)
            let again = Session.withEveryFieldSet(
                digest: .numbered(99), authenticatedAt: .noon + .seconds(2), lastUsedAt: .noon + .seconds(5))
            #expect(try await store.renew(again, from: renewed.digest, at: .noon))
            #expect(try await store.find(.numbered(99), at: .noon) == again)
        case .anEndedSessionIsNotRenewed:
            let successor = Session.withEveryFieldSet(digest: .numbered(1))
            #expect(try await !store.renew(successor, from: session.digest, at: .noon))
            try await store.start(session, replacing: nil)
            #expect(try await !store.renew(successor, from: session.digest, at: session.expiresAt))
            for other in [
                Session.withEveryFieldSet(digest: .numbered(1), id: "other"),
                .withEveryFieldSet(digest: .numbered(1), user: "u_other"),
            ] {
                #expect(try await !store.renew(other, from: session.digest, at: .noon))
            }
            #expect(try await store.end(session.digest, at: .noon) == session)
            #expect(try await !store.renew(successor, from: session.digest, at: .noon))
            #expect(try await store.find(.numbered(1), at: .noon) == nil)
        case .aUseIsNotedOnceInAWhile:
            try await store.start(session, replacing: nil)
            let last = session.lastUsedAt
            let later = last + .seconds(60)
            try await store.touch(session.digest, from: "198.51.100.0/24", at: later, unlessSince: last)
            #expect(try await store.find(session.digest, at: .noon) == session)
            try await store.touch(
                session.digest, from: "198.51.100.0/24", at: later, unlessSince: last + .microseconds(1))
            let touched = try await store.find(session.digest, at: .noon)
            #expect(touched?.lastUsedAt == later)
            #expect(touched?.network == "198.51.100.0/24")
            #expect(touched?.startedAt == session.startedAt)
            try await store.touch(.numbered(1), from: nil, at: later, unlessSince: later)
            try await store.touch(
                session.digest, from: nil, at: later + .seconds(1), unlessSince: .noon + .seconds(9999))
            #expect(try await store.find(session.digest, at: .noon)?.network == nil)
        case .listsTheLivingOfOnePerson:
            try await checkListing(in: storage)
        case .endsAllButOne:
            try await checkEndingAll(in: storage)
        case .sweepSparesTheLiving:
            for number in 0..<5 {
                let start = Timestamp.noon + .seconds(number)
                try await store.start(
                    .withEveryFieldSet(digest: .numbered(number), authenticatedAt: start), replacing: nil)
            }
            let third = Session.withEveryFieldSet(authenticatedAt: .noon + .seconds(2)).expiresAt
            #expect(try await store.sweep(expiredBy: third, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: third, limit: 2) == 2)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 1)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 0)
            #expect(try await store.find(.numbered(3), at: .noon) != nil)
            #expect(try await store.find(.numbered(4), at: .noon) != nil)
            #expect(try await store.find(.numbered(0), at: .noon) == nil)
        }
    }

    private func checkEnding(of session: Session, in storage: Storage) async throws {
        let grants: [(id: String, session: String, scopes: ScopeSet, isRevoked: Bool)] = [
            ("plain", session.id.rawValue, [.openid], true),
            ("alike", session.id.rawValue, [Scope("offline-access")!, Scope("xoffline_access")!], true),
            ("offline", session.id.rawValue, [.openid, .offlineAccess], false),
            ("elsewhere", "another", [.openid], false),
        ]
        let now = Timestamp.noon + .seconds(9)
        try await storage.sessions.start(session, replacing: nil)
        try await storage.sessions.start(.withEveryFieldSet(digest: .numbered(9), id: "another"), replacing: nil)
        for (number, grant) in grants.enumerated() {
            try await storage.codes.issue(
                .withEveryFieldSet(digest: .numbered(number), grant: grant.id),
                under: .living(id: grant.id, session: grant.session, scopes: grant.scopes)
            )
        }
        #expect(try await storage.sessions.end(.numbered(0), at: now) == nil)
        #expect(try await storage.grants.find(GrantID(rawValue: "plain"), at: now)?.revokedAt == nil)
        #expect(try await storage.sessions.end(session.digest, at: now) == session)
        for grant in grants {
            let found = try await storage.grants.find(GrantID(rawValue: grant.id), at: now)
            #expect(found?.revokedAt == (grant.isRevoked ? now : nil), "\(grant.id)")
        }
    }

    /// Somebody signs in over a session that nobody signed out of.
    private func checkReplacing(_ session: Session, in storage: Storage) async throws {
        try await storage.sessions.start(session, replacing: nil)
        let scopes: [ScopeSet] = [[.openid], [.openid, .offlineAccess]]
        for (number, scopes) in scopes.enumerated() {
            try await storage.codes.issue(
                .withEveryFieldSet(digest: .numbered(number), grant: "g-\(number)"),
                under: .living(id: "g-\(number)", scopes: scopes), in: .living("p\(number)"))
        }
        let next = Session.withEveryFieldSet(digest: .numbered(1), id: "next", authenticatedAt: .noon + .seconds(100))
        try await storage.sessions.start(next, replacing: .numbered(2))
        #expect(try await storage.grants.find(GrantID(rawValue: "g-0"), at: .noon)?.revokedAt == nil)
        let last = Session.withEveryFieldSet(digest: .numbered(3), id: "last", authenticatedAt: .noon + .seconds(200))
        try await storage.sessions.start(last, replacing: session.digest)
        #expect(try await storage.grants.find(GrantID(rawValue: "g-0"), at: .noon)?.revokedAt == last.lastUsedAt)
        #expect(try await storage.grants.find(GrantID(rawValue: "g-1"), at: .noon)?.revokedAt == nil)
        let told = try await storage.participations.list(after: nil, limit: 9)
        #expect(told.map(\.id.rawValue) == ["p0"])
        #expect(told.map(\.dueAt) == [last.lastUsedAt])
        #expect(try await storage.sessions.find(next.digest, at: last.lastUsedAt) == next)
    }

    private func checkListing(in storage: Storage) async throws {
        let store = storage.sessions
        let used: [(number: Int, id: String, lastUsed: Int)] = [(1, "b", 5), (2, "a", 5), (3, "c", 9)]
        for (number, id, lastUsed) in used {
            try await store.start(
                .withEveryFieldSet(digest: .numbered(number), id: id, lastUsedAt: .noon + .seconds(lastUsed)),
                replacing: nil)
        }
        #expect(try await storage.users.insert(.withEveryFieldSet(id: "u_off", email: "off@example.org")))
        #expect(try await storage.users.insert(.withNothingOptional()))
        try await store.start(.withEveryFieldSet(digest: .numbered(4), id: "d", user: "u_9"), replacing: nil)
        try await store.start(.withEveryFieldSet(digest: .numbered(5), id: "e", user: "u_off"), replacing: nil)
        let user = UserID(rawValue: "u_7Zk2")
        #expect(try await store.list(of: user, at: .noon).map(\.id.rawValue) == ["c", "a", "b"])
        #expect(
            try await store.list(of: user, at: .noon).last
                == .withEveryFieldSet(digest: .numbered(1), id: "b", lastUsedAt: .noon + .seconds(5)))
        #expect(try await store.list(of: UserID(rawValue: "u_9"), at: .noon).map(\.id.rawValue) == ["d"])
        #expect(try await store.list(of: UserID(rawValue: "u_off"), at: .noon).isEmpty)
        #expect(try await store.list(of: user, at: Session.withEveryFieldSet().expiresAt).isEmpty)
    }

    private func checkEndingAll(in storage: Storage) async throws {
        let store = storage.sessions
        let user = UserID(rawValue: "u_7Zk2")
        #expect(try await storage.users.insert(.withNothingOptional()))
        for number in 1...3 {
            try await store.start(.withEveryFieldSet(digest: .numbered(number), id: "sid-\(number)"), replacing: nil)
            try await storage.codes.issue(
                .withEveryFieldSet(digest: .numbered(number), grant: "g-\(number)"),
                under: .living(id: "g-\(number)", session: "sid-\(number)", scopes: number == 3 ? [.offlineAccess] : [])
            )
        }
        try await store.start(.withEveryFieldSet(digest: .numbered(9), id: "other", user: "u_9"), replacing: nil)
        // Of a session that ended by itself and was swept, and of somebody else.
        for (id, name) in [("g-4", "u_7Zk2"), ("g-5", "u_9")] {
            let start = Timestamp.noon - .seconds(9 * 3600)
            try await store.start(
                .withEveryFieldSet(
                    digest: .numbered(id == "g-4" ? 30 : 31), id: "swept", user: name, authenticatedAt: start),
                replacing: nil)
            try await storage.codes.issue(
                .withEveryFieldSet(digest: .numbered(20 + (id == "g-4" ? 0 : 1)), grant: id),
                under: .living(id: id, user: name, session: "swept", scopes: []))
        }
        #expect(try await store.sweep(expiredBy: .noon, limit: 9) == 2)
        let now = Timestamp.noon + .seconds(9)
        #expect(try await store.endAll(of: user, except: .numbered(1), at: now) == 2)
        #expect(try await store.list(of: user, at: now).map(\.id.rawValue) == ["sid-1"])
        #expect(try await store.find(.numbered(9), at: now) != nil)
        for (grant, moment) in [("g-1", nil), ("g-2", now), ("g-3", nil), ("g-4", now), ("g-5", nil)] {
            #expect(try await storage.grants.find(GrantID(rawValue: grant), at: now)?.revokedAt == moment, "\(grant)")
        }
        #expect(try await store.endAll(of: user, except: nil, at: now) == 1)
        #expect(try await store.endAll(of: user, except: nil, at: now) == 0)
        #expect(try await storage.grants.find(GrantID(rawValue: "g-1"), at: now)?.revokedAt == now)
    }
}
