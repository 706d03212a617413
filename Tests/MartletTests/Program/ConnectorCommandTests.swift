import Glibc
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Martlet
@testable import SQLStores

@Suite("What commands do to connectors and links, by the built program")
struct ConnectorCommandTests {
    /// A person whom nothing opens but `g`, with a session and what a client got in it for longer.
    private struct Scene {
        let folder: TemporaryFolder
        let storage: SQLStorage
        var stores: Storage { storage.stores }
        let user = User.withNothingOptional(email: "ada@example.com")
        let now = Timestamp(seconds: Int64(time(nil)))

        init() async throws {
            folder = try TemporaryFolder()
            storage = try SQLStorage.openSQLite(at: folder.path("martlet.db"), role: .tool)
            #expect(try await stores.users.insert(user))
            #expect(try await stores.connectors.insert(.withNothingOptional()))
            let link = LinkedIdentity.withNothingOptional()
            #expect(try await stores.links.link(link) == .linked)
            let session = Session(
                digest: .numbered(1), id: SessionID(rawValue: "s"), userID: user.id, authenticatedAt: now, methods: [],
                startedAt: now, lastUsedAt: now, device: nil, network: nil, expiresAt: now + .seconds(3600))
            try await stores.sessions.start(session, replacing: nil)
            try await stores.upstreamSessions.note(
                UpstreamSession(
                    sessionID: session.id, connector: link.connector, subject: link.subject, providerSession: nil,
                    userID: user.id, sealedTokens: nil, createdAt: now, expiresAt: session.expiresAt))
            let grant = Grant(
                id: GrantID(rawValue: "offline"), clientID: ClientID("shop")!, userID: user.id, sessionID: session.id,
                scopes: [.openid, .offlineAccess], authenticatedAt: now, methods: [], createdAt: now,
                expiresAt: now + .seconds(86_400), refresh: nil, revokedAt: nil)
            #expect(try await stores.grants.begin(grant) != nil)
        }

        func martlet(_ line: String) async throws -> MartletProcess.Outcome {
            try await MartletProcess.run(
                line.split(separator: " ").map(String.init), in: folder,
                environment: ["MARTLET_DATABASE": "sqlite:" + folder.path("martlet.db")])
        }

        func hasSession() async throws -> Bool { try await !stores.sessions.list(of: user.id, at: now).isEmpty }

        func hasGrant() async throws -> Bool {
            try await stores.grants.find(GrantID(rawValue: "offline"), at: now)?.revokedAt == nil
        }
    }

    @Test func disablingSaysWhoHasNoOtherWayInAndEndsSessionsWhereAskedTo() async throws {
        let scene = try await Scene()
        let plain = try await scene.martlet("connector disable g")
        #expect(plain.status == 0 && plain.output.contains("1 account has no other way in"))
        #expect(try await scene.hasSession())
        // Also of one that is disabled already.
        let all = try await scene.martlet("connector disable g --end-sessions")
        #expect(all.status == 0 && all.output.contains("Ended 1 session."))
        #expect(try await !scene.hasSession())
        #expect(try await scene.hasGrant())
        let links = try await scene.martlet("user links ada@example.com")
        #expect(links.status == 0 && links.errors.contains("nothing opens the account now"))
        #expect(try await scene.martlet("connector enable g").status == 0)
        #expect(try await !scene.martlet("user links ada@example.com").errors.contains("nothing opens"))
        let removed = try await scene.martlet("connector remove g")
        #expect(removed.status == 0 && removed.output.contains("1 account has no other way in"))
        await scene.storage.close()
    }

    @Test func unlinkingEndsEverything() async throws {
        let scene = try await Scene()
        let last = try await scene.martlet("user unlink ada@example.com --connector g")
        #expect(last.status == 1 && last.errors.contains("nothing else opens the account"))
        #expect(try await scene.hasSession())
        #expect(try await scene.hasGrant())
        #expect(try await scene.stores.connectors.insert(.withNothingOptional(id: "h")))
        #expect(try await scene.stores.links.link(.withEveryFieldSet(connector: "h")) == .linked)
        #expect(try await scene.martlet("user unlink ada@example.com --connector g").status == 0)
        #expect(try await !scene.hasSession())
        #expect(try await !scene.hasGrant())
        let events = try await scene.stores.audit.unlinked(limit: 9)
        #expect(events.map(\.action) == ["identity_unlinked"])
        await scene.storage.close()
    }

    // Read by one operator, changed by another: whoever comes second is told, and changes nothing.
    @Test func whatSomebodyElseChangedMeanwhileStays() async throws {
        let stores = Storage.inMemory()
        let connector = Connector.withNothingOptional()
        #expect(try await stores.connectors.insert(connector))
        var (mine, theirs) = (connector, connector)
        (mine.name, theirs.name) = ("Mine", "Theirs")
        #expect(try await stores.connectors.replace(connector, by: theirs) == .replaced)
        let failure = await #expect(throws: CommandFailure.self) {
            try await ConnectorChange(connector, by: mine).apply(to: stores)
        }
        #expect(failure?.status == .conflict && failure?.sentence.contains("somebody else has changed") == true)
        #expect(try await stores.connectors.find(connector.id)?.name == "Theirs")
        let gone = await #expect(throws: CommandFailure.self) {
            try await ConnectorChange(.withNothingOptional(id: "h"), by: mine).apply(to: stores)
        }
        #expect(gone?.status == .failure)
    }
}
