import Identity
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Browser sessions", .spec("E-02", "E-03", "ASVS 7.2"))
struct SessionsTests {
    private struct Scene {
        let storage = Storage.inMemory()
        let clock = TestClock()
        let sessions: Sessions
        let zoe = User.withNothingOptional(id: "u_zoe", email: "zoe@example.org")
        let ada = User.withNothingOptional(id: "u_ada", email: "ada@example.org")

        init() async throws {
            sessions = Sessions(
                storage.sessions, clock: clock, random: SeededRandom(), lifetime: .seconds(24 * 3600))
            _ = try await storage.users.insert(zoe)
            _ = try await storage.users.insert(ada)
        }

        /// A living grant of a session; nil once it was revoked.
        func grant(_ id: String, in session: Session, scopes: ScopeSet = [.openid]) async throws {
            let grant = Grant.living(
                id: id, user: session.userID.rawValue, session: session.id.rawValue, scopes: scopes)
            let code = AuthorizationCode.withEveryFieldSet(digest: .numbered(id.hashValue), grant: id)
            try await storage.codes.issue(code, under: grant)
        }

        func isRevoked(_ id: String) async throws -> Bool {
            try await storage.grants.find(GrantID(rawValue: id), at: clock.now)?.revokedAt != nil
        }
    }

    @Test func areFoundByTheSecretOfTheCookieAlone() async throws {
        let scene = try await Scene()
        let (secret, session) = try await scene.sessions.start(for: scene.zoe.id, by: [.password], replacing: nil)
        #expect(secret.utf8.count == 43)
        #expect(session.authenticatedAt == scene.clock.now)
        #expect(session.methods == [.password])
        #expect(try await scene.sessions.find(secret) == session)
        for other in [
            "", session.id.rawValue, String(secret.dropLast()), secret + "A", String(repeating: "A", count: 43),
        ] {
            #expect(try await scene.sessions.find(other) == nil)
        }
    }

    @Test(.spec("THREATS session fixation", "ASVS 7.2.4"))
    func getANewSecretAtEverySignInAndTheOldOneDies() async throws {
        let scene = try await Scene()
        let (old, _) = try await scene.sessions.start(for: scene.zoe.id, by: [.password], replacing: nil)
        let (new, session) = try await scene.sessions.start(for: scene.zoe.id, by: [.password], replacing: old)
        #expect(old != new)
        #expect(try await scene.sessions.find(old) == nil)
        #expect(try await scene.sessions.find(new) == session)
        // A secret that an attacker planted becomes no session.
        let (fresh, _) = try await scene.sessions.start(for: scene.zoe.id, by: [.password], replacing: "planted")
        #expect(fresh != "planted")
        #expect(try await scene.sessions.find("planted") == nil)
    }

    @Test(.spec("T-28", "L-19", "Back-Channel Logout §2.7"))
    func keepWhatClientsKnowThemByWhenThePersonProvesAgainWhoTheyAre() async throws {
        let scene = try await Scene()
        let (old, before) = try await scene.sessions.start(for: scene.zoe.id, by: [.password], replacing: nil)
        try await scene.grant("g1", in: before)
        scene.clock.advance(by: .seconds(60))
        let (_, after) = try await scene.sessions.start(for: scene.zoe.id, by: [.password], replacing: old)
        #expect(after.id == before.id)
        #expect(after.authenticatedAt == before.authenticatedAt + .seconds(60))
        #expect(try await !scene.isRevoked("g1"))
        // So signing out ends what was given before, too.
        _ = try await scene.storage.sessions.end(after.digest, at: scene.clock.now)
        #expect(try await scene.isRevoked("g1"))
    }

    @Test(.spec("T-28", "L-19"))
    func endWithTheirGrantsWhenSomebodyElseSignsIn() async throws {
        let scene = try await Scene()
        let (old, before) = try await scene.sessions.start(for: scene.zoe.id, by: [.password], replacing: nil)
        try await scene.grant("g1", in: before)
        try await scene.grant("g2", in: before, scopes: [.openid, .offlineAccess])
        let (_, after) = try await scene.sessions.start(for: scene.ada.id, by: [.password], replacing: old)
        #expect(after.id != before.id)
        #expect(try await scene.sessions.find(old) == nil)
        #expect(try await scene.isRevoked("g1"))
        #expect(try await !scene.isRevoked("g2"))
    }

    @Test(.spec("E-04"))
    func endAtTheLatestWhenTheyWereSetTo() async throws {
        let scene = try await Scene()
        let (secret, _) = try await scene.sessions.start(for: scene.zoe.id, by: [.password], replacing: nil)
        scene.clock.advance(by: .seconds(24 * 3600 - 1))
        #expect(try await scene.sessions.find(secret) != nil)
        scene.clock.advance(by: .seconds(1))
        #expect(try await scene.sessions.find(secret) == nil)
    }

    @Test(.spec("E-03", "ASVS 7.4.2"))
    func endWithTheAccount() async throws {
        let scene = try await Scene()
        let (zoes, _) = try await scene.sessions.start(for: scene.zoe.id, by: [.password], replacing: nil)
        let (adas, _) = try await scene.sessions.start(for: scene.ada.id, by: [.password], replacing: nil)
        scene.clock.advance(by: .seconds(1))
        _ = try await scene.storage.users.disable(scene.zoe.id, at: scene.clock.now)
        #expect(try await scene.sessions.find(zoes) == nil)
        #expect(try await scene.sessions.find(adas) != nil)
        _ = try await scene.storage.users.setPassword("hash", of: scene.ada.id, at: scene.clock.now)
        #expect(try await scene.sessions.find(adas) == nil)
    }
}
