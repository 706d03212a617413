import OAuthTypes
public import Stores
import Testing

/// What every `PersonStore` obeys.
public enum PersonStoreLaw: String, CaseIterable, Sendable {
    case unknownIsNil, theFirstHolds, oneHoldsUnderContention, peopleAreApart
    case erasedLeavesNothing, erasedSparesOthers, erasedIsGoneForGood, erasedEndsWhatIsUnderWay
    case erasureIsOnTheRecord, erasesOnceUnderContention

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.persons
        let (zoe, ada) = (UserID(rawValue: "u_7Zk2"), UserID(rawValue: "u_9"))
        #expect(try await storage.users.insert(.withEveryFieldSet(email: "zoë@example.org", disabledAt: nil)))
        #expect(try await storage.users.insert(.withNothingOptional(email: "ada@example.org")))
        switch self {
        case .unknownIsNil:
            #expect(try await store.key(of: zoe) == nil)
            #expect(try await !store.erase(UserID(rawValue: "u_none"), recording: .numbered(1)))
            #expect(try await storage.audit.unlinked(limit: 9).isEmpty)
        case .theFirstHolds:
            #expect(try await store.keep([1], of: zoe) == [1])
            #expect(try await store.keep([2], of: zoe) == [1])
            #expect(try await store.key(of: zoe) == [1])
        case .oneHoldsUnderContention:
            let number = Counter()
            let held = try await concurrently(16) { try await store.keep([UInt8(number.next())], of: zoe) }
            #expect(Set(held).count == 1)
            #expect(try await store.key(of: zoe) == held[0])
        case .peopleAreApart:
            #expect(try await store.keep([1], of: zoe) == [1])
            #expect(try await store.keep([2], of: ada) == [2])
            #expect(try await store.erase(zoe, recording: .numbered(1)))
            #expect(try await store.key(of: ada) == [2])
        case .erasedLeavesNothing:
            let belongings = Belongings(storage, of: "u_7Zk2", "zoë@example.org", number: 1)
            try await belongings.insert()
            #expect(try await belongings.left() == Belongings.names)
            #expect(try await store.erase(zoe, recording: .numbered(1)))
            #expect(try await belongings.left() == [])
            // The address is free for another account.
            #expect(try await storage.users.insert(.withEveryFieldSet(id: "u_new", email: "zoë@example.org")))
        case .erasedSparesOthers:
            let belongings = Belongings(storage, of: "u_9", "ada@example.org", number: 2)
            try await belongings.insert()
            // The address that an account had is somebody else's now.
            try await storage.recourses.open(.withEveryFieldSet(email: "ada@example.org"), ordering: .waiting("back"))
            #expect(try await store.erase(zoe, recording: .numbered(1)))
            #expect(try await belongings.left() == Belongings.names)
            #expect(try await storage.mails.list(after: nil, limit: 9).contains { $0.id.rawValue == "back" })
        case .erasedIsGoneForGood:
            #expect(try await store.keep([1], of: zoe) == [1])
            #expect(try await store.erase(zoe, recording: .numbered(1)))
            #expect(try await store.key(of: zoe) == nil)
            #expect(try await store.keep([2], of: zoe) == nil)
            #expect(try await store.key(of: zoe) == nil)
            // Also of whoever never had a key.
            #expect(try await store.erase(ada, recording: .numbered(2)))
            #expect(try await store.keep([2], of: ada) == nil)
        case .erasedEndsWhatIsUnderWay:
            #expect(try await store.erase(zoe, recording: .numbered(1)))
            let (late, other) = (Grant.living(id: "late"), Grant.living(id: "other", user: "u_9"))
            try await storage.sessions.start(.withEveryFieldSet(digest: .numbered(9), user: "u_9"), replacing: nil)
            try await storage.sessions.start(.withEveryFieldSet(digest: .numbered(8)), replacing: nil)
            try await storage.codes.issue(.withEveryFieldSet(digest: .numbered(1), grant: "late"), under: late)
            try await storage.codes.issue(.withEveryFieldSet(digest: .numbered(2), grant: "other"), under: other)
            #expect(try await storage.grants.find(late.id, at: .noon)?.revokedAt == late.createdAt)
            #expect(try await storage.grants.find(other.id, at: .noon)?.revokedAt == nil)
        case .erasureIsOnTheRecord:
            try await storage.audit.append([.numbered(1)])
            // All or nothing: a name that is taken leaves the person.
            await #expect(throws: StorageError.self) { try await store.erase(zoe, recording: .numbered(1)) }
            #expect(try await storage.users.find(zoe) != nil)
            #expect(try await store.erase(zoe, recording: .numbered(2)))
            #expect(try await storage.audit.unlinked(limit: 9) == [.numbered(1), .numbered(2)])
        case .erasesOnceUnderContention:
            let number = Counter()
            let outcomes = try await concurrently(8) { try await store.erase(zoe, recording: .numbered(number.next())) }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await storage.audit.unlinked(limit: 9).count == 1)
        }
    }
}

/// One record of everything that belongs to an account.
private struct Belongings: Sendable {
    let storage: Storage
    let user: UserID
    let email: Email
    let number: Int

    static let names: Set<String> = [
        "account", "session", "code", "grant", "consent", "authenticator", "recovery codes", "device", "first factor",
        "proof", "proof of the address", "proof of another address", "recourse", "mail", "mail to another address",
        "mail to an earlier address", "key", "profile", "membership", "opaque token", "link",
    ]

    init(_ storage: Storage, of user: String, _ email: String, number: Int) {
        self.storage = storage
        self.user = UserID(rawValue: user)
        self.email = Email(email)!
        self.number = number
    }

    private var client: ClientID { ClientID("shop 1~")! }
    private func digest(_ kind: Int) -> TokenDigest { .numbered(1000 * kind + number) }

    func insert() async throws {
        let factors = storage.secondFactors
        try await storage.sessions.start(
            .withEveryFieldSet(digest: digest(1), id: "s\(number)", user: user.rawValue), replacing: nil)
        try await storage.codes.issue(
            .withEveryFieldSet(digest: digest(2), grant: "g\(number)"),
            under: .living(id: "g\(number)", user: user.rawValue, session: "s\(number)"))
        try await storage.consents.remember([.openid], user: user, client: client, at: .noon)
        _ = try await factors.authenticators.propose(.proposed(user: user.rawValue))
        try await factors.recoveryCodes.replace([digest(3)], of: user)
        try await factors.devices.remember(.withEveryFieldSet(digest: digest(4), user: user.rawValue))
        try await factors.firstFactors.note(.withEveryFieldSet(place: digest(5), user: user.rawValue))
        try await storage.proofs.open(proof(6, of: user), ordering: mail)
        try await storage.proofs.open(proof(7, of: nil), ordering: nil)
        try await storage.proofs.open(
            proof(20, of: user, wanted), ordering: mail("w\(number)", to: wanted, proof: digest(20)))
        try await storage.recourses.open(
            .withEveryFieldSet(
                id: digest(8), user: user.rawValue, email: "before\(number)@example.org", link: digest(9)),
            ordering: .waiting("r\(number)", to: "before\(number)@example.org"))
        #expect(try await storage.links.link(.withEveryFieldSet(subject: "\(number)", user: user.rawValue)) == .linked)
        try await storage.pendingIdentities.note(.withEveryFieldSet(digest(30), user: user.rawValue))
        _ = try await storage.persons.keep([UInt8(number)], of: user)
        _ = try await storage.profiles.replace(.withEveryFieldSet(user: user.rawValue), at: .noon)
        _ = try await storage.profiles.tell(
            ProfileTelling(of: user, by: "login", [.name: "Zoë"], at: .noon), changing: nil)
        _ = try await storage.memberships.add(.group("staff"), to: user)
        #expect(try await storage.opaqueTokens.insert(.numbered(2000 + number, grant: "g\(number)")))
    }

    /// A second one of an address, as a sign-up of somebody who forgot that they have an account.
    private func proof(_ kind: Int, of user: UserID?, _ other: Email? = nil) -> EmailProof {
        EmailProof(
            id: digest(kind), purpose: user == nil ? .signUp : other == nil ? .resetPassword : .changeEmail,
            email: other ?? email, userID: user, name: "",
            passwordHash: nil, browser: nil, interaction: nil, link: digest(kind + 10), code: nil, codeExpiresAt: nil,
            guesses: 0, mails: 1, createdAt: .noon, expiresAt: .noon + .seconds(600))
    }

    /// An address that the account is to have.
    private var wanted: Email { Email("wanted\(number)@example.org")! }

    private var mail: MailOrder { mail("m\(number)", to: email, proof: digest(6)) }

    private func mail(_ id: String, to recipient: Email, proof: TokenDigest) -> MailOrder {
        MailOrder(
            id: MailID(rawValue: id), kind: .resetPassword, recipient: recipient, proof: proof,
            createdAt: .noon, sendBy: .noon + .seconds(60), expiresAt: .noon + .seconds(600), dueAt: .noon,
            attempts: 0, failure: nil, gaveUpAt: nil)
    }

    /// What of it is still there, by name.
    func left() async throws -> Set<String> {
        var left: Set<String> = []
        let factors = storage.secondFactors
        let hasAccount = try await storage.users.find(user) != nil
        if hasAccount {
            left.insert("account")
        } else {
            // Stores show nothing of an account that is not there.
            #expect(
                try await storage.users.insert(
                    .withEveryFieldSet(id: user.rawValue, email: "other\(number)@example.org", disabledAt: nil)))
        }
        if try await storage.sessions.find(digest(1), at: .noon) != nil { left.insert("session") }
        if try await storage.codes.find(digest(2), at: .noon) != nil { left.insert("code") }
        if try await storage.grants.find(GrantID(rawValue: "g\(number)"), at: .noon) != nil { left.insert("grant") }
        if try await !storage.consents.find(user: user, client: client).isEmpty { left.insert("consent") }
        if try await factors.authenticators.find(user) != nil { left.insert("authenticator") }
        if try await factors.recoveryCodes.count(of: user) > 0 { left.insert("recovery codes") }
        if try await factors.devices.find(digest(4), at: .noon) != nil { left.insert("device") }
        if try await factors.firstFactors.find(digest(5), at: .noon) != nil { left.insert("first factor") }
        if try await storage.proofs.find(digest(6), at: .noon) != nil { left.insert("proof") }
        if try await storage.proofs.find(digest(7), at: .noon) != nil { left.insert("proof of the address") }
        if try await storage.proofs.find(digest(20), at: .noon) != nil { left.insert("proof of another address") }
        let recipients = Set(try await storage.mails.list(after: nil, limit: 99).map(\.recipient))
        if recipients.contains(email) { left.insert("mail") }
        if recipients.contains(wanted) { left.insert("mail to another address") }
        if recipients.contains(Email("before\(number)@example.org")!) { left.insert("mail to an earlier address") }
        if try await storage.recourses.find(digest(8), at: .noon) != nil { left.insert("recourse") }
        if try await !storage.links.list(of: user).isEmpty { left.insert("link") }
        if try await storage.persons.key(of: user) != nil { left.insert("key") }
        if try await storage.profiles.find(user) != nil { left.insert("profile") }
        if try await !storage.memberships.find(user).isEmpty { left.insert("membership") }
        if try await storage.opaqueTokens.find(.numbered(2000 + number), at: .noon) != nil {
            left.insert("opaque token")
        }
        return left
    }
}
