import OAuthTypes
public import Stores
import Testing

/// What every `ProofStore` obeys.
public enum ProofStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, unknownIsNil, expiredIsGone, aNewerOneTakesThePlace, othersKeepTheirs
    case theMailIsOrderedInTheSameStep, armingEndsTheOlderLink, guessesAreCountedUnderContention
    case aCodeEndsBeforeItsProof, mailsAreCounted, aPasswordIsResetOnceUnderContention
    case aResetEndsSessionsAndGrants, aDisabledAccountIsNotReset, anAccountIsMadeOnceUnderContention
    case aTakenAddressSpendsNothing, anAddressIsChangedOnceUnderContention, anAddressIsChangedOnlyWhereItMayBe
    case aCodeIsSpentOnceUnderContention, aResetIsNoSecondFactor
    case sweepSparesTheLiving, anAccountDisarmsWhatElseWasToMakeIt

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.proofs
        let proof = EmailProof.withEveryFieldSet()
        let mail = MailOrder.waiting("m")
        @Sendable func reset(
            _ link: TokenDigest = .numbered(403), at now: Timestamp = .noon, _ mail: MailOrder = .waiting("m")
        ) async throws -> Bool {
            try await store.resetPassword(by: link, to: "new hash", at: now, ordering: mail)
        }
        switch self {
        case .everyFieldComesBack:
            try await store.open(proof, ordering: nil)
            #expect(try await store.find(proof.id, at: .noon) == proof)
            #expect(try await store.find(link: .numbered(403), at: .noon) == proof)
            let bare = EmailProof.withNothingOptional()
            try await store.open(bare, ordering: nil)
            #expect(try await store.find(bare.id, at: .noon) == bare)
        case .unknownIsNil:
            try await store.open(proof, ordering: nil)
            #expect(try await store.find(.numbered(1), at: .noon) == nil)
            #expect(try await store.find(link: .numbered(1), at: .noon) == nil)
            #expect(try await store.guess(.numbered(1), limit: 5, at: .noon) == nil)
            #expect(try await store.find(proof.id, at: .noon) == proof)
        case .expiredIsGone:
            #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
            try await store.open(proof, ordering: nil)
            let last = proof.expiresAt - .microseconds(1)
            #expect(try await store.find(proof.id, at: last) == proof)
            #expect(try await store.find(link: .numbered(403), at: last) == proof)
            #expect(try await store.find(proof.id, at: proof.expiresAt) == nil)
            #expect(try await store.find(link: .numbered(403), at: proof.expiresAt) == nil)
            #expect(try await !reset(at: proof.expiresAt))
            #expect(
                try await !store.arm(
                    proof.id, link: .numbered(5), code: nil, codeExpiresAt: nil, at: proof.expiresAt))
            #expect(try await !store.createAccount(.withNothingOptional(), by: proof.id, at: proof.expiresAt))
            #expect(try await store.find(proof.id, at: last) == proof)
        case .aNewerOneTakesThePlace:
            try await store.open(proof, ordering: nil)
            let newer = EmailProof.withEveryFieldSet(id: .numbered(1), link: .numbered(2))
            try await store.open(newer, ordering: nil)
            #expect(try await store.find(link: .numbered(403), at: .noon) == nil)
            #expect(try await store.find(link: .numbered(2), at: .noon) == newer)
        case .othersKeepTheirs:
            try await store.open(proof, ordering: nil)
            try await store.open(
                .withEveryFieldSet(id: .numbered(1), link: .numbered(2), user: "u_other"), ordering: nil)
            try await store.open(
                .withEveryFieldSet(id: .numbered(3), link: .numbered(4), purpose: .signUp), ordering: nil)
            for number in 5...6 {
                try await store.open(.withNothingOptional(id: .numbered(number)), ordering: nil)
            }
            for number in [1, 3, 5, 6] { #expect(try await store.find(.numbered(number), at: .noon) != nil) }
            #expect(try await store.find(proof.id, at: .noon) == proof)
        case .theMailIsOrderedInTheSameStep:
            try await store.open(proof, ordering: mail)
            #expect(try await storage.mails.list(after: nil, limit: 9) == [mail])
            // A mail that cannot be ordered leaves nothing behind.
            let other = EmailProof.withEveryFieldSet(id: .numbered(1), link: .numbered(2))
            await #expect(throws: (any Error).self) { try await store.open(other, ordering: mail) }
            #expect(try await store.find(other.id, at: .noon) == nil)
            #expect(try await store.find(proof.id, at: .noon) == proof)
        case .armingEndsTheOlderLink:
            try await store.open(proof, ordering: nil)
            let end = Timestamp.noon + .seconds(60)
            #expect(
                try await store.arm(
                    proof.id, link: .numbered(5), code: .numbered(6), codeExpiresAt: end, at: .noon))
            #expect(try await store.find(link: .numbered(403), at: .noon) == nil)
            let armed = try await store.find(link: .numbered(5), at: .noon)
            #expect(armed?.code == .numbered(6) && armed?.codeExpiresAt == end && armed?.guesses == 0)
            #expect(armed?.id == proof.id)
        case .guessesAreCountedUnderContention:
            try await store.open(.withEveryFieldSet(guesses: 0), ordering: nil)
            let guesses = try await concurrently(32) { try await store.guess(proof.id, limit: 5, at: .noon) }
            #expect(guesses.compactMap { $0?.guesses }.sorted() == [1, 2, 3, 4, 5])
            #expect(guesses.count { $0 == nil } == 27)
        case .aCodeEndsBeforeItsProof:
            try await store.open(.withEveryFieldSet(guesses: 0), ordering: nil)
            let end = try #require(proof.codeExpiresAt)
            #expect(try await store.guess(proof.id, limit: 5, at: end - .microseconds(1))?.guesses == 1)
            #expect(try await store.guess(proof.id, limit: 5, at: end) == nil)
        case .mailsAreCounted:
            try await store.open(proof, ordering: nil)
            #expect(try await store.resend(proof.id, limit: 4, at: .noon, ordering: mail))
            #expect(try await !store.resend(proof.id, limit: 4, at: .noon, ordering: .waiting("n")))
            #expect(try await !store.resend(.numbered(1), limit: 4, at: .noon, ordering: .waiting("n")))
            #expect(try await storage.mails.list(after: nil, limit: 9) == [mail])
            #expect(try await store.find(proof.id, at: .noon)?.mails == 4)
        case .aPasswordIsResetOnceUnderContention:
            #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
            try await store.open(proof, ordering: nil)
            #expect(try await !reset(.numbered(1)))
            let names = Counter()
            let outcomes = try await concurrently(16) {
                try await reset(.numbered(403), .waiting("m\(names.next())"))
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await storage.mails.list(after: nil, limit: 99).count == 1)
            #expect(try await storage.recourses.find(.numbered(403), at: .noon) != nil)
            #expect(try await storage.recourses.find(.numbered(1), at: .noon) == nil)
            #expect(try await storage.users.find(UserID(rawValue: "u_7Zk2"))?.passwordHash == "new hash")
            #expect(try await store.find(proof.id, at: .noon) == nil)
        case .aResetEndsSessionsAndGrants: try await checkSignOut(storage, reset: { try await reset() })
        case .aDisabledAccountIsNotReset:
            #expect(try await storage.users.insert(.withEveryFieldSet()))
            try await store.open(proof, ordering: nil)
            #expect(try await !reset())
            #expect(try await storage.mails.list(after: nil, limit: 9) == [])
            #expect(try await store.find(proof.id, at: .noon) == proof)
            // Nor does a proof of another purpose reset anything.
            #expect(
                try await storage.users.insert(.withEveryFieldSet(id: "u_2", email: "2@example.org", disabledAt: nil)))
            let other = EmailProof.withEveryFieldSet(
                id: .numbered(1), link: .numbered(2), user: "u_2", purpose: .signUp)
            try await store.open(other, ordering: nil)
            #expect(try await !reset(.numbered(2)))
        case .anAccountIsMadeOnceUnderContention:
            try await store.open(proof, ordering: nil)
            let names = Counter()
            let outcomes = try await concurrently(16) {
                let number = names.next()
                let user = User.withNothingOptional(id: "u_\(number)", email: "\(number)@example.org")
                return try await store.createAccount(user, by: proof.id, at: .noon)
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await storage.users.list(after: nil, limit: 99).count == 1)
            #expect(try await store.find(proof.id, at: .noon) == nil)
        case .aTakenAddressSpendsNothing:
            let user = User.withNothingOptional()
            #expect(try await storage.users.insert(user))
            try await store.open(proof, ordering: nil)
            #expect(try await !store.createAccount(.withNothingOptional(id: "u_10"), by: proof.id, at: .noon))
            #expect(try await store.find(proof.id, at: .noon) == proof)
            let other = User.withEveryFieldSet(id: "u_10", disabledAt: nil)
            #expect(try await store.createAccount(other, by: proof.id, at: .noon))
            #expect(try await storage.users.find(other.id) == other)
        case .anAccountDisarmsWhatElseWasToMakeIt:
            let (now, email) = (Timestamp.noon, EmailProof.withNothingOptional().email)
            for number in 1...3 {
                try await store.open(
                    .withNothingOptional(
                        id: .numbered(number), email: number == 3 ? "other@example.org" : email.rawValue),
                    ordering: nil)
                #expect(
                    try await store.arm(
                        .numbered(number), link: .numbered(10 + number), code: .numbered(20 + number),
                        codeExpiresAt: now + .seconds(60), at: now))
            }
            // A proof of an account stays, whatever address it is for.
            try await store.open(proof, ordering: nil)
            let user = User.withNothingOptional(id: "u_new", email: email.rawValue)
            #expect(try await store.createAccount(user, by: .numbered(1), at: now))
            #expect(try await store.find(link: .numbered(12), at: now) == nil)
            let waiting = try #require(try await store.guess(.numbered(2), limit: 5, at: now))
            #expect(waiting.code == nil && waiting.passwordHash == nil && waiting.guesses == 1)
            #expect(try await store.find(link: .numbered(13), at: now)?.code == .numbered(23))
            #expect(try await store.find(proof.id, at: now) == proof)
        case .aCodeIsSpentOnceUnderContention:
            try await store.open(proof, ordering: nil)
            #expect(try await !store.spend(proof.id, code: .numbered(1), at: .noon))
            #expect(try await !store.spend(.numbered(1), code: .numbered(404), at: .noon))
            #expect(try await !store.spend(proof.id, code: .numbered(404), at: proof.expiresAt))
            #expect(try await store.find(proof.id, at: .noon) == proof)
            let outcomes = try await concurrently(16) {
                try await store.spend(proof.id, code: .numbered(404), at: .noon)
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.find(proof.id, at: .noon) == nil)
            // The same place has another one next time.
            try await store.open(proof, ordering: nil)
            try await store.open(proof, ordering: nil)
            #expect(try await store.find(proof.id, at: .noon) == proof)
        case .aResetIsNoSecondFactor:
            for (number, use) in MailCodeUse.allCases.enumerated() {
                let user = User.withEveryFieldSet(
                    id: "u_\(number)", email: "\(number)@example.org", disabledAt: nil, mailCodes: use)
                #expect(try await storage.users.insert(user))
                try await store.open(
                    .withEveryFieldSet(id: .numbered(number), link: .numbered(9 + number), user: user.id.rawValue),
                    ordering: nil)
                #expect(try await reset(.numbered(9 + number), .waiting("m\(number)")))
                let now = try await storage.users.find(user.id)?.mailCodes
                #expect(now == (use == .off ? .off : .afterRecovery))
            }
        case .anAddressIsChangedOnceUnderContention: try await checkChange(storage)
        case .anAddressIsChangedOnlyWhereItMayBe: try await checkRefusedChanges(storage)
        case .sweepSparesTheLiving:
            for number in 0..<5 {
                try await store.open(
                    .withNothingOptional(id: .numbered(number), expiresAt: .noon + .seconds(number)), ordering: nil)
            }
            let third = Timestamp.noon + .seconds(2)
            #expect(try await store.sweep(expiredBy: third, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: third, limit: 2) == 2)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 1)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 0)
            #expect(try await store.find(.numbered(3), at: .noon) != nil)
        }
    }

    /// To the address of the proof, with the way back and both mails.
    private func change(
        _ storage: Storage, by id: TokenDigest = .numbered(401), from old: Email, at now: Timestamp = .noon,
        _ name: String = ""
    ) async throws -> Bool {
        let number = TokenDigest.numbered(600 + name.utf8.count)
        return try await storage.proofs.changeEmail(
            by: id, from: old, at: now, recourse: .withEveryFieldSet(id: number, link: number),
            ordering: [.waiting("old" + name), .waiting("new" + name)])
    }

    private func checkChange(_ storage: Storage) async throws {
        let user = User.withNothingOptional(id: "u_7Zk2", email: "before@example.org")
        #expect(try await storage.users.insert(user))
        let proof = EmailProof.withEveryFieldSet(purpose: .changeEmail)
        try await storage.proofs.open(proof, ordering: nil)
        let reset = EmailProof.withEveryFieldSet(id: .numbered(7), link: .numbered(8))
        try await storage.proofs.open(reset, ordering: nil)
        let names = Counter()
        let outcomes = try await concurrently(16) {
            try await change(storage, from: user.email, String(repeating: "x", count: names.next()))
        }
        #expect(outcomes.count { $0 } == 1)
        let changed = try await storage.users.find(user.id)
        #expect(changed?.email == proof.email && changed?.isEmailVerified == true && changed?.updatedAt == .noon)
        #expect(try await storage.users.find(user.email) == nil)
        #expect(try await storage.users.find(proof.email)?.id == user.id)
        #expect(try await storage.mails.list(after: nil, limit: 99).count == 2)
        // A link to the old address opens nothing any more.
        for id in [proof.id, reset.id] { #expect(try await storage.proofs.find(id, at: .noon) == nil) }
        // The way back is there once.
        var ways = 0
        for number in 600...616 {
            let way = try await storage.recourses.find(.numbered(number), at: .noon)
            ways += way == nil ? 0 : 1
        }
        #expect(ways == 1)
    }

    private func checkRefusedChanges(_ storage: Storage) async throws {
        let user = User.withNothingOptional(id: "u_7Zk2", email: "before@example.org")
        #expect(try await storage.users.insert(user))
        let proof = EmailProof.withEveryFieldSet(purpose: .changeEmail)
        // Another purpose, an address that is not the account's any more, a proof that is too old.
        try await storage.proofs.open(.withEveryFieldSet(id: .numbered(7), link: .numbered(8)), ordering: nil)
        #expect(try await !change(storage, by: .numbered(7), from: user.email))
        try await storage.proofs.open(proof, ordering: nil)
        #expect(try await !change(storage, from: Email("other@example.org")!))
        #expect(try await !change(storage, from: user.email, at: proof.expiresAt))
        // An address that another account has.
        #expect(try await storage.users.insert(.withNothingOptional(email: proof.email.rawValue)))
        #expect(try await !change(storage, from: user.email))
        #expect(try await storage.proofs.find(proof.id, at: .noon) == proof)
        #expect(try await storage.persons.erase(UserID(rawValue: "u_9"), recording: .numbered(1)))
        // A frozen account: freezing ends the proof, so this one was being opened meanwhile.
        try await storage.freeze("u_7Zk2", until: .noon + .seconds(9))
        try await storage.proofs.open(proof, ordering: nil)
        #expect(try await !change(storage, from: user.email))
        #expect(try await storage.users.find(user.id) == user)
        #expect(try await change(storage, from: user.email, at: .noon + .seconds(9)))
    }

    private func checkSignOut(_ storage: Storage, reset: () async throws -> Bool) async throws {
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        try await storage.sessions.start(.withEveryFieldSet(), replacing: nil)
        try await storage.sessions.start(
            .withEveryFieldSet(digest: .numbered(1), id: "sid-2", user: "u_other"), replacing: nil)
        #expect(
            try await storage.users.insert(.withEveryFieldSet(id: "u_other", email: "o@example.org", disabledAt: nil)))
        try await storage.codes.issue(.withEveryFieldSet(), under: .living())
        try await storage.proofs.open(.withEveryFieldSet(), ordering: nil)
        #expect(try await storage.grants.find(Grant.living().id, at: .noon)?.revokedAt == nil)
        #expect(try await reset())
        #expect(try await storage.sessions.find(Session.withEveryFieldSet().digest, at: .noon) == nil)
        #expect(try await storage.grants.find(Grant.living().id, at: .noon)?.revokedAt == .noon)
        #expect(try await storage.sessions.find(.numbered(1), at: .noon) != nil)
    }
}
