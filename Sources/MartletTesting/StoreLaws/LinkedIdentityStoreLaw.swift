import OAuthTypes
public import Stores
import Testing

/// What every `LinkedIdentityStore` obeys.
public enum LinkedIdentityStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, absentFieldsStayAbsent, unknownIsNil, subjectsAreComparedByteByByte, listsTheOldestFirst
    case oneAccountForAPersonAtAConnector, linksOnceUnderContention, needsAnAccount, aFrozenAccountGetsNone
    case makesAccountAndLinkOrNothing, makesOneAccountUnderContention, aUseIsNotedOnTheLinkOfItsAccountOnly
    case isUnlinkedByItsOwnerOnly, theLastWayInStays, theLastWayInStaysUnderContention, aDisabledConnectorIsNoWayIn
    case aLinkIsAWayInBesideAPasskey, aLinkWithoutAnAccountKeepsNobodyOut, itsWordGoesWithIt
    case aNewPasswordByMailUnlinksTheFounder, anotherProvenAddressKeepsTheFounder
    case whoIsDisabledOrLeavingGetsNone, whatCameByItEndsWithIt, everythingElseEndsWithIt, isNotedWithItOrNotAtAll
    case countsWhoHasNoOtherWayIn, listsPeopleOfAConnectorByPages

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
        case .whoIsDisabledOrLeavingGetsNone:
            #expect(try await storage.users.disable(mine, at: .noon))
            #expect(try await store.link(link) == .noAccount)
            #expect(try await storage.users.enable(mine))
            #expect(try await store.link(link) == .linked)
            #expect(
                try await storage.holds.leave(
                    other, erasedAt: .noon + .seconds(9), at: .noon, recourse: nil, ordering: nil))
            #expect(try await store.link(.withEveryFieldSet(subject: "2", user: "u_7Zk2")) == .noAccount)
            #expect(try await storage.holds.stay(other))
            #expect(try await store.link(.withEveryFieldSet(subject: "2", user: "u_7Zk2")) == .linked)
        case .whatCameByItEndsWithIt, .everythingElseEndsWithIt:
            try await checkEnding(storage)
        case .isNotedWithItOrNotAtAll:
            try await checkEvent(storage)
        case .listsPeopleOfAConnectorByPages:
            let subjects = (0..<103).map { "s\($0)" } + ["S", "é", "z"]
            for subject in subjects {
                #expect(try await store.link(.withEveryFieldSet(subject: subject)) == .linked)
            }
            #expect(try await store.link(.withEveryFieldSet(connector: "h", subject: "elsewhere")) == .linked)
            let first = try await store.list(at: link.connector, after: "")
            let second = try await store.list(at: link.connector, after: first.last?.subject ?? "")
            let sorted = subjects.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            #expect(first.map(\.subject) == Array(sorted.prefix(100)))
            #expect(second.map(\.subject) == Array(sorted.dropFirst(100)))
            #expect(try await store.list(at: link.connector, after: "é").isEmpty)
        case .countsWhoHasNoOtherWayIn:
            #expect(try await storage.connectors.insert(.withNothingOptional(id: "h")))
            func count() async throws -> Int { try await store.countOpened(onlyBy: link.connector) }
            #expect(try await count() == 0)
            // Twice by the same connector, and somebody with a password.
            for link in [link, bare, .withEveryFieldSet(subject: "3", user: "u_7Zk2")] {
                #expect(try await store.link(link) == .linked)
            }
            #expect(try await count() == 1)
            var connector = Connector.withNothingOptional()
            connector.disabledAt = .noon
            #expect(try await storage.connectors.replace(connector))
            #expect(try await count() == 1)
            #expect(try await store.link(.withEveryFieldSet(connector: "h")) == .linked)
            // By either of two: neither is the only one.
            #expect(try await count() == 0)
            #expect(try await store.countOpened(onlyBy: ConnectorID(rawValue: "h")) == 1)
            #expect(try await storage.users.disable(mine, at: .noon))
            #expect(try await store.countOpened(onlyBy: ConnectorID(rawValue: "h")) == 0)
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
        case .aNewPasswordByMailUnlinksTheFounder, .anotherProvenAddressKeepsTheFounder:
            try await checkFounder(storage)
        case .itsWordGoesWithIt:
            let theirs = LinkedIdentity.withEveryFieldSet(user: "u_7Zk2")
            #expect(try await store.link(theirs) == .linked)
            let connector = theirs.connector.rawValue
            let name = try #require(MembershipName("staff"))
            for source in [connector, "h", Membership.operator] {
                #expect(try await storage.memberships.add(Membership(.group, name, from: source), to: other))
                #expect(
                    try await storage.profiles.tell(
                        ProfileTelling(of: other, by: source, [.name: "Zoë"], at: .noon), changing: nil))
            }
            #expect(try await store.unlink(theirs.connector, subject: theirs.subject, of: mine) == .unknown)
            #expect(try await storage.memberships.find(other).count == 3)
            for (number, connector) in [theirs.connector, ConnectorID(rawValue: "h")].enumerated() {
                let waiting = PendingIdentity.withEveryFieldSet(.numbered(870 + number))
                try await storage.pendingIdentities.note(
                    PendingIdentity(
                        digest: waiting.digest, browser: waiting.browser, connector: connector,
                        subject: waiting.subject, providerSession: nil, userID: other, sealed: [],
                        createdAt: .noon, expiresAt: waiting.expiresAt))
            }
            #expect(try await store.unlink(theirs.connector, subject: theirs.subject, of: other) == .removed)
            #expect(try await storage.memberships.find(other).map(\.source) == [Membership.operator, "h"])
            #expect(try await storage.profiles.tellings(of: other).map(\.source) == [ProfileTelling.person, "h"])
            #expect(try await storage.pendingIdentities.find(.numbered(870), at: .noon) == nil)
            #expect(try await storage.pendingIdentities.find(.numbered(871), at: .noon) != nil)
        }
    }

    /// What ends with a link: of the sessions of its account those that began by it, or all but one, or all.
    private func checkEnding(_ storage: Storage) async throws {
        let user = UserID(rawValue: "u_7Zk2")
        let endings: [(LinkEnding, sessions: Set<String>, grants: Set<String>)] =
            self == .whatCameByItEndsWithIt
            ? [
                (.whatCameByIt(but: nil), ["password", "other"], ["password", "other", "old"]),
                (
                    .whatCameByIt(but: .numbered(701)), ["password", "other", "by-it"],
                    ["password", "other", "by-it", "old"]
                ),
            ]
            : [
                (.others(but: .numbered(700)), ["password"], ["password", "old"]), (.everything, [], []),
            ]
        #expect(try await storage.connectors.insert(.withNothingOptional(id: "h")))
        #expect(try await storage.clients.insert(.withEveryFieldSet()))
        for (number, (ending, sessions, grants)) in endings.enumerated() {
            let link = LinkedIdentity.withEveryFieldSet(user: user.rawValue, linkedAt: .noon - .seconds(60))
            #expect(try await storage.links.link(link) == .linked)
            // By what each began; the last two are over, one from before the link.
            let all = [("password", ""), ("by-it", "g"), ("other", "h"), ("ended", ""), ("old", "")]
            for (place, (name, connector)) in all.enumerated() {
                let id = "\(name)-\(number)"
                try await storage.sessions.start(
                    .withEveryFieldSet(digest: .numbered(700 + place), id: id), replacing: nil)
                if !connector.isEmpty {
                    let upstream = UpstreamSession.withEveryFieldSet(id: id, connector: connector)
                    try await storage.upstreamSessions.note(
                        UpstreamSession(
                            sessionID: upstream.sessionID, connector: upstream.connector, subject: link.subject,
                            providerSession: nil, userID: user, sealedTokens: nil, createdAt: .noon,
                            expiresAt: upstream.expiresAt))
                }
                let before = name == "old" ? link.linkedAt - .seconds(1) : .noon
                _ = try await storage.grants.begin(
                    .offline(id, of: user, in: id, createdAt: before),
                    in: Participation(
                        id: ParticipationID(rawValue: id), sessionID: SessionID(rawValue: id),
                        clientID: Client.withEveryFieldSet().id, userID: user, createdAt: .noon,
                        expiresAt: .noon + .seconds(9999)))
                if place > 2 { _ = try await storage.sessions.end(.numbered(700 + place), at: .noon) }
            }
            let parting = LinkParting.withEveryFieldSet(
                link.connector, subject: link.subject, user: user, ending: ending, at: .noon + .seconds(1))
            #expect(try await storage.links.unlink(parting) == .removed)
            var (living, held) = (Set<String>(), Set<String>())
            for (name, _) in all {
                let id = "\(name)-\(number)"
                if try await storage.sessions.find(SessionID(rawValue: id), of: user, at: .noon) != nil {
                    living.insert(name)
                }
                if try await storage.grants.find(GrantID(rawValue: id), at: .noon)?.revokedAt == nil {
                    held.insert(name)
                }
            }
            #expect(living == sessions, "\(ending)")
            let told = try await storage.participations.list(after: nil, limit: 99).map(\.id.rawValue)
            let ended = all.map { $0.0 }.filter { !sessions.contains($0) }.map { "\($0)-\(number)" }
            #expect(told.filter { $0.hasSuffix("-\(number)") }.sorted() == ended.sorted(), "\(ending)")
            #expect(held == grants, "\(ending)")
            #expect(
                try await storage.upstreamSessions.list(link.connector, at: .noon).isEmpty
                    == !sessions.contains("by-it"))
            _ = try await storage.sessions.endAll(of: user, except: nil, at: .noon + .seconds(2))
        }
    }

    /// The event and the mail are there where the link is gone, and nowhere else.
    private func checkEvent(_ storage: Storage) async throws {
        let (alone, user) = (UserID(rawValue: "u_9"), UserID(rawValue: "u_7Zk2"))
        let link = LinkedIdentity.withEveryFieldSet(user: user.rawValue)
        let last = LinkedIdentity.withEveryFieldSet(subject: "2")
        for link in [link, last] { #expect(try await storage.links.link(link) == .linked) }
        func part(_ link: LinkedIdentity, _ event: String) async throws -> LinkRemoval {
            let recourse = Recourse.withEveryFieldSet(user: link.userID.rawValue)
            return try await storage.links.unlink(
                .withEveryFieldSet(
                    link.connector, subject: link.subject, user: link.userID, event: event,
                    notice: (recourse, .waiting("mail of \(event)"))))
        }
        func noted() async throws -> [String] { try await storage.audit.unlinked(limit: 9).map(\.id) }
        func ordered() async throws -> [String] {
            try await storage.mails.list(after: nil, limit: 9).map(\.id.rawValue)
        }
        #expect(try await part(last, "1") == .lastWayIn)
        #expect(try await storage.links.list(of: alone) == [last])
        #expect(try await part(.withEveryFieldSet(subject: "none", user: user.rawValue), "2") == .unknown)
        #expect(try await noted().isEmpty)
        #expect(try await ordered().isEmpty)
        // The event cannot be noted: nothing has changed.
        let taken = AuditEvent.numbered(3)
        try await storage.audit.append([taken])
        await #expect(throws: (any Error).self) { try await part(link, taken.id) }
        #expect(try await storage.links.list(of: user) == [link])
        #expect(try await part(link, "4") == .removed)
        #expect(try await Set(noted()) == [taken.id, "4"])
        #expect(try await ordered() == ["mail of 4"])
    }

    /// Whose address only a connector has vouched for may be somebody else's.
    private func checkFounder(_ storage: Storage) async throws {
        let user = User.withNothingOptional(id: "u_new", email: "founder@example.org")
        let founder = LinkedIdentity.withEveryFieldSet(user: "u_new")
        let later = LinkedIdentity.withEveryFieldSet(subject: "2", user: "u_new", linkedAt: .noon + .seconds(1))
        #expect(try await storage.links.create(user, linking: founder))
        #expect(try await storage.links.link(later) == .linked)
        let name = try #require(MembershipName("staff"))
        let said = Membership(.group, name, from: founder.connector.rawValue)
        #expect(try await storage.memberships.add(said, to: user.id))
        if self == .anotherProvenAddressKeepsTheFounder {
            try await storage.proofs.open(proof(.changeEmail, of: "own@example.org", number: 61), ordering: nil)
            #expect(
                try await storage.proofs.changeEmail(
                    by: .numbered(61), from: user.email, at: .noon,
                    recourse: .withEveryFieldSet(user: "u_new"), ordering: []))
        }
        try await storage.proofs.open(proof(.resetPassword, of: "founder@example.org", number: 63), ordering: nil)
        #expect(
            try await storage.proofs.resetPassword(
                by: .numbered(64), to: "hash", at: .noon, ordering: .waiting("reset")))
        let isKept = self == .anotherProvenAddressKeepsTheFounder
        #expect(try await storage.links.list(of: user.id) == (isKept ? [founder, later] : [later]))
        #expect(try await storage.memberships.find(user.id) == (isKept ? [said] : []))
        try await checkImportedFounders(storage)
    }

    /// Who moves in with a link is no more believed than who comes by one.
    private func checkImportedFounders(_ storage: Storage) async throws {
        for (number, isProven) in [(70, true), (80, false)] {
            let id = "u_import_\(number)"
            var user = User.withNothingOptional(id: id, email: "\(id)@example.org")
            user.isEmailVerified = isProven
            user.passwordHash = "imported"
            let link = LinkedIdentity.withEveryFieldSet(subject: id, user: id)
            #expect(
                try await storage.users.insert([ImportedAccount(user: user, authenticator: nil, links: [link])])
                    == [true])
            let proof = try proof(.resetPassword, of: "\(id)@example.org", number: number, user: id)
            try await storage.proofs.open(proof, ordering: nil)
            #expect(
                try await storage.proofs.resetPassword(
                    by: .numbered(number + 1), to: "hash", at: .noon, ordering: .waiting("reset \(number)")))
            #expect(try await storage.links.list(of: user.id) == (isProven ? [link] : []))
        }
    }

    private func proof(
        _ purpose: EmailProof.Purpose, of email: String, number: Int, user: String = "u_new"
    ) throws -> EmailProof {
        EmailProof(
            id: .numbered(number), purpose: purpose, email: try #require(Email(email)),
            userID: UserID(rawValue: user), name: "", passwordHash: nil, browser: nil, interaction: nil,
            link: .numbered(number + 1), code: nil, codeExpiresAt: nil, guesses: 0, mails: 1, createdAt: .noon,
            expiresAt: .noon + .seconds(600))
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

extension Grant {
    /// What a client got with `offline_access`.
    fileprivate static func offline(_ id: String, of user: UserID, in session: String, createdAt: Timestamp) -> Grant {
        Grant(
            id: GrantID(rawValue: id), clientID: Client.withEveryFieldSet().id, userID: user,
            sessionID: SessionID(rawValue: session), scopes: [.openid, .offlineAccess], authenticatedAt: .noon,
            methods: [.password], createdAt: createdAt, expiresAt: .noon + .seconds(30 * 86400),
            refresh: .withEveryFieldSet(), revokedAt: nil)
    }
}
