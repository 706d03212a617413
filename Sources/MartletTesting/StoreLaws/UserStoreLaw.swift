import OAuthTypes
public import Stores
import Testing

/// What every `UserStore` obeys.
public enum UserStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, absentFieldsStayAbsent, unknownIsNil, aTakenIdentifierChangesNothing
    case importsWithAllThatBelongsToIt, importsAroundWhatIsTaken, importsNobodyByALinkOfAnother
    case aTakenAddressChangesNothing, insertsOnceUnderContention, addressesAreComparedByteByByte, pagesThroughTheList
    case aNewPasswordEndsEverything, aNewPasswordOutrunsRequestsUnderWay, aPasswordIsUpgradedOnlyFromTheOld
    case aChangedPasswordEndsEverything, aPasswordIsChangedOnceUnderContention, aFrozenAccountKeepsItsPassword
    case aNewNameChangesNothingElse, aLanguageChangesNothingElse
    case aPasswordGoesOnlyWhereAPasskeyStays, theLastWayInStaysUnderContention
    case codesByMailChangeOnceUnderContention, codesByMailGoWithTheirRecoveryCodes, aFrozenAccountKeepsItsCodesByMail
    case disablingEndsEverything, disablingAgainKeepsTheMoment, aDisabledAccountGetsNothingNew
    case enablingLetsSignInAgain, theEndOfAllIsKnown, aHashIsFoundByItsPlace

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let user = User.withEveryFieldSet(disabledAt: nil)
        let other = User.withNothingOptional()
        let store = storage.users
        switch self {
        case .everyFieldComesBack:
            let user = User.withEveryFieldSet(mailCodes: .afterRecovery)
            #expect(try await store.insert(user))
            #expect(try await store.find(user.id) == user)
            #expect(try await store.find(user.email) == user)
            #expect(try await store.list(after: nil, limit: 9) == [user])
        case .absentFieldsStayAbsent:
            #expect(try await store.insert(other))
            #expect(try await store.find(other.id) == other)
            #expect(try await store.find(other.email) == other)
        case .unknownIsNil:
            #expect(try await store.insert(user))
            #expect(try await store.find(other.id) == nil)
            #expect(try await store.find(other.email) == nil)
            #expect(try await !store.disable(other.id, at: .noon))
            #expect(try await !store.setPassword("x", of: other.id, at: .noon))
            #expect(try await !store.upgradePassword(of: other.id, from: "x", to: "y"))
            #expect(try await store.find(user.id) == user)
        case .aTakenIdentifierChangesNothing:
            #expect(try await store.insert(user))
            let twin = User.withNothingOptional(id: user.id.rawValue)
            #expect(try await !store.insert(twin))
            #expect(try await store.find(user.id) == user)
            #expect(try await store.find(twin.email) == nil)
        case .aTakenAddressChangesNothing:
            #expect(try await store.insert(user))
            let twin = User.withNothingOptional(email: user.email.rawValue)
            #expect(try await !store.insert(twin))
            #expect(try await store.find(user.email) == user)
            #expect(try await store.find(twin.id) == nil)
        case .importsWithAllThatBelongsToIt:
            let user = User.withEveryFieldSet()
            let key = TOTPKey(
                userID: user.id, sealed: [1, 2, 3], createdAt: .noon, confirmedAt: .noon, lastStep: nil)
            let link = LinkedIdentity.withNothingOptional(user: user.id.rawValue)
            let accounts = [
                ImportedAccount(user: other, authenticator: nil, memberships: [.group("staff")]),
                ImportedAccount(
                    user: user, authenticator: key, memberships: [.role("admin"), .group("staff")], links: [link]),
            ]
            #expect(try await store.insert(accounts) == [true, true])
            #expect(try await store.find(user.id) == user)
            #expect(try await store.find(other.email) == other)
            #expect(try await storage.secondFactors.authenticators.find(user.id) == key)
            #expect(try await storage.secondFactors.authenticators.find(other.id) == nil)
            #expect(try await storage.memberships.find(user.id) == [.group("staff"), .role("admin")])
            #expect(try await storage.memberships.find(other.id) == [.group("staff")])
            #expect(try await storage.links.list(of: user.id) == [link])
            #expect(try await storage.links.list(of: other.id).isEmpty)
            #expect(try await store.insert([]) == [])
        case .importsAroundWhatIsTaken:
            #expect(try await store.insert(user))
            let key = TOTPKey(
                userID: user.id, sealed: [1], createdAt: .noon, confirmedAt: .noon, lastStep: nil)
            let twin = User.withNothingOptional(id: "u_twin", email: user.email.rawValue)
            let again = User.withNothingOptional(id: user.id.rawValue, email: "again@example.org")
            let accounts = [
                ImportedAccount(user: twin, authenticator: nil), ImportedAccount(user: other, authenticator: nil),
                ImportedAccount(user: again, authenticator: key, memberships: [.role("admin")]),
                ImportedAccount(user: other, authenticator: nil),
            ]
            #expect(try await store.insert(accounts) == [false, true, false, false])
            #expect(try await store.find(user.id) == user)
            #expect(try await store.find(other.id) == other)
            #expect(try await store.find(again.email) == nil)
            #expect(try await storage.secondFactors.authenticators.find(user.id) == nil)
            #expect(try await storage.memberships.find(user.id).isEmpty)
        case .importsNobodyByALinkOfAnother:
            let link = LinkedIdentity.withNothingOptional(user: user.id.rawValue)
            let same = LinkedIdentity.withNothingOptional(user: other.id.rawValue)
            let free = LinkedIdentity.withNothingOptional(subject: "free", user: other.id.rawValue)
            let accounts = [
                ImportedAccount(user: user, authenticator: nil, links: [link]),
                ImportedAccount(user: other, authenticator: nil, memberships: [.role("admin")], links: [free, same]),
            ]
            #expect(try await store.insert(accounts) == [true, false])
            #expect(try await store.find(other.id) == nil)
            #expect(try await storage.memberships.find(other.id).isEmpty)
            #expect(try await storage.links.find(free.connector, subject: free.subject) == nil)
            #expect(try await storage.links.find(link.connector, subject: link.subject) == link)
            #expect(
                try await store.insert([ImportedAccount(user: other, authenticator: nil, links: [free])]) == [true])
            #expect(try await storage.links.list(of: other.id) == [free])
        case .insertsOnceUnderContention:
            let outcomes = try await concurrently(32) { try await store.insert(user) }
            #expect(outcomes.count { $0 } == 1)
        case .addressesAreComparedByteByByte:
            // Alike to a person, not to who delivers the mail: a Latin and a Cyrillic letter.
            let (one, two) = ("zoe@example.org", "zo\u{435}@example.org")
            #expect(try await store.insert(.withNothingOptional(id: "u_1", email: one)))
            #expect(try await store.find(Email(two)!) == nil)
            #expect(try await store.insert(.withNothingOptional(id: "u_2", email: two)))
            #expect(try await store.find(Email(one)!)?.id.rawValue == "u_1")
        case .pagesThroughTheList:
            #expect(try await store.list(after: nil, limit: 3) == [])
            // By bytes: "é" is after "z".
            let addresses = ["a@x.org", "b@x.org", "b@y.org", "z@x.org", "é@x.org"]
            for (number, address) in addresses.enumerated().reversed() {
                #expect(try await store.insert(.withNothingOptional(id: "u_\(number)", email: address)))
            }
            #expect(try await store.list(after: nil, limit: 2).map(\.email.rawValue) == Array(addresses[..<2]))
            #expect(
                try await store.list(after: Email("b@x.org"), limit: 2).map(\.email.rawValue) == Array(addresses[2..<4])
            )
            #expect(
                try await store.list(after: Email("m@x.org"), limit: 9).map(\.email.rawValue) == Array(addresses[3...]))
            #expect(try await store.list(after: Email("é@x.org"), limit: 9) == [])
            #expect(try await store.list(after: nil, limit: 0) == [])
        case .aNewPasswordEndsEverything:
            try await checkEnding(of: user, in: storage) { try await store.setPassword("$new", of: user.id, at: $0) }
            var changed = user
            changed.passwordHash = "$new"
            #expect(try await store.find(user.id) == changed)
            // Whoever signs in with it is signed in.
            let session = Session.withEveryFieldSet(digest: .numbered(9), authenticatedAt: .noon + .seconds(10))
            try await storage.sessions.start(session, replacing: nil)
            #expect(try await storage.sessions.find(session.digest, at: .noon + .seconds(10)) == session)
            try await storage.codes.issue(
                .withEveryFieldSet(digest: .numbered(9), grant: "g-9"), under: .living(id: "g-9"))
        case .aNewPasswordOutrunsRequestsUnderWay:
            #expect(try await store.insert(user))
            #expect(try await store.setPassword("$new", of: user.id, at: .noon + .seconds(2)))
            try await checkNothingStarts(for: user, signedInAt: .noon + .seconds(1), in: storage)
        case .aPasswordIsUpgradedOnlyFromTheOld:
            let old = user.passwordHash ?? ""
            #expect(try await store.insert(user))
            #expect(try await store.insert(other))
            #expect(try await !store.upgradePassword(of: user.id, from: "$wrong", to: "$new"))
            #expect(try await !store.upgradePassword(of: other.id, from: "", to: "$new"))
            #expect(try await store.find(user.id) == user)
            let outcomes = try await concurrently(32) {
                try await store.upgradePassword(of: user.id, from: old, to: "$new")
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.find(user.id)?.passwordHash == "$new")
            #expect(try await store.find(other.id) == other)
        case .aChangedPasswordEndsEverything:
            let mail = MailOrder.waiting("m")
            let recourse = Recourse.withEveryFieldSet()
            try await checkEnding(of: user, in: storage) {
                try await store.changePassword(
                    of: user.id, from: user.passwordHash, to: "$new", at: $0, recourse: recourse, ordering: mail)
            }
            #expect(try await store.find(user.id)?.passwordHash == "$new")
            #expect(try await storage.recourses.find(recourse.id, at: .noon) == recourse)
            #expect(try await storage.mails.list(after: nil, limit: 9) == [mail])
        case .aPasswordIsChangedOnceUnderContention:
            #expect(try await store.insert(user))
            let old = user.passwordHash
            for wrong in [nil, "", "$wrong"] {
                #expect(
                    try await !store.changePassword(of: user.id, from: wrong, to: "$new", at: .noon, ordering: nil))
            }
            let outcomes = try await concurrently(16) {
                try await store.changePassword(of: user.id, from: old, to: "$new", at: .noon, ordering: nil)
            }
            #expect(outcomes.count { $0 } == 1)
            // One that had none gets its first.
            var bare = other
            bare.passwordHash = nil
            #expect(try await store.insert(bare))
            #expect(try await store.changePassword(of: bare.id, from: nil, to: "$1", at: .noon, ordering: nil))
            #expect(try await store.find(bare.id)?.passwordHash == "$1")
        case .aFrozenAccountKeepsItsPassword:
            #expect(try await store.insert(user))
            let end = Timestamp.noon + .seconds(9)
            try await storage.freeze(user.id.rawValue, until: end)
            let mail = MailOrder.waiting("m")
            @Sendable func change(at now: Timestamp) async throws -> Bool {
                try await store.changePassword(of: user.id, from: "$mailed", to: "$new", at: now, ordering: mail)
            }
            // Who gets a link by mail sets one all the same.
            #expect(try await store.setPassword("$mailed", of: user.id, at: .noon))
            #expect(try await !change(at: end - .microseconds(1)))
            #expect(try await store.find(user.id)?.passwordHash == "$mailed")
            #expect(try await change(at: end))
            #expect(try await store.disable(user.id, at: end))
            #expect(
                try await !store.changePassword(of: user.id, from: "$new", to: "$3", at: end, ordering: nil))
        case .aNewNameChangesNothingElse:
            let closed = User.withEveryFieldSet(id: "u_closed", email: "closed@example.org")
            for user in [user, other, closed] { #expect(try await store.insert(user)) }
            var changed = user
            changed.name = "Zoë 燕"
            changed.updatedAt = .noon + .seconds(99)
            #expect(try await store.rename(user.id, to: "Zoë 燕", at: .noon + .seconds(99)) == changed)
            #expect(try await store.find(user.id) == changed)
            #expect(try await store.find(other.id) == other)
            #expect(try await store.rename(closed.id, to: "x", at: .noon) == nil)
            #expect(try await store.find(closed.id) == closed)
            #expect(try await store.rename(UserID(rawValue: "u_none"), to: "x", at: .noon) == nil)
        case .aLanguageChangesNothingElse:
            for user in [user, other] { #expect(try await store.insert(user)) }
            try await store.setLanguage("fr", of: user.id)
            try await store.setLanguage("fr", of: UserID(rawValue: "u_none"))
            var changed = user
            changed.language = "fr"
            #expect(try await store.find(user.id) == changed)
            #expect(try await store.find(other.id) == other)
        case .aHashIsFoundByItsPlace:
            for (number, id) in ["u_B", "u_a", "u_c", "u_d", "u_e", "u_f"].enumerated() {
                #expect(
                    try await store.insert(.withNothingOptional(id: id, email: "\(number)@example.org")))
            }
            #expect(try await store.setPassword("$B", of: UserID(rawValue: "u_B"), at: .noon))
            #expect(try await store.setPassword("$e", of: UserID(rawValue: "u_e"), at: .noon))
            let places = [
                ("", "$B"), ("u_B", "$B"), ("u_C", "$e"), ("u_a", "$e"), ("u_e", "$e"), ("u_f", nil), ("u_g", nil),
            ]
            for (place, hash) in places {
                #expect(try await store.passwordHash(near: UserID(rawValue: place)) == hash, "\(place)")
            }
            #expect(try await store.setPassword("$f", of: UserID(rawValue: "u_f"), at: .noon))
            #expect(try await store.passwordHash(near: UserID(rawValue: "u_e")) == "$e")
            // The fifth is not looked at.
            for id in ["u_B", "u_a"] {
                #expect(
                    try await storage.persons.erase(UserID(rawValue: id), recording: .numbered(id == "u_B" ? 1 : 2)))
            }
            #expect(try await store.insert(.withNothingOptional(id: "u_b", email: "b@example.org")))
            #expect(try await store.passwordHash(near: UserID(rawValue: "u_b")) == "$e")
            #expect(try await store.insert(.withNothingOptional(id: "u_b1", email: "b1@example.org")))
            #expect(try await store.passwordHash(near: UserID(rawValue: "u_b")) == nil)
        case .theEndOfAllIsKnown:
            #expect(try await store.insert(user))
            #expect(try await store.insert(other))
            #expect(try await store.signedOutAt(user.id) == nil)
            #expect(try await store.setPassword("$new", of: user.id, at: .noon + .seconds(3)))
            #expect(try await store.signedOutAt(user.id) == .noon + .seconds(3))
            #expect(try await store.signedOutAt(other.id) == nil)
            #expect(try await store.signedOutAt(UserID(rawValue: "u_none")) == nil)
            try await storage.freeze(other.id.rawValue, until: .noon + .seconds(9), at: .noon + .seconds(4))
            #expect(try await store.signedOutAt(other.id) == .noon + .seconds(4))
        case .aPasswordGoesOnlyWhereAPasskeyStays: try await checkRemovals(storage)
        case .theLastWayInStaysUnderContention:
            #expect(try await store.insert(user))
            let passkeys = storage.secondFactors.passkeys
            #expect(try await passkeys.add(.withEveryFieldSet(user: user.id.rawValue), limit: 9) == .added)
            let id = Passkey.withEveryFieldSet().credentialID
            let old = user.passwordHash ?? ""
            let numbers = Counter()
            let outcomes = try await concurrently(16) {
                numbers.next().isMultiple(of: 2)
                    ? try await store.removePassword(of: user.id, from: old, at: .noon)
                    : try await passkeys.remove(id, of: user.id) == .removed
            }
            #expect(outcomes.count { $0 } == 1)
            let hasPassword = try await store.find(user.id)?.passwordHash != nil
            #expect(try await passkeys.list(of: user.id).isEmpty == hasPassword)
        case .codesByMailChangeOnceUnderContention:
            #expect(try await store.insert(other))
            #expect(try await !store.changeMailCodes(of: other.id, from: .on, to: .off))
            let outcomes = try await concurrently(16) {
                try await store.changeMailCodes(of: other.id, from: .off, to: .on)
            }
            #expect(outcomes.count { $0 } == 1)
            var changed = other
            changed.mailCodes = .on
            #expect(try await store.find(other.id) == changed)
            #expect(try await !store.changeMailCodes(of: user.id, from: .off, to: .on))
        case .aFrozenAccountKeepsItsCodesByMail:
            let end = Timestamp.noon + .seconds(9)
            #expect(try await store.insert(user))
            try await storage.freeze(user.id.rawValue, until: end)
            #expect(
                try await !store.changeMailCodes(of: user.id, from: .off, to: .on, at: end - .microseconds(1)))
            #expect(try await store.changeMailCodes(of: user.id, from: .off, to: .on, at: end))
        case .codesByMailGoWithTheirRecoveryCodes:
            #expect(try await store.insert(other))
            let factors = storage.secondFactors
            #expect(try await store.changeMailCodes(of: other.id, from: .off, to: .on))
            try await factors.recoveryCodes.replace([.numbered(1)], of: other.id)
            try await factors.devices.remember(.withEveryFieldSet(user: other.id.rawValue))
            // Another factor that goes leaves them.
            #expect(try await !factors.authenticators.remove(other.id))
            #expect(try await factors.recoveryCodes.count(of: other.id) == 1)
            #expect(try await store.changeMailCodes(of: other.id, from: .on, to: .off))
            #expect(try await factors.recoveryCodes.count(of: other.id) == 0)
            #expect(try await factors.devices.list(of: other.id, at: .noon).isEmpty)
        case .disablingEndsEverything:
            try await checkEnding(of: user, in: storage) { try await store.disable(user.id, at: $0) }
            var changed = user
            changed.disabledAt = .noon + .seconds(10)
            #expect(try await store.find(user.id) == changed)
        case .disablingAgainKeepsTheMoment:
            #expect(try await store.insert(user))
            #expect(try await store.disable(user.id, at: .noon))
            #expect(try await store.disable(user.id, at: .noon + .seconds(1)))
            #expect(try await store.find(user.id)?.disabledAt == .noon)
        case .enablingLetsSignInAgain:
            let sessions = storage.sessions
            #expect(try await store.insert(user))
            #expect(try await store.insert(other))
            try await sessions.start(.withEveryFieldSet(digest: .numbered(1), user: user.id.rawValue), replacing: nil)
            #expect(try await store.disable(user.id, at: .noon))
            #expect(try await store.enable(user.id))
            #expect(try await store.find(user.id) == user)
            #expect(try await !store.enable(user.id))
            #expect(try await !store.enable(UserID(rawValue: "u_none")))
            #expect(try await store.find(other.id) == other)
            #expect(try await sessions.find(.numbered(1), at: .noon) == nil)
            try await sessions.start(.withEveryFieldSet(digest: .numbered(2), user: user.id.rawValue), replacing: nil)
            #expect(try await sessions.find(.numbered(2), at: .noon) != nil)
        case .aDisabledAccountGetsNothingNew:
            #expect(try await store.insert(user))
            #expect(try await store.disable(user.id, at: .noon))
            try await checkNothingStarts(for: user, signedInAt: .noon + .seconds(1), in: storage)
        }
    }

    private func checkRemovals(_ storage: Storage) async throws {
        let store = storage.users
        let passkeys = storage.secondFactors.passkeys
        let user = User.withEveryFieldSet(disabledAt: nil)
        let old = user.passwordHash ?? ""
        #expect(try await store.insert(user))
        @Sendable func remove(_ old: String) async throws -> Bool {
            try await store.removePassword(
                of: user.id, from: old, at: .noon, recourse: .withEveryFieldSet(), ordering: .waiting("m"))
        }
        #expect(try await !remove(old))
        // Somebody else's passkey, and one that has never verified its user, open nothing.
        #expect(try await store.insert(.withNothingOptional()))
        #expect(try await passkeys.add(.withNothingOptional(user: user.id.rawValue), limit: 9) == .added)
        #expect(try await passkeys.add(.withEveryFieldSet(8, user: "u_9"), limit: 9) == .added)
        #expect(try await !remove(old))
        #expect(try await passkeys.add(.withEveryFieldSet(7, user: user.id.rawValue), limit: 9) == .added)
        #expect(try await !remove("$wrong"))
        #expect(try await store.find(user.id) == user)
        try await storage.secondFactors.firstFactors.note(
            .withEveryFieldSet(user: user.id.rawValue, provenAt: .noon))
        // What is not done is not told.
        let recourse = Recourse.withEveryFieldSet()
        #expect(try await storage.recourses.find(recourse.id, at: .noon) == nil)
        #expect(try await storage.mails.list(after: nil, limit: 9) == [])
        #expect(try await remove(old))
        #expect(try await storage.recourses.find(recourse.id, at: .noon) == recourse)
        #expect(try await storage.mails.list(after: nil, limit: 9) == [.waiting("m")])
        var bare = user
        bare.passwordHash = nil
        #expect(try await store.find(user.id) == bare)
        // A password that waited for its second factor waits no more.
        let place = FirstFactor.withEveryFieldSet().place
        #expect(try await storage.secondFactors.firstFactors.find(place, at: .noon) == nil)
        #expect(try await !remove(old))
        // Nor does a frozen account lose its password, whatever opened it meanwhile.
        let end = Timestamp.noon + .seconds(9)
        try await storage.freeze(user.id.rawValue, until: end)
        #expect(try await store.setPassword("$again", of: user.id, at: .noon))
        let late = Passkey.withEveryFieldSet(6, user: user.id.rawValue, createdAt: end)
        #expect(try await passkeys.add(late, limit: 9) == .added)
        #expect(try await !remove("$again"))
        #expect(try await store.removePassword(of: user.id, from: "$again", at: end))
    }

    /// The step ends sessions and grants of the account, also those that outlive a session, and nobody else's.
    private func checkEnding(
        of user: User, in storage: Storage, by step: (Timestamp) async throws -> Bool
    ) async throws {
        let moment = Timestamp.noon + .seconds(10)
        #expect(try await storage.users.insert(user))
        #expect(try await storage.users.insert(.withNothingOptional()))
        for (offset, id) in [user.id.rawValue, "u_9"].enumerated() {
            try await storage.sessions.start(.withEveryFieldSet(digest: .numbered(offset), user: id), replacing: nil)
            try await storage.codes.issue(
                .withEveryFieldSet(digest: .numbered(offset), grant: "g-\(offset)"),
                under: .living(id: "g-\(offset)", user: id, scopes: [.openid, .offlineAccess])
            )
            try await storage.proofs.open(
                .withEveryFieldSet(id: .numbered(offset), link: .numbered(offset), user: id), ordering: nil)
        }
        #expect(try await step(moment))
        for offset in 0...1 {
            let isSpared = offset == 1
            let grant = try await storage.grants.find(GrantID(rawValue: "g-\(offset)"), at: moment)
            #expect(grant?.revokedAt == (isSpared ? nil : moment))
            #expect(try await (storage.sessions.find(.numbered(offset), at: moment) != nil) == isSpared)
            let redemption = try await storage.codes.redeem(.numbered(offset), at: moment)
            #expect((redemption != .unknown) == isSpared)
            #expect(try await (storage.proofs.find(link: .numbered(offset), at: moment) != nil) == isSpared)
        }
    }

    /// What a request that began before the step still starts is dead from its birth.
    private func checkNothingStarts(for user: User, signedInAt moment: Timestamp, in storage: Storage) async throws {
        let now = moment + .seconds(5)
        try await storage.sessions.start(
            .withEveryFieldSet(digest: .numbered(1), authenticatedAt: moment), replacing: nil)
        #expect(try await storage.sessions.find(.numbered(1), at: now) == nil)
        // `Grant.living()` was authenticated one second after noon.
        try await storage.codes.issue(.withEveryFieldSet(), under: .living())
        #expect(try await storage.codes.redeem(AuthorizationCode.withEveryFieldSet().digest, at: now) == .unknown)
        #expect(try await storage.grants.find(Grant.living().id, at: now)?.revokedAt != nil)
    }
}
