import OAuthTypes
public import Stores
import Testing

/// What every `LinkedIdentityStore` obeys.
public enum LinkedIdentityStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, absentFieldsStayAbsent, unknownIsNil, subjectsAreComparedByteByByte, listsTheOldestFirst
    case oneAccountForAPersonAtAConnector, linksOnceUnderContention, needsAnAccount, aFrozenAccountGetsNone
    case makesAccountAndLinkOrNothing, makesOneAccountUnderContention, aUseIsNotedOnTheLinkOfItsAccountOnly
    case isUnlinkedByItsOwnerOnly, theLastWayInStays, theLastWayInStaysUnderContention, aDisabledConnectorIsNoWayIn
    case aLinkIsAWayInBesideAPasskey, aLinkWithoutAnAccountKeepsNobodyOut

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.links
        let (link, bare) = (LinkedIdentity.withEveryFieldSet(), LinkedIdentity.withNothingOptional())
        let (mine, other) = (UserID(rawValue: "u_9"), UserID(rawValue: "u_7Zk2"))
        // One without a password, one with.
        #expect(try await storage.users.insert(.withNothingOptional()))
        #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
        #expect(try await storage.connectors.insert(.withNothingOptional()))
        switch self {
        case .everyFieldComesBack:
            #expect(try await store.link(link) == .linked)
            #expect(try await store.find(link.connector, subject: link.subject) == link)
            #expect(try await store.list(of: mine) == [link])
        case .absentFieldsStayAbsent:
            #expect(try await store.link(bare) == .linked)
            #expect(try await store.find(bare.connector, subject: bare.subject) == bare)
        case .unknownIsNil:
            #expect(try await store.link(link) == .linked)
            #expect(try await store.find(link.connector, subject: "1") == nil)
            #expect(try await store.find(ConnectorID(rawValue: "h"), subject: link.subject) == nil)
            #expect(try await store.list(of: other) == [])
            #expect(try await !store.use(bare))
        case .subjectsAreComparedByteByByte:
            let (composed, split) = ("\u{E9}", "e\u{301}")
            for subject in [composed, "A", "a", "a "] {
                #expect(try await store.link(.withEveryFieldSet(subject: subject)) == .linked)
            }
            #expect(try await store.find(link.connector, subject: split) == nil)
            #expect(try await store.list(of: mine).count == 4)
        case .listsTheOldestFirst:
            for (subject, age) in [("b", 1), ("c", 0), ("a", 2)] {
                let link = LinkedIdentity.withEveryFieldSet(subject: subject, linkedAt: .noon + .seconds(age))
                #expect(try await store.link(link) == .linked)
            }
            #expect(try await store.list(of: mine).map(\.subject) == ["c", "b", "a"])
        case .oneAccountForAPersonAtAConnector:
            #expect(try await store.link(link) == .linked)
            #expect(try await store.link(.withEveryFieldSet(user: "u_7Zk2")) == .taken)
            #expect(try await store.link(.withEveryFieldSet(linkedAt: .noon + .seconds(9))) == .linked)
            #expect(try await store.find(link.connector, subject: link.subject) == link)
            // The same person elsewhere is somebody else.
            #expect(try await store.link(.withEveryFieldSet(connector: "h", user: "u_7Zk2")) == .linked)
        case .linksOnceUnderContention:
            let numbers = Counter()
            let outcomes = try await concurrently(16) {
                try await store.link(.withEveryFieldSet(user: numbers.next() % 2 == 0 ? "u_9" : "u_7Zk2"))
            }
            #expect(outcomes.count { $0 == .linked } == 8)
            #expect(outcomes.count { $0 == .taken } == 8)
        case .needsAnAccount:
            #expect(try await store.link(.withEveryFieldSet(user: "u_none")) == .noAccount)
            #expect(try await store.find(link.connector, subject: link.subject) == nil)
        case .aFrozenAccountGetsNone:
            let end = Timestamp.noon + .seconds(9)
            try await storage.freeze(other.rawValue, until: end)
            #expect(try await store.link(.withEveryFieldSet(user: "u_7Zk2")) == .noAccount)
            #expect(try await store.list(of: other).isEmpty)
            #expect(try await store.link(.withEveryFieldSet(user: "u_7Zk2", linkedAt: end)) == .linked)
            #expect(try await store.link(bare) == .linked)
        case .makesAccountAndLinkOrNothing:
            try await checkCreation(storage)
        case .makesOneAccountUnderContention:
            let numbers = Counter()
            // The same person, with another address each time.
            let outcomes = try await concurrently(8) {
                let number = numbers.next()
                let user = User.withNothingOptional(id: "u_n\(number)", email: "n\(number)@example.org")
                return try await store.create(user, linking: .withEveryFieldSet(user: "u_n\(number)"))
            }
            #expect(outcomes.count { $0 } == 1)
            // The same address, by another person each time.
            let others = try await concurrently(8) {
                let number = numbers.next()
                let user = User.withNothingOptional(id: "u_m\(number)", email: "one@example.org")
                return try await store.create(
                    user, linking: .withEveryFieldSet(subject: "\(number)", user: "u_m\(number)"))
            }
            #expect(others.count { $0 } == 1)
            #expect(try await storage.users.list(after: nil, limit: 99).count == 4)
        case .aUseIsNotedOnTheLinkOfItsAccountOnly:
            #expect(try await store.link(bare) == .linked)
            var used = bare
            used.email = "zoë@example.org"
            used.name = "Zoë 燕"
            used.lastUsedAt = .noon + .seconds(5)
            #expect(try await store.use(used))
            #expect(try await store.find(bare.connector, subject: bare.subject) == used)
            #expect(try await !store.use(.withNothingOptional(user: "u_7Zk2")))
            #expect(try await store.find(bare.connector, subject: bare.subject) == used)
        case .isUnlinkedByItsOwnerOnly:
            let theirs = LinkedIdentity.withEveryFieldSet(subject: "2", user: "u_7Zk2")
            #expect(try await store.link(link) == .linked)
            #expect(try await store.link(theirs) == .linked)
            #expect(try await store.unlink(link.connector, subject: link.subject, of: other) == .unknown)
            #expect(try await store.unlink(link.connector, subject: "none", of: mine) == .unknown)
            #expect(try await store.unlink(theirs.connector, subject: "2", of: other) == .removed)
            #expect(try await store.unlink(theirs.connector, subject: "2", of: other) == .unknown)
            #expect(try await store.list(of: mine) == [link])
        case .theLastWayInStays:
            #expect(try await store.link(link) == .linked)
            #expect(try await store.link(bare) == .linked)
            #expect(try await store.unlink(bare.connector, subject: bare.subject, of: mine) == .removed)
            #expect(try await store.unlink(link.connector, subject: link.subject, of: mine) == .lastWayIn)
            #expect(try await store.list(of: mine) == [link])
            #expect(try await storage.users.setPassword("hash", of: mine, at: .noon))
            #expect(try await store.unlink(link.connector, subject: link.subject, of: mine) == .removed)
        case .theLastWayInStaysUnderContention:
            let subjects = ["a", "b", "c", "d"]
            for subject in subjects {
                #expect(try await store.link(.withEveryFieldSet(subject: subject)) == .linked)
            }
            let numbers = Counter()
            let outcomes = try await concurrently(4) {
                try await store.unlink(link.connector, subject: subjects[numbers.next() % 4], of: mine)
            }
            #expect(outcomes.count { $0 == .removed } == 3)
            #expect(try await store.list(of: mine).count == 1)
        case .aDisabledConnectorIsNoWayIn:
            #expect(try await storage.connectors.insert(.withEveryFieldSet()))
            let dead = LinkedIdentity.withEveryFieldSet(connector: "azure-2")
            #expect(try await store.link(link) == .linked)
            #expect(try await store.link(dead) == .linked)
            #expect(try await store.unlink(link.connector, subject: link.subject, of: mine) == .lastWayIn)
            #expect(try await storage.connectors.replace(.withEveryFieldSet(disabledAt: nil)))
            #expect(try await store.unlink(link.connector, subject: link.subject, of: mine) == .removed)
        case .aLinkIsAWayInBesideAPasskey:
            let passkey = Passkey.withEveryFieldSet(user: "u_9")
            #expect(try await storage.secondFactors.passkeys.add(passkey, limit: 9) == .added)
            #expect(try await store.link(link) == .linked)
            #expect(try await store.unlink(link.connector, subject: link.subject, of: mine) == .removed)
            #expect(try await store.link(link) == .linked)
            #expect(try await storage.secondFactors.passkeys.remove(passkey.credentialID, of: mine) == .removed)
            #expect(try await store.unlink(link.connector, subject: link.subject, of: mine) == .lastWayIn)
        case .aLinkWithoutAnAccountKeepsNobodyOut:
            #expect(try await store.link(link) == .linked)
            #expect(try await storage.persons.erase(mine, recording: .numbered(1)))
            #expect(try await store.find(link.connector, subject: link.subject) == nil)
            #expect(try await store.link(.withEveryFieldSet(user: "u_7Zk2")) == .linked)
        }
    }

    private func checkCreation(_ storage: Storage) async throws {
        let store = storage.links
        let new = User.withNothingOptional(id: "u_new", email: "first@example.org")
        let link = LinkedIdentity.withEveryFieldSet(user: "u_new")
        // The address has an account, and then the person has.
        #expect(
            try await !store.create(
                .withNothingOptional(id: "u_new", email: "new@example.org"), linking: link))
        #expect(try await store.find(link.connector, subject: link.subject) == nil)
        #expect(try await !store.create(.withNothingOptional(email: "first@example.org"), linking: link))
        #expect(try await store.create(new, linking: link))
        #expect(try await storage.users.find(new.id) == new)
        #expect(try await store.find(link.connector, subject: link.subject) == link)
        let second = User.withNothingOptional(id: "u_two", email: "second@example.org")
        #expect(try await !store.create(second, linking: .withEveryFieldSet(user: "u_two")))
        #expect(try await storage.users.find(second.id) == nil)
        #expect(try await store.create(second, linking: .withEveryFieldSet(subject: "2", user: "u_two")))
    }
}
