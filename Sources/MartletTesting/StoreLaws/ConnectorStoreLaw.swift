import OAuthTypes
public import Stores
import Testing

/// What every `ConnectorStore` obeys.
public enum ConnectorStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, absentFieldsStayAbsent, unknownIsNil, aTakenIdentifierChangesNothing
    case insertsOnceUnderContention, listsByPlaceThenIdentifier, replacesAllButWhatItIs, removalTakesItsLinks
    case aNewOneInheritsNothing, whatSomebodyElseChangedStays, replacesOnceUnderContention
    case removalTakesHoweverMuchThereIs

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.connectors
        let connector = Connector.withEveryFieldSet()
        let other = Connector.withNothingOptional()
        switch self {
        case .everyFieldComesBack:
            #expect(try await store.insert(connector))
            #expect(try await store.find(connector.id) == connector)
        case .absentFieldsStayAbsent:
            #expect(try await store.insert(other))
            #expect(try await store.find(other.id) == other)
        case .unknownIsNil:
            #expect(try await store.insert(connector))
            #expect(try await store.find(other.id) == nil)
            #expect(try await !store.replace(other))
            #expect(try await !store.remove(other.id))
            #expect(try await store.list() == [connector])
        case .aTakenIdentifierChangesNothing:
            #expect(try await store.insert(connector))
            #expect(try await !store.insert(.withNothingOptional(id: connector.id.rawValue)))
            #expect(try await store.list() == [connector])
        case .insertsOnceUnderContention:
            let outcomes = try await concurrently(32) { try await store.insert(connector) }
            #expect(outcomes.count { $0 } == 1)
        case .listsByPlaceThenIdentifier:
            #expect(try await store.list() == [])
            for (id, position) in [("b", 1), ("c", -1), ("a", 1), ("a-1", 0)] {
                #expect(try await store.insert(.withNothingOptional(id: id, position: position)))
            }
            #expect(try await store.list().map(\.id.rawValue) == ["c", "a-1", "a", "b"])
        case .replacesAllButWhatItIs:
            #expect(try await store.insert(.withNothingOptional(id: connector.id.rawValue)))
            #expect(try await store.insert(other))
            #expect(try await store.replace(connector))
            let expected = Connector(
                id: connector.id, kind: .openID, preset: connector.preset, name: connector.name,
                settings: connector.settings, sealedSecret: connector.sealedSecret, position: connector.position,
                createdAt: .noon, updatedAt: connector.updatedAt, disabledAt: connector.disabledAt)
            #expect(try await store.find(connector.id) == expected)
            #expect(try await store.find(other.id) == other)
        case .whatSomebodyElseChangedStays:
            let read = Connector.withEveryFieldSet(disabledAt: nil)
            #expect(try await store.insert(read))
            var (mine, theirs) = (read, read)
            mine.name = "Mine"
            theirs.disabledAt = .noon
            // In the same moment as what was read.
            #expect(try await store.replace(read, by: mine) == .replaced)
            let kept = try #require(try await store.find(read.id))
            #expect(kept.name == "Mine" && kept.updatedAt > read.updatedAt)
            theirs.updatedAt = kept.updatedAt + .seconds(9)
            #expect(try await store.replace(read, by: theirs) == .changed)
            #expect(try await store.find(read.id) == kept)
            #expect(try await store.replace(kept, by: theirs) == .replaced)
            #expect(try await store.find(read.id) == theirs)
            // A secret under another master key, or none, is not what was read either.
            for secret in [[9], nil] as [[UInt8]?] {
                var other = theirs
                other.sealedSecret = secret
                #expect(try await store.replace(other, by: mine) == .changed)
            }
            #expect(try await store.replace(.withNothingOptional(), by: .withNothingOptional()) == .unknown)
        case .replacesOnceUnderContention:
            #expect(try await store.insert(other))
            let outcomes = try await concurrently(16) { try await store.replace(other, by: other) }
            #expect(outcomes.count { $0 == .replaced } == 1)
            #expect(outcomes.count { $0 == .changed } == 15)
        case .aNewOneInheritsNothing:
            // Somebody linked while the one before was removed.
            #expect(try await storage.users.insert(.withNothingOptional()))
            let link = LinkedIdentity.withEveryFieldSet(connector: other.id.rawValue)
            let elsewhere = LinkedIdentity.withEveryFieldSet(connector: "elsewhere")
            let name = try #require(MembershipName("staff"))
            for link in [link, elsewhere] {
                #expect(try await storage.links.link(link) == .linked)
                let said = Membership(.group, name, from: link.connector.rawValue)
                #expect(try await storage.memberships.add(said, to: link.userID))
            }
            try await storage.pendingIdentities.note(.withNothingOptional())
            #expect(try await store.insert(other))
            #expect(try await storage.links.list(of: link.userID) == [elsewhere])
            #expect(try await storage.memberships.find(link.userID).map(\.source) == ["elsewhere"])
            #expect(
                try await storage.pendingIdentities.find(
                    PendingIdentity.withNothingOptional().digest, at: .noon - .seconds(1)) == nil)
            // Of one that is there nothing is taken.
            #expect(try await storage.links.link(link) == .linked)
            #expect(try await !store.insert(other))
            #expect(try await storage.links.list(of: link.userID).count == 2)
        case .removalTakesHoweverMuchThereIs:
            #expect(try await store.insert(connector))
            #expect(try await store.insert(other))
            let name = try #require(MembershipName("staff"))
            let accounts = (0..<520).map { number in
                let id = UserID(rawValue: "u_\(number)")
                return ImportedAccount(
                    user: .withNothingOptional(id: id.rawValue, email: "\(number)@example.com"), authenticator: nil,
                    memberships: Set([connector, other].map { Membership(.group, name, from: $0.id.rawValue) }),
                    links: [connector, other].map {
                        LinkedIdentity(
                            connector: $0.id, subject: "\(number)", userID: id, email: nil, name: nil, linkedAt: .noon,
                            lastUsedAt: nil)
                    })
            }
            #expect(try await storage.users.insert(accounts).allSatisfy { $0 })
            let (first, last) = (accounts[0].user.id, accounts[519].user.id)
            // What it said stays with nobody, though its link was taken away before.
            #expect(try await storage.links.unlink(connector.id, subject: "0", of: first) == .removed)
            #expect(
                try await storage.memberships.add(Membership(.group, name, from: connector.id.rawValue), to: first))
            let telling = ProfileTelling(of: first, by: connector.id.rawValue, [.name: "Ada"], at: .noon)
            #expect(try await storage.profiles.tell(telling, changing: nil))
            #expect(try await store.remove(connector.id))
            for user in [first, last, accounts[260].user.id] {
                #expect(try await storage.links.list(of: user).map(\.connector) == [other.id])
                #expect(try await storage.memberships.find(user).map(\.source) == [other.id.rawValue])
            }
            #expect(try await storage.profiles.tellings(of: first) == [])
            #expect(try await storage.links.find(connector.id, subject: "300") == nil)
        case .removalTakesItsLinks:
            #expect(try await storage.users.insert(.withNothingOptional()))
            #expect(try await store.insert(connector))
            #expect(try await store.insert(other))
            let (mine, theirs) = (
                LinkedIdentity.withEveryFieldSet(connector: connector.id.rawValue), LinkedIdentity.withEveryFieldSet()
            )
            #expect(try await storage.links.link(mine) == .linked)
            #expect(try await storage.links.link(theirs) == .linked)
            let session = Session.withEveryFieldSet()
            #expect(try await storage.users.insert(.withEveryFieldSet(disabledAt: nil)))
            try await storage.sessions.start(session, replacing: nil)
            try await storage.upstreamSessions.note(.withEveryFieldSet(connector: connector.id.rawValue))
            #expect(try await storage.upstreamSessions.find(session.id, at: .noon) != nil)
            #expect(try await store.remove(connector.id))
            #expect(try await !store.remove(connector.id))
            #expect(try await storage.upstreamSessions.find(session.id, at: .noon) == nil)
            #expect(try await store.list() == [other])
            #expect(try await storage.links.list(of: theirs.userID) == [theirs])
        }
    }
}
