import Identity
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("The end of what began by a connector")
struct ConnectorSessionsTests {
    private let storage = Storage.inMemory()
    private let clock = TestClock(.noon)

    private func begin(_ number: Int, of user: String = "u_9", by connector: String?) async throws {
        let id = "s\(number)"
        try await storage.sessions.start(
            .withEveryFieldSet(digest: .numbered(number), id: id, user: user), replacing: nil)
        guard let connector else { return }
        try await storage.upstreamSessions.note(
            UpstreamSession(
                sessionID: SessionID(rawValue: id), connector: ConnectorID(rawValue: connector), subject: "\(number)",
                providerSession: nil, userID: UserID(rawValue: user), sealedTokens: nil, createdAt: .noon,
                expiresAt: .noon + .seconds(3600)))
    }

    private func living(_ user: String = "u_9") async throws -> [String] {
        try await storage.sessions.list(of: UserID(rawValue: user), at: .noon).map(\.id.rawValue).sorted()
    }

    @Test func thoseOfAProviderEndAndNoOthers() async throws {
        #expect(try await storage.users.insert(.withNothingOptional()))
        try await begin(1, by: nil)
        try await begin(2, by: "h")
        for number in 3..<253 { try await begin(number, by: "g") }
        let ended = try await ConnectorSessions(storage, clock: clock).end(by: .withNothingOptional())
        #expect(ended == 250)
        #expect(try await living() == ["s1", "s2"])
        #expect(try await ConnectorSessions(storage, clock: clock).end(by: .withNothingOptional()) == 0)
    }

    @Test(.spec("OpenID Connect Back-Channel Logout §2.7"))
    func clientsAreToldAndKeepWhatTheyGotForLonger() async throws {
        #expect(try await storage.users.insert(.withNothingOptional()))
        try await begin(1, by: "g")
        for (id, scopes) in [("plain", [.openid]), ("offline", [.openid, .offlineAccess])] as [(String, ScopeSet)] {
            let grant = Grant.living(id: id, user: "u_9", session: "s1", scopes: scopes)
            _ = try await storage.grants.begin(
                grant,
                in: Participation(
                    id: ParticipationID(rawValue: id), sessionID: grant.sessionID, clientID: grant.clientID,
                    userID: grant.userID, createdAt: .noon, expiresAt: .noon + .seconds(3600)))
        }
        #expect(try await ConnectorSessions(storage, clock: clock).end(by: .withNothingOptional()) == 1)
        #expect(try await storage.participations.list(after: nil, limit: 9).isEmpty == false)
        #expect(try await storage.grants.find(GrantID(rawValue: "plain"), at: .noon)?.revokedAt != nil)
        #expect(try await storage.grants.find(GrantID(rawValue: "offline"), at: .noon)?.revokedAt == nil)
    }

    @Test func ofADirectoryAllPeopleAreSignedOut() async throws {
        for user in [User.withNothingOptional(), .withEveryFieldSet(disabledAt: nil)] {
            #expect(try await storage.users.insert(user))
        }
        try await begin(1, by: nil)
        try await begin(2, of: "u_7Zk2", by: nil)
        #expect(try await storage.links.link(.withEveryFieldSet(connector: "corp")) == .linked)
        let corp = Connector(
            id: ConnectorID(rawValue: "corp"), kind: .ldap, preset: nil, name: "Corp", settings: "{}",
            sealedSecret: nil, position: 0, createdAt: .noon, updatedAt: .noon, disabledAt: nil)
        #expect(try await ConnectorSessions(storage, clock: clock).end(by: corp) == 1)
        #expect(try await living().isEmpty)
        #expect(try await living("u_7Zk2") == ["s2"])
    }
}
