import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Synchronization
import Testing

@testable import Identity

@Suite("The linker of security events")
struct AuditLinkerTests {
    @Test func givesEachEventOnePlaceHoweverManyLink() async throws {
        let ground = try await AuditGround()
        let places = try await concurrently(16) {
            for _ in 0..<40 {
                try await ground.audit.note(.signIn, of: ground.zoe, from: .here)
                try await ground.linker.link()
            }
            return 0
        }
        #expect(places.count == 16)
        try await ground.linker.link()
        let finding = try await ground.verify()
        #expect(finding.first == 1 && finding.last == 640)
        #expect(try await ground.storage.audit.unlinked(limit: 1).isEmpty)
    }

    @Test func signsAfterManyEventsOrAfterAWhileAndNotForNothing() async throws {
        let ground = try await AuditGround()
        #expect(try await ground.linker.checkpoint() == nil)
        try await ground.sign(in: 1)
        let first = try #require(try await ground.linker.checkpoint())
        let key = try await ground.publicKey()
        #expect(first.sequence == 1 && first.key == key)
        try await ground.sign(in: 1)
        #expect(try await ground.linker.checkpoint() == nil)
        #expect(try await ground.linker.checkpoint(.anyEvent)?.sequence == 2)
        #expect(try await ground.linker.checkpoint(.anyEvent) == nil)
        ground.clock.advance(by: .seconds(16 * 60))
        #expect(try await ground.linker.checkpoint() == nil)
        try await ground.sign(in: 1)
        #expect(try await ground.linker.checkpoint()?.sequence == 3)
        try await ground.sign(in: 1000)
        #expect(try await ground.linker.checkpoint()?.sequence == 1003)
    }

    @Test func aNewSigningKeyIsOnTheRecordAndSignsAtOnce() async throws {
        let ground = try await AuditGround()
        try await ground.sign(in: 2)
        _ = try await ground.linker.checkpoint()
        let old = try await ground.publicKey()
        try await ground.storage.keys.place(try ground.record(), at: ground.clock.now)
        let new = try await ground.publicKey()
        #expect(new != old)
        let seal = try #require(try await ground.linker.checkpoint())
        #expect(seal.sequence == 3 && seal.key == new)
        #expect(try await ground.linker.checkpoint() == nil)
        let events = try await ground.storage.audit.list(after: 2, limit: 9).map(\.event)
        #expect(events.map(\.action) == ["log_key_changed"])
        // Whoever knows only the new key knows all from the beginning; whoever knows the old one, up to where it signed.
        let lines = try await ground.export()
        #expect(try AuditGround.verify(lines, trusting: [new]).trusted == 3)
        #expect(try AuditGround.verify(lines, trusting: [old]).trusted == 2)
    }

    @Test func prunesToACheckpointFromWhichTheRestIsVerified() async throws {
        let ground = try await AuditGround()
        for _ in 0..<4 {
            try await ground.sign(in: 10)
            _ = try await ground.linker.checkpoint(.anyEvent)
            ground.clock.advance(by: .seconds(3600))
        }
        let before = ground.clock.now
        let whole = try await ground.export()
        // In the middle of the third hour: the checkpoint at 20 is the last that only old events stand before.
        let count = try await ground.linker.prune(before: before - .seconds(7215))
        #expect(count == 20)
        try await ground.linker.link()
        let finding = try await ground.verify()
        #expect(finding.first == 21 && finding.last == 41 && finding.trusted == 40)
        let events = try await ground.storage.audit.list(after: 40, limit: 9).map(\.event)
        #expect(events.map(\.action) == ["log_pruned"])
        // The same chain as before: the rest stands in the older export word by word.
        let rest = try await ground.export()
        #expect(Set(whole.dropLast()).isSuperset(of: rest.dropFirst().dropLast(2)))
        #expect(try AuditGround.verify(rest).first == 21)
        // Without its checkpoint the rest hangs in the air.
        #expect(throws: AuditVerifier.Fault.missing(sequence: 1)) {
            try AuditGround.verify([rest[0]] + rest.dropFirst(2))
        }
        #expect(try await ground.linker.prune(before: before - .seconds(7215)) == 0)
    }

    @Test func prunesNothingThatNoCheckpointCoversAndNeverTheHead() async throws {
        let ground = try await AuditGround()
        try await ground.sign(in: 5)
        ground.clock.advance(by: .seconds(86_400))
        #expect(try await ground.linker.prune(before: ground.clock.now) == 0)
        _ = try await ground.linker.checkpoint()
        #expect(try await ground.linker.prune(before: ground.clock.now) == 0)
        try await ground.sign(in: 1)
        #expect(try await ground.linker.prune(before: ground.clock.now + .seconds(1)) == 5)
        try await ground.linker.link()
        #expect(try await ground.verify().last == 7)
    }

    @Test func whatIsBeingRemovedIsNoGapMeanwhile() async throws {
        struct Stop: Error {}
        let ground = try await AuditGround()
        try await ground.sign(in: AuditLinker.batch)
        _ = try await ground.linker.checkpoint(.anyEvent)
        try await ground.sign(in: 10)
        _ = try await ground.linker.checkpoint(.anyEvent)
        try await ground.sign(in: 1)
        await #expect(throws: Stop.self) {
            try await ground.linker.prune(before: ground.clock.now + .seconds(1)) { throw Stop() }
        }
        let finding = try await ground.verify()
        #expect(finding.first == 511 && finding.last == 512)
        #expect(try AuditGround.verify(try await ground.export()).first == 511)
        #expect(try AuditGround.verify(try await ground.export(since: .noon + .seconds(5))).first == 511)
        #expect(try await ground.linker.prune(before: ground.clock.now + .seconds(1)) == 10)
        try await ground.linker.link()
        #expect(try await ground.verify().first == 511)
    }

    @Test func twoThatLinkTheSameEventsAtOnceLeaveNoGap() async throws {
        let late = LateAudit()
        let memory = Storage.inMemory()
        late.base.withLock { $0 = memory.audit }
        let ground = try await AuditGround(memory.replacing(\.audit, by: late))
        let other = AuditLinker(
            memory, issuer: AuditGround.issuer, masterKey: ground.masterKey, audit: ground.audit, clock: ground.clock)
        for _ in 0..<4 { try await ground.audit.note(.signIn, of: ground.zoe, from: .here) }
        // Another one links what has come in so far, just after this one has looked where the chain ends.
        late.afterHead.withLock { $0 = { try await other.link() } }
        try await ground.linker.link()
        late.afterHead.withLock { $0 = nil }
        try await ground.sign(in: 2)
        let finding = try await ground.verify()
        #expect(finding.first == 1 && finding.last == 6)
    }

    @Test func aKeyInADeviceSignsThereAndWhereItDoesNotNothingElseIsHeldUp() async throws {
        let ground = try await AuditGround()
        let key = try SigningKey.generate(.es256)
        let stored = StoredSigningKey.inDevice(
            try DeviceKey(KeyURI("pkcs11:token=t;object=o"), publicKey: key.publicKey))
        let record = SigningKeyRecord(
            id: KeyID(rawValue: key.keyID), algorithm: "ES256", sealed: try stored.sealed(by: ground.masterKey),
            state: .current, createdAt: ground.clock.now, changedAt: ground.clock.now)
        try await ground.storage.keys.place(record, at: ground.clock.now)
        try await ground.sign(in: 1)
        // No device here.
        await #expect(throws: KeyDeviceError.self) { try await ground.linker.checkpoint() }
        let linker = AuditLinker(
            ground.storage, issuer: AuditGround.issuer, masterKey: ground.masterKey, audit: ground.audit,
            clock: ground.clock, device: { message, _ in try key.sign(message.span) })
        let seal = try #require(try await linker.checkpoint())
        #expect(seal.key == key.publicKey && seal.sequence == 1)
        #expect(try AuditGround.verify(try await ground.export(), trusting: [key.publicKey]).trusted == 1)
    }

    @Test func anEventOfAClockThatIsBehindTakesNothingAlong() async throws {
        let ground = try await AuditGround()
        try await ground.sign(in: 10)
        _ = try await ground.linker.checkpoint(.anyEvent)
        ground.clock.advance(by: .seconds(-500 * 86_400))
        try await ground.sign(in: 1)
        ground.clock.advance(by: .seconds(500 * 86_400))
        try await ground.sign(in: 10)
        _ = try await ground.linker.checkpoint(.anyEvent)
        try await ground.sign(in: 1)
        #expect(try await ground.linker.prune(before: ground.clock.now - .seconds(400 * 86_400)) == 0)
        // Nor is it where an export begins.
        let lines = try await ground.export(since: .noon - .seconds(86_400))
        #expect(try AuditGround.verify(lines).first == 1)
        #expect(try await ground.linker.prune(before: ground.clock.now + .seconds(1)) == 21)
    }

    @Test func aBrokenCheckpointHoldsUpNothing() async throws {
        let ground = try await AuditGround()
        try await ground.sign(in: 3)
        let good = try #require(try await ground.linker.checkpoint(.anyEvent))
        try await ground.sign(in: 1)
        let forged = AuditCheckpoint(sequence: 4, token: "a.b.c", key: "{}")
        try await ground.storage.audit.add(forged)
        // One that is far ahead of the chain neither.
        try await ground.storage.audit.add(AuditCheckpoint(sequence: 900, token: "a.b.c", key: "{}"))
        #expect(try await ground.linker.checkpoint() == nil)
        try await ground.sign(in: 1)
        #expect(try await ground.linker.checkpoint()?.sequence == 5)
        #expect(try await ground.linker.prune(before: ground.clock.now + .seconds(1)) == 3)
        #expect(good.sequence == 3)
        await #expect(throws: AuditVerifier.Fault.forged(sequence: 4)) { try await ground.verify() }
    }

    @Test func anExportFromAMomentBeginsAtACheckpoint() async throws {
        let ground = try await AuditGround()
        for _ in 0..<3 {
            try await ground.sign(in: 10)
            _ = try await ground.linker.checkpoint(.anyEvent)
        }
        let lines = try await ground.export(since: .noon + .seconds(25))
        let finding = try AuditGround.verify(lines)
        #expect(finding.first == 21 && finding.last == 30 && finding.checkpoints == 2)
        #expect(try AuditGround.verify(try await ground.export(since: .noon)).first == 1)
    }
}

/// A log in which somebody else does something right after it was asked for its head.
private final class LateAudit: AuditStore {
    let base = Mutex<any AuditStore>(Storage.inMemory().audit)
    let afterHead = Mutex<(@Sendable () async throws -> Void)?>(nil)
    private var store: any AuditStore { base.withLock { $0 } }

    func head() async throws -> AuditLink? {
        let head = try await store.head()
        try await afterHead.withLock { $0 }?()
        return head
    }

    func append(_ events: [AuditEvent]) async throws { try await store.append(events) }
    func unlinked(limit: Int) async throws -> [AuditEvent] { try await store.unlinked(limit: limit) }
    func link(_ links: [AuditLink]) async throws -> Bool { try await store.link(links) }
    func list(after sequence: Int64, limit: Int) async throws -> [LinkedAuditEvent] {
        try await store.list(after: sequence, limit: limit)
    }
    func find(_ search: AuditSearch, limit: Int) async throws -> [AuditEvent] {
        try await store.find(search, limit: limit)
    }
    func place(before moment: Timestamp) async throws -> Int64? { try await store.place(before: moment) }
    func add(_ checkpoint: AuditCheckpoint) async throws { try await store.add(checkpoint) }
    func checkpoints(after sequence: Int64, limit: Int) async throws -> [AuditCheckpoint] {
        try await store.checkpoints(after: sequence, limit: limit)
    }
    func checkpoint(through sequence: Int64) async throws -> AuditCheckpoint? {
        try await store.checkpoint(through: sequence)
    }
    func prune(through sequence: Int64, limit: Int) async throws -> Int {
        try await store.prune(through: sequence, limit: limit)
    }
}

@Suite("Moments of the log")
struct PreciseDateTests {
    @Test(arguments: [
        0, 1, 999_999, 1_748_779_200_123_457, 951_782_400_000_000, 4_107_542_400_000_000, 68_169_599_999_999,
    ])
    func comeBackToTheMicrosecond(_ microseconds: Int64) {
        let moment = Timestamp(microseconds: microseconds)
        #expect(Timestamp(date: moment.preciseDate) == moment)
    }

    @Test(arguments: [
        ("2025-06-01", 1_748_736_000), ("2025-06-01T12:00Z", 1_748_779_200), ("2025-06-01 12:00:00", 1_748_779_200),
        ("2025-06-01T12:00:00Z", 1_748_779_200), ("2024-02-29", 1_709_164_800),
    ])
    func areReadInShort(_ text: String, _ seconds: Int64) {
        #expect(Timestamp(date: text) == Timestamp(seconds: seconds))
    }

    @Test(arguments: [
        "", "2025", "2025-06", "2025-13-01", "2025-02-29", "2025-06-31", "2025-06-01T", "2025-06-01T12",
        "2025-06-01T24:00",
        "2025-06-01T12:00:00.Z", "2025-06-01T12:00:00.1234567Z", "2025-06-01T12:00:00+01:00", "2025-06-01T12:00:00Zx",
        "2025/06/01", "2025-06-01T12:00:00.5", "二〇二五-06-01",
    ])
    func areRefusedWhereTheyAreNone(_ text: String) {
        #expect(Timestamp(date: text) == nil)
    }
}
