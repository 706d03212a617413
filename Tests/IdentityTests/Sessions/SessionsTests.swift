import Identity
import JOSE
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
        let (secret, session) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
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
        let (old, _) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        let (new, session) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: old, on: .unknown)
        #expect(old != new)
        #expect(try await scene.sessions.find(old) == nil)
        #expect(try await scene.sessions.find(new) == session)
        // A secret that an attacker planted becomes no session.
        let (fresh, _) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: "planted", on: .unknown)
        #expect(fresh != "planted")
        #expect(try await scene.sessions.find("planted") == nil)
    }

    @Test(.spec("T-28", "L-19", "Back-Channel Logout §2.7"))
    func keepWhatClientsKnowThemByWhenThePersonProvesAgainWhoTheyAre() async throws {
        let scene = try await Scene()
        let (old, before) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        try await scene.grant("g1", in: before)
        scene.clock.advance(by: .seconds(60))
        let (_, after) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: old, on: .unknown)
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
        let (old, before) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        try await scene.grant("g1", in: before)
        try await scene.grant("g2", in: before, scopes: [.openid, .offlineAccess])
        let (_, after) = try await scene.sessions.start(
            for: scene.ada.id, by: [.password], provenAt: scene.sessions.now, replacing: old, on: .unknown)
        #expect(after.id != before.id)
        #expect(try await scene.sessions.find(old) == nil)
        #expect(try await scene.isRevoked("g1"))
        #expect(try await !scene.isRevoked("g2"))
    }

    @Test(.spec("E-04"))
    func endAtTheLatestWhenTheyWereSetTo() async throws {
        let scene = try await Scene()
        let (secret, _) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        scene.clock.advance(by: .seconds(24 * 3600 - 1))
        #expect(try await scene.sessions.find(secret) != nil)
        scene.clock.advance(by: .seconds(1))
        #expect(try await scene.sessions.find(secret) == nil)
    }

    @Test(.spec("E-03", "ASVS 7.4.2"))
    func endWithTheAccount() async throws {
        let scene = try await Scene()
        let (zoes, _) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        let (adas, _) = try await scene.sessions.start(
            for: scene.ada.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        scene.clock.advance(by: .seconds(1))
        _ = try await scene.storage.users.disable(scene.zoe.id, at: scene.clock.now)
        #expect(try await scene.sessions.find(zoes) == nil)
        #expect(try await scene.sessions.find(adas) != nil)
        _ = try await scene.storage.users.setPassword("hash", of: scene.ada.id, at: scene.clock.now)
        #expect(try await scene.sessions.find(adas) == nil)
    }

    private func sessions(
        _ scene: Scene, idle: Duration? = nil, binding: SessionBinding = [], store: (any SessionStore)? = nil
    ) -> Sessions {
        Sessions(
            store ?? scene.storage.sessions, clock: scene.clock, random: SystemRandom(), lifetime: .seconds(24 * 3600),
            idleLifetime: idle, binding: binding)
    }

    private static let linux = BrowserTraits(userAgent: "Firefox/128.0 Linux", address: [192, 0, 2, 7])

    @Test(.spec("E-04"))
    func endWhenNobodyUsesThem() async throws {
        let scene = try await Scene()
        let sessions = sessions(scene, idle: .seconds(3600))
        let (secret, session) = try await sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: sessions.now, replacing: nil, on: .unknown)
        for _ in 1...5 {
            scene.clock.advance(by: .seconds(3000))
            #expect(try await sessions.find(secret) != nil)
        }
        #expect(sessions.timeLeft(of: session) <= .seconds(3600))
        // A minute more, since the last use is written once a minute.
        scene.clock.advance(by: .seconds(3660))
        #expect(try await sessions.find(secret) == nil)
        #expect(try await sessions.list(of: scene.zoe.id).isEmpty)
        // It can still be signed out of.
        #expect(try await sessions.findToEnd(secret)?.id == session.id)
        try await sessions.end(session)
        #expect(try await sessions.findToEnd(secret) == nil)
    }

    /// Counts the uses that are written.
    private struct CountingSessions: SessionStore {
        let base: any SessionStore
        let writes = Counter()

        func start(_ session: Session, replacing old: TokenDigest?) async throws {
            try await base.start(session, replacing: old)
        }
        func renew(_ session: Session, from old: TokenDigest, at now: Timestamp) async throws -> Bool {
            try await base.renew(session, from: old, at: now)
        }
        func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Session? {
            try await base.find(digest, at: now)
        }
        func find(_ id: SessionID, of user: UserID, at now: Timestamp) async throws -> Session? {
            try await base.find(id, of: user, at: now)
        }
        func touch(
            _ digest: TokenDigest, from network: String?, at now: Timestamp, unlessSince moment: Timestamp
        ) async throws {
            _ = writes.next()
            try await base.touch(digest, from: network, at: now, unlessSince: moment)
        }
        func list(of user: UserID, at now: Timestamp) async throws -> [Session] {
            try await base.list(of: user, at: now)
        }
        func end(_ digest: TokenDigest, at now: Timestamp) async throws -> Session? {
            try await base.end(digest, at: now)
        }
        func endAll(of user: UserID, except digest: TokenDigest?, at now: Timestamp) async throws -> Int {
            try await base.endAll(of: user, except: digest, at: now)
        }
        func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
            try await base.sweep(expiredBy: now, limit: limit)
        }
    }

    @Test func areWrittenOnceAMinuteHoweverOftenTheyAreUsed() async throws {
        let scene = try await Scene()
        let counting = CountingSessions(base: scene.storage.sessions)
        let sessions = sessions(scene, store: counting)
        let (secret, _) = try await sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: sessions.now, replacing: nil, on: SessionsTests.linux)
        let elsewhere = BrowserTraits(userAgent: "Firefox/129.0 Linux", address: [198, 51, 100, 7])
        for _ in 1...59 {
            #expect(try await sessions.find(secret, seen: elsewhere) != nil)
            scene.clock.advance(by: .seconds(1))
        }
        // The number that the counter gives next is how often it was asked before.
        #expect(counting.writes.next() == SessionsTests.firstNumber)
        scene.clock.advance(by: .seconds(1))
        for _ in 1...5 { #expect(try await sessions.find(secret, seen: elsewhere) != nil) }
        #expect(counting.writes.next() == SessionsTests.firstNumber + 2)
        let listed = try #require(try await sessions.list(of: scene.zoe.id).first)
        #expect(listed.network == "198.51.100.0/24" && listed.device == "Firefox on Linux")
        #expect(listed.lastUsedAt == listed.startedAt + .seconds(60))
    }

    /// What a fresh counter gives first.
    private static let firstNumber = Counter().next()

    @Test(
        arguments: [
            (SessionBinding(), true, true), (.browser, false, true), (.network, true, false),
            ([.browser, .network], false, false),
        ] as [(SessionBinding, Bool, Bool)])
    func areBoundToWhatTheOperatorWants(
        _ binding: SessionBinding, otherBrowser: Bool, otherNetwork: Bool
    ) async throws {
        let scene = try await Scene()
        let sessions = sessions(scene, binding: binding)
        let (secret, _) = try await sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: sessions.now, replacing: nil, on: SessionsTests.linux)
        let browser = BrowserTraits(userAgent: "Chrome/126.0 Windows", address: [192, 0, 2, 7])
        let network = BrowserTraits(userAgent: "Firefox/128.0 Linux", address: [198, 51, 100, 7])
        let neighbour = BrowserTraits(userAgent: "Firefox/129.0 Linux", address: [192, 0, 2, 8])
        #expect(try await (sessions.find(secret, seen: browser) != nil) == otherBrowser)
        #expect(try await (sessions.find(secret, seen: network) != nil) == otherNetwork)
        #expect(try await sessions.find(secret, seen: neighbour) != nil)
        #expect(try await sessions.find(secret, seen: SessionsTests.linux) != nil)
    }

    @Test(.spec("ASVS 7.2.4"))
    func getANewSecretWhenTheyMayDoMore() async throws {
        let scene = try await Scene()
        let (old, before) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        scene.clock.advance(by: .seconds(9))
        let (new, after) = try #require(
            try await scene.sessions.renew(before, adding: [.oneTimePassword, .multipleFactors]))
        #expect(old != new)
        #expect(try await scene.sessions.find(old) == nil)
        #expect(try await scene.sessions.find(new) == after)
        #expect(after.id == before.id && after.authenticatedAt == before.authenticatedAt)
        #expect(after.expiresAt == before.expiresAt)
        #expect(after.methods == [.password, .oneTimePassword, .multipleFactors])
    }

    @Test(.spec("ASVS 7.4.1"))
    func doNotComeBackByARequestThatWasUnderWay() async throws {
        let scene = try await Scene()
        let (secret, session) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        #expect(try await scene.sessions.renew(session, adding: []) != nil)
        #expect(try await scene.sessions.renew(session, adding: []) == nil)
        #expect(try await scene.sessions.end(session.id, of: scene.zoe.id))
        #expect(try await scene.sessions.renew(session, adding: []) == nil)
        #expect(try await scene.sessions.find(secret) == nil)
        #expect(try await scene.sessions.list(of: scene.zoe.id).isEmpty)
    }

    @Test func areNeverTwoForClientsHoweverManySignInsContinueOne() async throws {
        let scene = try await Scene()
        let (old, before) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        let (sessions, user) = (scene.sessions, scene.zoe.id)
        let random = Sessions(
            scene.storage.sessions, clock: scene.clock, random: SystemRandom(), lifetime: .seconds(3600))
        let started = try await concurrently(16) {
            try await random.start(
                for: user, by: [.password], provenAt: sessions.now, replacing: old, on: .unknown
            ).session.id
        }
        #expect(started.count { $0 == before.id } == 1)
        #expect(Set(started).count == 16)
        #expect(Set(try await sessions.list(of: user).map(\.id)) == Set(started))
    }

    @Test(.spec("E-07", "ASVS 7.5.2"))
    func areListedAndEndedByTheirOwnerOnly() async throws {
        let scene = try await Scene()
        let (first, here) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        let (second, there) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        let (third, _) = try await scene.sessions.start(
            for: scene.zoe.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        let (adas, _) = try await scene.sessions.start(
            for: scene.ada.id, by: [.password], provenAt: scene.sessions.now, replacing: nil, on: .unknown)
        #expect(try await scene.sessions.list(of: scene.zoe.id).count == 3)
        #expect(try await !scene.sessions.end(there.id, of: scene.ada.id))
        #expect(try await scene.sessions.find(second) != nil)
        #expect(try await scene.sessions.end(there.id, of: scene.zoe.id))
        #expect(try await scene.sessions.find(second) == nil)
        #expect(try await scene.sessions.endOthers(than: here) == 1)
        #expect(try await scene.sessions.find(first) != nil)
        #expect(try await scene.sessions.find(third) == nil)
        #expect(try await scene.sessions.find(adas) != nil)
    }
}
