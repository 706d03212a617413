import OAuthTypes
public import Stores
import Testing

/// What every `RecourseStore` obeys.
public enum RecourseStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, unknownIsNil, expiredIsGone, theMailIsOrderedInTheSameStep, armingEndsTheOlderLink
    case outlivesANewPassword, anAddressIsRestoredOnceUnderContention, aTakenAddressIsNotRestored
    case restoringEndsWhatCameLater, aSignInIsDisownedOnceUnderContention, disowningEndsEverythingAndFreezes
    case disowningTakesWhatTheIntruderAdded, anyMailTakesWhatCameSinceTheOldest, anAccountIsKeptOnceUnderContention,
        eachPurposeDoesItsOwn
    case sweepSparesTheLiving

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.recourses
        let recourse = Recourse.withEveryFieldSet()
        let link = TokenDigest.numbered(503)
        let (frozen, user) = (Timestamp.noon + .seconds(86_400), UserID(rawValue: "u_7Zk2"))
        let mail = MailOrder.waiting("m")
        @Sendable func restore(
            _ link: TokenDigest = .numbered(503), at now: Timestamp = .noon, _ mail: MailOrder = .waiting("r")
        ) async throws -> Bool {
            try await store.restoreEmail(by: link, freezingUntil: frozen, at: now, ordering: mail)
        }
        @Sendable func disown(
            at now: Timestamp = .noon, _ mail: MailOrder = .waiting("r")
        ) async throws -> Bool {
            try await store.disown(by: .numbered(503), freezingUntil: frozen, at: now, ordering: mail)
        }
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        switch self {
        case .everyFieldComesBack:
            for (number, purpose) in Recourse.Purpose.allCases.enumerated() {
                let one = Recourse.withEveryFieldSet(
                    id: .numbered(number), purpose: purpose, link: .numbered(90 + number))
                try await store.open(one, ordering: .waiting("m\(number)"))
                #expect(try await store.find(one.id, at: .noon) == one)
                #expect(try await store.find(link: .numbered(90 + number), at: .noon) == one)
            }
            let bare = Recourse.withNothingOptional()
            try await store.open(bare, ordering: mail)
            #expect(try await store.find(bare.id, at: .noon) == bare)
        case .unknownIsNil:
            try await store.open(recourse, ordering: mail)
            #expect(try await store.find(.numbered(1), at: .noon) == nil)
            #expect(try await store.find(link: .numbered(1), at: .noon) == nil)
            #expect(try await !restore(.numbered(1)))
            #expect(try await store.find(recourse.id, at: .noon) == recourse)
        case .expiredIsGone:
            try await store.open(recourse, ordering: mail)
            let last = recourse.expiresAt - .microseconds(1)
            #expect(try await store.find(recourse.id, at: last) == recourse)
            #expect(try await store.find(link: link, at: last) == recourse)
            #expect(try await store.find(recourse.id, at: recourse.expiresAt) == nil)
            #expect(try await store.find(link: link, at: recourse.expiresAt) == nil)
            #expect(try await !store.arm(recourse.id, link: .numbered(5), at: recourse.expiresAt))
            #expect(try await !restore(at: recourse.expiresAt))
            #expect(try await store.find(recourse.id, at: last) == recourse)
        case .theMailIsOrderedInTheSameStep:
            try await store.open(recourse, ordering: mail)
            #expect(try await storage.mails.list(after: nil, limit: 9) == [mail])
            let other = Recourse.withEveryFieldSet(id: .numbered(1), link: .numbered(2))
            await #expect(throws: (any Error).self) { try await store.open(other, ordering: mail) }
            #expect(try await store.find(other.id, at: .noon) == nil)
            // What follows the spending is one step with it as well.
            await #expect(throws: (any Error).self) { try await restore(link, mail) }
            #expect(try await store.find(recourse.id, at: .noon) == recourse)
            #expect(try await storage.users.find(user) == .withEveryFieldSet(disabledAt: nil))
        case .armingEndsTheOlderLink:
            try await store.open(recourse, ordering: mail)
            #expect(try await store.arm(recourse.id, link: .numbered(5), at: .noon))
            #expect(try await store.find(link: link, at: .noon) == nil)
            #expect(try await store.find(link: .numbered(5), at: .noon)?.id == recourse.id)
            #expect(try await !store.arm(.numbered(1), link: .numbered(6), at: .noon))
        case .outlivesANewPassword:
            try await store.open(recourse, ordering: mail)
            #expect(try await storage.users.setPassword("new", of: user, at: .noon))
            #expect(try await storage.sessions.endAll(of: user, except: nil, at: .noon) == 0)
            #expect(try await store.find(link: link, at: .noon) == recourse)
        case .anAddressIsRestoredOnceUnderContention:
            try await store.open(recourse, ordering: mail)
            try await storage.sessions.start(.withEveryFieldSet(), replacing: nil)
            let names = Counter()
            let outcomes = try await concurrently(16) {
                try await restore(.numbered(503), .waiting("r\(names.next())"))
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await storage.mails.list(after: nil, limit: 99).count == 2)
            let restored = try await storage.users.find(user)
            #expect(restored?.email == recourse.email && restored?.isEmailVerified == true)
            #expect(restored?.updatedAt == .noon)
            #expect(try await storage.users.find(User.withEveryFieldSet().email) == nil)
            #expect(try await storage.users.find(recourse.email)?.id == user)
            #expect(try await storage.sessions.find(Session.withEveryFieldSet().digest, at: .noon) == nil)
            #expect(try await storage.holds.find(user, at: .noon).frozenUntil == frozen)
        case .aTakenAddressIsNotRestored:
            #expect(try await storage.users.insert(.withNothingOptional(email: recourse.email.rawValue)))
            try await store.open(recourse, ordering: mail)
            #expect(try await !restore())
            #expect(try await store.find(link: link, at: .noon) == recourse)
            #expect(try await storage.users.find(user) == .withEveryFieldSet(disabledAt: nil))
            #expect(try await storage.mails.list(after: nil, limit: 9) == [mail])
        case .restoringEndsWhatCameLater: try await checkChain(storage, restore: { try await restore($0, $1) })
        case .aSignInIsDisownedOnceUnderContention:
            try await store.open(.withEveryFieldSet(purpose: .disown), ordering: mail)
            let names = Counter()
            let outcomes = try await concurrently(16) { try await disown(.waiting("r\(names.next())")) }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await storage.mails.list(after: nil, limit: 99).count == 2)
        case .disowningEndsEverythingAndFreezes: try await checkDisowning(storage, disown: { try await disown(at: $0) })
        case .disowningTakesWhatTheIntruderAdded:
            // Freezes that are over already: factors are added below.
            let (names, past) = (Counter(), Timestamp.noon - .seconds(86_400))
            try await checkFactors(
                storage, of: .disown,
                spend: {
                    let mail = MailOrder.waiting("d\(names.next())")
                    return try await store.disown(by: link, freezingUntil: past, at: .noon, ordering: mail)
                })
            try await checkFactors(
                storage, of: .restoreEmail,
                spend: {
                    let mail = MailOrder.waiting("e\(names.next())")
                    return try await store.restoreEmail(by: link, freezingUntil: past, at: .noon, ordering: mail)
                })
        case .anyMailTakesWhatCameSinceTheOldest: try await checkOldestMail(storage, disown: { try await disown() })
        case .anAccountIsKeptOnceUnderContention:
            let keep = Recourse.withEveryFieldSet(purpose: .keepAccount)
            #expect(
                try await storage.holds.leave(
                    user, erasedAt: .noon + .seconds(9), at: .noon, recourse: keep, ordering: mail))
            let outcomes = try await concurrently(16) { try await store.keepAccount(by: link, at: .noon) }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await storage.holds.find(user, at: .noon) == .none)
            #expect(try await store.find(keep.id, at: .noon) == nil)
        case .eachPurposeDoesItsOwn:
            try await store.open(recourse, ordering: mail)
            #expect(try await !disown())
            #expect(try await !store.keepAccount(by: link, at: .noon))
            #expect(try await restore())
            try await store.open(.withEveryFieldSet(purpose: .disown), ordering: .waiting("n"))
            #expect(try await !store.keepAccount(by: link, at: .noon))
            #expect(try await disown(.waiting("s")))
            // Who disowns a sign-in may get the address back as well.
            let back = Recourse.withEveryFieldSet(purpose: .disown, email: "earlier@example.org")
            try await store.open(back, ordering: .waiting("o"))
            #expect(try await restore(link, .waiting("t")))
            #expect(try await storage.users.find(user)?.email == back.email)
            try await store.open(.withEveryFieldSet(purpose: .keepAccount), ordering: .waiting("p"))
            #expect(try await !restore(link, .waiting("u")))
            #expect(try await !disown(.waiting("u")))
        case .sweepSparesTheLiving:
            for number in 0..<5 {
                try await store.open(
                    .withNothingOptional(id: .numbered(number), expiresAt: .noon + .seconds(number)),
                    ordering: .waiting("m\(number)"))
            }
            let third = Timestamp.noon + .seconds(2)
            #expect(try await store.sweep(expiredBy: third, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: third, limit: 2) == 2)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 1)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 0)
            #expect(try await store.find(.numbered(3), at: .noon) != nil)
        }
    }

    /// Two changes, one after the other: the way back to the first address ends the way back to the second.
    private func checkChain(
        _ storage: Storage, restore: (TokenDigest, MailOrder) async throws -> Bool
    ) async throws {
        let store = storage.recourses
        for (number, email) in [(1, "first@example.org"), (2, "second@example.org")] {
            try await store.open(
                .withEveryFieldSet(
                    id: .numbered(number), email: email, link: .numbered(10 + number),
                    createdAt: .noon - .seconds(9 - number)), ordering: .waiting("m\(number)"))
        }
        try await store.open(
            .withEveryFieldSet(
                id: .numbered(6), purpose: .disown, link: .numbered(16), createdAt: .noon - .seconds(30)),
            ordering: .waiting("m6"))
        #expect(try await restore(.numbered(12), .waiting("r2")))
        #expect(try await store.find(.numbered(1), at: .noon) != nil)
        #expect(try await restore(.numbered(11), .waiting("r1")))
        #expect(try await storage.users.find(UserID(rawValue: "u_7Zk2"))?.email.rawValue == "first@example.org")
        try await store.open(
            .withEveryFieldSet(
                id: .numbered(4), email: "third@example.org", link: .numbered(14), createdAt: .noon - .seconds(5)),
            ordering: .waiting("m4"))
        try await store.open(
            .withEveryFieldSet(id: .numbered(3), purpose: .disown, link: .numbered(13)), ordering: .waiting("m3"))
        try await store.open(
            .withEveryFieldSet(
                id: .numbered(5), email: "fourth@example.org", link: .numbered(15), createdAt: .noon - .seconds(4)),
            ordering: .waiting("m5"))
        #expect(try await restore(.numbered(14), .waiting("r4")))
        #expect(try await store.find(.numbered(5), at: .noon) == nil)
        // A link to disown a sign-in that was mailed after the change went to somebody else's address.
        #expect(try await store.find(.numbered(3), at: .noon) == nil)
        // The mails from before it did not.
        #expect(try await store.find(.numbered(6), at: .noon) != nil)
    }

    /// What was there before the sign-in that is disowned stays; the password, which somebody knows, does not.
    private func checkFactors(
        _ storage: Storage, of purpose: Recourse.Purpose, spend: () async throws -> Bool
    ) async throws {
        let user = UserID(rawValue: "u_7Zk2")
        let factors = storage.secondFactors
        let recourse = Recourse.withEveryFieldSet(purpose: purpose)
        let old = Passkey.withEveryFieldSet(1, createdAt: recourse.distrustedSince - .microseconds(1))
        let new = Passkey.withEveryFieldSet(2, createdAt: recourse.distrustedSince)
        for passkey in [old, new] { #expect(try await factors.passkeys.add(passkey, limit: 9) == .added) }
        for moment in [recourse.distrustedSince - .microseconds(1), recourse.distrustedSince] {
            #expect(try await storage.users.setPassword("known to somebody", of: user, at: .noon))
            #expect(try await storage.links.link(.withEveryFieldSet(user: user.rawValue, linkedAt: moment)) == .linked)
            #expect(try await factors.authenticators.propose(.proposed(createdAt: moment)))
            #expect(try await factors.authenticators.confirm(user, proposedAt: moment, step: 1, at: .noon))
            try await factors.recoveryCodes.replace([.numbered(1)], of: user)
            let recourse = Recourse.withEveryFieldSet(purpose: purpose, email: "\(moment.microseconds)@example.org")
            try await storage.recourses.open(recourse, ordering: .waiting("f\(purpose)\(moment)"))
            _ = try await storage.holds.leave(
                user, erasedAt: .noon + .seconds(99), at: .noon - .seconds(86_400), recourse: nil, ordering: nil)
            #expect(try await spend())
            #expect(try await storage.users.find(user)?.passwordHash == nil)
            #expect(try await storage.holds.find(user, at: .noon).erasedAt == nil)
            #expect(try await factors.passkeys.list(of: user) == [old])
            #expect(try await storage.links.list(of: user) == [])
            let isOld = moment < recourse.distrustedSince
            #expect(try await factors.authenticators.find(user)?.createdAt == (isOld ? moment : nil))
            if isOld { #expect(try await factors.authenticators.remove(user)) }
            #expect(try await factors.recoveryCodes.count(of: user) == 0)
        }
        #expect(try await factors.passkeys.removeAll(of: user) == 1)
    }

    /// A sign-in, a passkey a minute later, a third mail that its owner clicks: the passkey goes with it.
    private func checkOldestMail(_ storage: Storage, disown: () async throws -> Bool) async throws {
        let (user, factors) = (UserID(rawValue: "u_7Zk2"), storage.secondFactors)
        let first = Timestamp.noon - .seconds(7200)
        func open(
            _ number: Int, at moment: Timestamp, _ purpose: Recourse.Purpose = .disown, until end: Timestamp? = nil
        ) async throws {
            let one = Recourse.withEveryFieldSet(
                id: .numbered(number), purpose: purpose, link: .numbered(500 + number), createdAt: moment)
            let recourse = Recourse(
                id: one.id, purpose: purpose, userID: one.userID, email: one.email, link: one.link,
                createdAt: moment, expiresAt: end ?? one.expiresAt)
            try await storage.recourses.open(recourse, ordering: .waiting("o\(number)"))
        }
        // Neither of them tells of somebody in the account: one is over, one is of a deletion.
        try await open(1, at: first - .seconds(7200), until: .noon)
        try await open(2, at: first - .seconds(3600), .keepAccount)
        try await open(4, at: first)
        try await open(3, at: .noon)
        let old = Passkey.withEveryFieldSet(1, createdAt: first - Recourse.doubt - .microseconds(1))
        let new = Passkey.withEveryFieldSet(2, createdAt: first - Recourse.doubt)
        for passkey in [old, new] { #expect(try await factors.passkeys.add(passkey, limit: 9) == .added) }
        #expect(try await factors.authenticators.propose(.proposed(createdAt: first)))
        #expect(try await factors.authenticators.confirm(user, proposedAt: first, step: 1, at: .noon))
        #expect(try await disown())
        #expect(try await factors.passkeys.list(of: user) == [old])
        #expect(try await factors.authenticators.find(user) == nil)
    }

    private func checkDisowning(
        _ storage: Storage, disown: (Timestamp) async throws -> Bool
    ) async throws {
        let (user, end) = (UserID(rawValue: "u_7Zk2"), Timestamp.noon + .seconds(86_400))
        #expect(try await storage.users.insert(.withNothingOptional()))
        try await storage.sessions.start(.withEveryFieldSet(), replacing: nil)
        try await storage.sessions.start(
            .withEveryFieldSet(digest: .numbered(1), id: "s2", user: "u_9"), replacing: nil)
        try await storage.codes.issue(
            .withEveryFieldSet(grant: "g-1"), under: .living(id: "g-1", scopes: [.openid, .offlineAccess]))
        try await storage.proofs.open(.withEveryFieldSet(), ordering: nil)
        try await storage.recourses.open(.withEveryFieldSet(purpose: .disown), ordering: .waiting("m"))
        let client = try #require(ClientID("shop"))
        for person in [user, UserID(rawValue: "u_9")] {
            try await storage.consents.remember([.openid], user: person, client: client, at: .noon)
        }
        let moment = Timestamp.noon + .seconds(7)
        #expect(try await disown(moment))
        #expect(try await storage.consents.find(user: user, client: client).isEmpty)
        #expect(try await storage.consents.find(user: UserID(rawValue: "u_9"), client: client) == [.openid])
        #expect(try await storage.sessions.find(Session.withEveryFieldSet().digest, at: moment) == nil)
        #expect(try await storage.sessions.find(.numbered(1), at: moment) != nil)
        #expect(try await storage.grants.find(GrantID(rawValue: "g-1"), at: moment)?.revokedAt == moment)
        #expect(try await storage.proofs.find(EmailProof.withEveryFieldSet().id, at: moment) == nil)
        #expect(try await storage.holds.find(user, at: end - .microseconds(1)).frozenUntil == end)
        #expect(try await storage.holds.find(user, at: end) == .none)
        #expect(try await storage.holds.find(UserID(rawValue: "u_9"), at: moment) == .none)
        // What was under way meanwhile does not outlive it.
        try await storage.sessions.start(
            .withEveryFieldSet(digest: .numbered(2), authenticatedAt: moment - .microseconds(1)), replacing: nil)
        #expect(try await storage.sessions.find(.numbered(2), at: moment) == nil)
        // A second, shorter freeze does not thaw the account.
        try await storage.freeze("u_7Zk2", until: moment + .seconds(1), at: moment)
        #expect(try await storage.holds.find(user, at: moment).frozenUntil == end)
    }
}
