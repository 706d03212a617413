import AuthorizationServer
import Foundation
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Observability
import Pages
import Reactor
import Stores
import Synchronization
import Testing
import Web

@testable import Martlet

@Suite("What the server does from time to time")
struct MaintenanceTests {
    /// Versions that cannot be read while they are told to fail.
    final class FlakyVersions: VersionStore {
        let isBroken = Mutex(false)
        let inner: any VersionStore

        init(_ inner: any VersionStore) {
            self.inner = inner
        }

        func current() async throws -> Int64 {
            if isBroken.withLock({ $0 }) { throw StorageError.busy }
            return try await inner.current()
        }
    }

    /// Interactions that cannot be swept while they are told to fail.
    final class FlakyInteractions: InteractionStore {
        let isBroken = Mutex(false)
        let gate = Mutex<Gate?>(nil)
        let inner: any InteractionStore

        init(_ inner: any InteractionStore) {
            self.inner = inner
        }

        func insert(_ interaction: Interaction) async throws { try await inner.insert(interaction) }

        func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Interaction? {
            try await inner.find(digest, at: now)
        }

        func choose(_ session: SessionID, for digest: TokenDigest, at now: Timestamp) async throws -> Bool {
            try await inner.choose(session, for: digest, at: now)
        }

        func finish(_ digest: TokenDigest, at now: Timestamp) async throws -> Bool {
            try await inner.finish(digest, at: now)
        }

        func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
            if isBroken.withLock({ $0 }) { throw StorageError.busy }
            await gate.withLock { $0 }?.pass()
            return try await inner.sweep(expiredBy: now, limit: limit)
        }
    }

    /// Something that a task waits at.
    final class Gate: Sendable {
        private let arrivals = AsyncStream.makeStream(of: Void.self)
        private let opening = AsyncStream.makeStream(of: Void.self)

        /// Says that somebody is here, and waits until the gate is open.
        func pass() async {
            arrivals.continuation.yield()
            for await _ in opening.stream { return }
        }

        /// Waits until somebody is here.
        func reached() async { for await _ in arrivals.stream { return } }

        func open() { opening.continuation.finish() }
    }

    /// Maintenance over stores in memory, with a log into a pipe.
    struct Setting {
        let server: TestServer
        let versions: FlakyVersions
        let interactions: FlakyInteractions
        let maintenance: Maintenance
        let pipe = Pipe()
        let log: Log

        init() async throws {
            let memory = Storage.inMemory()
            let versions = FlakyVersions(memory.versions)
            let interactions = FlakyInteractions(memory.interactions)
            let storage = memory.replacing(\.versions, by: versions).replacing(\.interactions, by: interactions)
            let server = try await TestServer(storage: storage)
            let environment = server.environment
            let (group, log) = (
                try EventLoopGroup(count: 1), Log(level: .info, descriptor: pipe.fileHandleForWriting.fileDescriptor)
            )
            let hasher = try PasswordHasher(
                pool: try WorkerPool(name: "test", threads: 1, queueLimit: 1),
                parameters: Argon2Parameters(memory: 64, passes: 1, lanes: 1)
            )
            let signIn = LimitedSignIn(
                PasswordSignIn(storage.users, hasher: hasher), attempts: storage.attempts,
                known: KnownBrowsers(server.masterKey, random: SystemRandom()), limits: .none, clock: server.clock)
            let audit = AuditTrail(
                storage, masterKey: server.masterKey, clock: server.clock, random: SystemRandom())
            let account = Site.AccountParts(environment, hasher: hasher, signIn: signIn, wake: nil)
            let site = Site(
                Site.Parts(
                    environment: environment,
                    sessions: Sessions(
                        storage.sessions, clock: server.clock, random: SystemRandom(), lifetime: .seconds(60)),
                    signIn: signIn,
                    secondFactor: SecondFactor(
                        storage, masterKey: server.masterKey, clock: server.clock, random: SystemRandom(),
                        issuer: "id.example"),
                    audit: audit,
                    account: account,
                    pages: try PageSet(directory: ReadmeTests.root.appending(path: "templates").path),
                    development: nil,
                    report: { _, _ in }
                )
            )
            maintenance = Maintenance(
                environment: environment,
                site: site,
                masterKey: server.masterKey,
                rotation: KeyRotation(
                    storage.keys,
                    masterKey: server.masterKey,
                    clock: server.clock,
                    policy: environment.policy
                ),
                erasure: Erasure(storage, audit: audit),
                cluster: .alone,
                loop: group.loops[0],
                log: log
            )
            self.log = log
            self.server = server
            self.versions = versions
            self.interactions = interactions
        }

        /// The events of the log, which ends here.
        func events() throws -> [String] {
            log.close()
            try pipe.fileHandleForWriting.close()
            let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
            return try bytes.split(separator: UInt8(ascii: "\n")).compactMap {
                try JSONObject(parsing: Array($0))["event"]?.string
            }
        }
    }

    @Test func aStoreThatFailsIsLoggedOnceAndAskedAgain() async throws {
        let setting = try await Setting()
        var state = try await setting.maintenance.begin()
        setting.versions.isBroken.withLock { $0 = true }
        for _ in 0..<3 { await setting.maintenance.round(&state) }
        #expect(state.isFailing)
        setting.versions.isBroken.withLock { $0 = false }
        for _ in 0..<3 { await setting.maintenance.round(&state) }
        #expect(!state.isFailing)
        #expect(try setting.events() == ["stores.failing", "stores.recovered"])
    }

    @Test func nothingHasRecoveredBeforeWhatFailedHasSucceeded() async throws {
        let setting = try await Setting()
        _ = try await setting.maintenance.begin()
        var chores = setting.maintenance.chores()
        setting.server.clock.advance(by: Maintenance.sweepInterval)
        setting.interactions.isBroken.withLock { $0 = true }
        for _ in 0..<3 { await setting.maintenance.keep(&chores) }
        #expect(chores.isFailing)
        setting.interactions.isBroken.withLock { $0 = false }
        for _ in 0..<3 { await setting.maintenance.keep(&chores) }
        #expect(!chores.isFailing)
        #expect(try setting.events() == ["upkeep.failing", "stores.swept", "upkeep.recovered"])
    }

    @Test func changesOfOthersAreTakenOverOnce() async throws {
        let setting = try await Setting()
        var state = try await setting.maintenance.begin()
        let environment = setting.server.environment
        let before = environment.keys.published
        await setting.maintenance.round(&state)
        #expect(environment.keys.published == before)

        // Another process rotates the keys and removes a client that is in the cache here.
        #expect(try await environment.clients.find(setting.server.client.id) != nil)
        _ = try await setting.maintenance.rotation.rotate()
        _ = try await environment.storage.clients.remove(setting.server.client.id)
        for _ in 0..<2 { await setting.maintenance.round(&state) }
        #expect(environment.keys.published != before)
        #expect(try await environment.clients.find(setting.server.client.id) == nil)
        #expect(try setting.events() == ["stores.changed"])
    }

    @Test func anAccountWhoseTimeHasComeIsErasedAndOneThatWasKeptIsNot() async throws {
        let setting = try await Setting()
        let (storage, clock) = (setting.server.storage, setting.server.clock)
        _ = try await setting.maintenance.begin()
        var chores = setting.maintenance.chores()
        let kept = User.withNothingOptional(id: "u_kept", email: "kept@example.org")
        #expect(try await storage.users.insert(kept))
        let deletion = AccountDeletion(storage, clock: clock, random: SystemRandom(), wake: nil)
        for user in [setting.server.user, kept] { #expect(try await deletion.ask(for: user) != nil) }
        #expect(try await deletion.keep(kept.id))
        clock.advance(by: AccountDeletion.standardGrace - .seconds(1))
        await setting.maintenance.keep(&chores)
        #expect(try await storage.users.find(setting.server.user.id) != nil)
        clock.advance(by: Maintenance.sweepInterval)
        await setting.maintenance.keep(&chores)
        #expect(try await storage.users.find(setting.server.user.id) == nil)
        #expect(try await storage.users.find(kept.id) == kept)
        #expect(try setting.events().contains("accounts.erased"))
    }

    @Test func whatHasExpiredIsSweptInBatchesAndTheLivingStay() async throws {
        let setting = try await Setting()
        let (storage, clock) = (setting.server.storage, setting.server.clock)
        for number in 0..<Maintenance.batch + 1 {
            let session = Session.withEveryFieldSet(
                digest: .numbered(1000 + number),
                id: "sid-\(number)",
                user: setting.server.user.id.rawValue
            )
            try await storage.sessions.start(session, replacing: nil)
        }
        clock.advance(by: .seconds(8 * 3600 + 1))
        let living = Session.withEveryFieldSet(
            digest: .numbered(1),
            id: "sid-living",
            user: setting.server.user.id.rawValue,
            authenticatedAt: clock.now
        )
        try await storage.sessions.start(living, replacing: nil)

        _ = try await setting.maintenance.begin()
        var chores = setting.maintenance.chores()
        await setting.maintenance.keep(&chores)
        // Not at once: a server that has just started settles down first.
        #expect(chores.next > clock.now)
        clock.advance(by: .seconds(60))
        await setting.maintenance.keep(&chores)
        #expect(try await storage.sessions.sweep(expiredBy: clock.now, limit: 1000) == 0)
        #expect(try await storage.sessions.find(living.digest, at: clock.now) == living)
        #expect(try setting.events().filter { $0 == "stores.swept" }.count == 1)
    }

    @Test func aSweepThatTakesLongKeepsNobodyFromSeeingChanges() async throws {
        let setting = try await Setting()
        let environment = setting.server.environment
        var state = try await setting.maintenance.begin()
        setting.server.clock.advance(by: Maintenance.sweepInterval)
        let gate = Gate()
        setting.interactions.gate.withLock { $0 = gate }
        let maintenance = setting.maintenance
        let sweeping = Task {
            var chores = Maintenance.Chores(next: environment.clock.now)
            await maintenance.keep(&chores)
            return chores.next
        }
        await gate.reached()
        #expect(try await environment.clients.find(setting.server.client.id) != nil)
        _ = try await environment.storage.clients.remove(setting.server.client.id)
        await maintenance.round(&state)
        #expect(try await environment.clients.find(setting.server.client.id) == nil)
        gate.open()
        #expect(await sweeping.value > environment.clock.now)
        setting.log.close()
    }

    @Test func anOldKeyIsRotated() async throws {
        let setting = try await Setting()
        let (server, interval) = (setting.server, setting.server.environment.policy.keyRotationInterval)
        let first = try await server.storage.keys.list().first { $0.state == .current }?.id
        server.clock.advance(by: interval - .seconds(120))
        _ = try await setting.maintenance.begin()
        var chores = setting.maintenance.chores()
        server.clock.advance(by: .seconds(60))
        await setting.maintenance.keep(&chores)
        #expect(try await server.storage.keys.list().first { $0.state == .current }?.id == first)
        server.clock.advance(by: Maintenance.sweepInterval)
        await setting.maintenance.keep(&chores)
        #expect(try await server.storage.keys.list().first { $0.state == .current }?.id != first)
        #expect(try await server.storage.keys.list().first { $0.id == first }?.state == .retiring)
        setting.log.close()
    }
}
