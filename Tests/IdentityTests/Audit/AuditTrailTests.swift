import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Testing

@testable import Identity

@Suite("Security events")
struct AuditTrailTests {
    @Test func sayWhoDidWhatOnWhomFromWhereWithWhat() async throws {
        let ground = try await AuditGround()
        try await ground.audit.note(
            .emailChanged, of: ground.zoe, with: ClientID("shop"), from: ground.origin,
            personal: ["before": "old@example.org"], details: ["way": "link"])
        let event = try #require(try await ground.storage.audit.unlinked(limit: 9).first)
        #expect(event.action == "email_changed" && event.outcome == .succeeded && event.at == ground.clock.now)
        #expect(event.actor == .person(ground.zoe) && event.subject == ground.zoe)
        #expect(event.client == ClientID("shop") && event.requestID == "req-1" && event.network == "192.0.2.0/24")
        #expect(event.details == #"{"way":"link"}"#)
        #expect(event.id.hasPrefix(AuditEvent.name(at: ground.clock.now)) && event.id.utf8.count == 32)
        let personal = try #require(try await ground.audit.personal(of: event))
        #expect(
            personal
                == #"{"address":"192.0.2.77","before":"old@example.org","user_agent":"Mozilla/5.0 Firefox/1"}"#)
        // Nothing of it stands there in the clear.
        let sealed = String(decoding: event.sealed ?? [], as: UTF8.self)
        for word in ["192.0.2.77", "old@", "Firefox"] { #expect(!sealed.contains(word)) }
    }

    @Test func withoutAMasterKeyNothingPersonalIsKept() async throws {
        let ground = try await AuditGround()
        let trail = AuditTrail(ground.storage, masterKey: nil, clock: ground.clock, random: SeededRandom(seed: 5))
        try await trail.note(.passwordSet, of: ground.zoe, by: .administrator("root"), from: ground.origin)
        let event = try #require(try await ground.storage.audit.unlinked(limit: 9).first)
        #expect(event.sealed == nil && event.actor == .administrator("root"))
        #expect(try await ground.audit.personal(of: event) == nil)
    }

    @Test func aPersonsKeyThatDoesNotOpenKeepsNobodysEventsOut() async throws {
        let ground = try await AuditGround()
        _ = try await ground.storage.persons.keep([1, 2, 3], of: ground.zoe)
        for person in [ground.zoe, ground.ada] {
            ground.audit.noteLater(.signIn, .refused, of: person, from: ground.origin)
        }
        #expect(try await ground.audit.flush() == 2)
        let events = try await ground.storage.audit.unlinked(limit: 9)
        #expect(Set(events.map(\.subject)) == [ground.zoe, ground.ada])
        #expect(events.first { $0.subject == ground.zoe }?.sealed == nil)
        #expect(events.first { $0.subject == ground.ada }?.sealed != nil)
        #expect(try await ground.audit.flush() == 0)
    }

    @Test func whatIsSealedBelongsToItsEventAndItsPerson() async throws {
        let ground = try await AuditGround()
        try await ground.sign(in: 1, ground.zoe)
        try await ground.sign(in: 1, ground.ada)
        let events = try await ground.storage.audit.list(after: 0, limit: 9).map(\.event)
        let (first, second) = (events[0], events[1])
        #expect(try await ground.audit.personal(of: first) != nil)
        func swapped(_ event: AuditEvent, _ subject: UserID?, _ sealed: [UInt8]?) -> AuditEvent {
            AuditEvent(
                id: event.id, at: event.at, action: event.action, outcome: event.outcome, actor: event.actor,
                subject: subject, client: nil, requestID: nil, network: nil, details: nil, sealed: sealed)
        }
        await #expect(throws: JOSEError.self) {
            try await ground.audit.personal(of: swapped(first, second.subject, first.sealed))
        }
        await #expect(throws: JOSEError.self) {
            try await ground.audit.personal(of: swapped(first, first.subject, second.sealed))
        }
    }

    @Test func aStrangersAddressIsLookedUpLaterAndNotKept() async throws {
        let ground = try await AuditGround()
        ground.audit.noteLater(.signIn, .refused, email: "Zoe@Example.org", from: ground.origin)
        ground.audit.noteLater(.signIn, .refused, email: "nobody@example.org", from: ground.origin)
        #expect(try await ground.storage.audit.unlinked(limit: 9).isEmpty)
        ground.clock.advance(by: .seconds(1))
        #expect(try await ground.audit.flush() == 2)
        #expect(try await ground.audit.flush() == 0)
        let events = try await ground.storage.audit.unlinked(limit: 9)
        #expect(Set(events.map(\.subject)) == [ground.zoe, nil])
        for event in events {
            #expect(event.actor == .stranger && event.outcome == .refused && event.at == .noon)
            #expect(event.network == "192.0.2.0/24")
        }
        let unknown = try #require(events.first { $0.subject == nil })
        #expect(unknown.sealed == nil)
    }

    @Test func aFloodIsCountedAndLeavesRoomForOthers() async throws {
        let ground = try await AuditGround()
        for _ in 0..<1000 { ground.audit.noteLater(.signIn, .refused, from: ground.origin) }
        let other = AuditOrigin(requestID: nil, address: nil, bytes: [198, 51, 100, 1], userAgent: nil)
        ground.audit.noteLater(.signIn, .refused, from: other)
        #expect(try await ground.audit.flush() == AuditRates().refusalsPerNetwork + 1)
        // Still the same minute: what comes now is counted too.
        ground.audit.noteLater(.signIn, .refused, from: ground.origin)
        #expect(try await ground.audit.flush() == 0)
        ground.clock.advance(by: .seconds(60))
        #expect(try await ground.audit.flush() == 1)
        let counted = try #require(try await ground.storage.audit.unlinked(limit: 99).first { $0.details != nil })
        #expect(counted.details == #"{"more":"991"}"# && counted.network == "192.0.2.0/24")
        #expect(counted.action == "sign_in" && counted.outcome == .refused && counted.subject == nil)
        // The next minute has room again.
        ground.audit.noteLater(.signIn, .refused, from: ground.origin)
        #expect(try await ground.audit.flush() == 1)
    }

    @Test func floodsFromEverywhereStayWithinTheMinute() async throws {
        let ground = try await AuditGround()
        for number in 0..<5000 {
            let bytes = [10, UInt8(number / 250), UInt8(number % 250), 1]
            let origin = AuditOrigin(requestID: nil, address: nil, bytes: bytes, userAgent: nil)
            ground.audit.noteLater(.signIn, .limited, from: origin)
        }
        #expect(try await ground.audit.flush() == AuditRates().refusals)
        let end = try await ground.audit.flush(closing: true)
        #expect(end <= AuditBacklog.counted + 1)
        let counts = try await ground.storage.audit.unlinked(limit: 999).compactMap { event in
            try event.details.flatMap { try JSONObject(parsing: Array($0.utf8))["more"]?.string }.flatMap { Int($0) }
        }
        #expect(counts.reduce(0, +) == 5000 - AuditRates().refusals)
    }

    @Test("Whatever else strangers do crowds out no guess at an account, and who is signed in is named")
    func roomForAccounts() async throws {
        let ground = try await AuditGround()
        func origin(_ number: Int) -> AuditOrigin {
            AuditOrigin(requestID: nil, address: nil, bytes: [10, 0, UInt8(number % 250), 1], userAgent: nil)
        }
        for number in 0..<1000 { ground.audit.noteLater(.clientRefused, .refused, from: origin(number)) }
        ground.audit.noteLater(.signIn, .refused, email: "zoe@example.org", from: origin(7))
        ground.audit.noteLater(.passwordChanged, .refused, of: ground.zoe, by: .person(ground.zoe), from: origin(8))
        #expect(try await ground.audit.flush() == AuditRates().refusals + 2)
        let events = try await ground.storage.audit.unlinked(limit: 999)
        #expect(events.count { $0.action == "client_refused" } == AuditRates().refusals)
        #expect(events.first { $0.action == "sign_in" }?.actor == .stranger)
        #expect(events.first { $0.action == "password_changed" }?.actor == .person(ground.zoe))
    }

    @Test func whatTheStoreDoesNotTakeIsKept() async throws {
        let ground = try await AuditGround()
        let store = FailingAudit(base: ground.storage.audit)
        let trail = AuditTrail(
            ground.storage.replacing(\.audit, by: store), masterKey: ground.masterKey, clock: ground.clock,
            random: SeededRandom(seed: 9))
        trail.noteLater(.signIn, .refused, from: ground.origin)
        store.isBroken.withLock { $0 = true }
        await #expect(throws: StorageError.self) { try await trail.flush() }
        // What was done is not acknowledged either.
        await #expect(throws: StorageError.self) { try await trail.note(.signIn, of: ground.zoe, from: .here) }
        store.isBroken.withLock { $0 = false }
        #expect(try await trail.flush() == 1)
    }

    @Test func erasureLeavesAChainThatHoldsAndTellsNothing() async throws {
        let ground = try await AuditGround()
        try await ground.sign(in: 2, ground.zoe)
        try await ground.sign(in: 1, ground.ada)
        _ = try await ground.linker.checkpoint()
        let before = try await ground.export()
        let erasure = Erasure(ground.storage, audit: ground.audit)
        #expect(try await erasure.erase(ground.zoe, by: .administrator("root"), from: ground.origin))
        #expect(try await !erasure.erase(ground.zoe, by: .server, from: .here))
        try await ground.linker.link()
        let events = try await ground.storage.audit.list(after: 0, limit: 9).map(\.event)
        #expect(events.map(\.action) == ["sign_in", "sign_in", "sign_in", "account_erased"])
        for event in events.prefix(2) { #expect(try await ground.audit.personal(of: event) == nil) }
        #expect(try await ground.audit.personal(of: events[2]) != nil)
        #expect(events[3].sealed == nil && events[3].subject == ground.zoe && events[3].network == "192.0.2.0/24")
        // Later events on the person hold nothing of them.
        try await ground.audit.note(.signIn, of: ground.zoe, from: ground.origin)
        let late = try #require(try await ground.storage.audit.unlinked(limit: 9).first)
        #expect(late.sealed == nil)
        #expect(try await ground.verify().trusted == 3)
        // What was exported before is the beginning of what is exported now.
        let after = try await ground.export()
        #expect(Array(after[1..<before.count - 1]) == Array(before[1..<before.count - 1]))
        #expect(try AuditGround.verify(after).last == 4)
    }
}

/// A log that can be made to fail.
final class FailingAudit: AuditStore {
    let base: any AuditStore
    let isBroken = Locked(false)

    init(base: any AuditStore) { self.base = base }

    func append(_ events: [AuditEvent]) async throws {
        if isBroken.withLock({ $0 }) { throw StorageError.failed("on purpose") }
        try await base.append(events)
    }

    func unlinked(limit: Int) async throws -> [AuditEvent] { try await base.unlinked(limit: limit) }
    func head() async throws -> AuditLink? { try await base.head() }
    func link(_ links: [AuditLink]) async throws -> Bool { try await base.link(links) }
    func list(after sequence: Int64, limit: Int) async throws -> [LinkedAuditEvent] {
        try await base.list(after: sequence, limit: limit)
    }
    func find(_ search: AuditSearch, limit: Int) async throws -> [AuditEvent] {
        try await base.find(search, limit: limit)
    }
    func place(before moment: Timestamp) async throws -> Int64? { try await base.place(before: moment) }
    func add(_ checkpoint: AuditCheckpoint) async throws { try await base.add(checkpoint) }
    func checkpoints(after sequence: Int64, limit: Int) async throws -> [AuditCheckpoint] {
        try await base.checkpoints(after: sequence, limit: limit)
    }
    func checkpoint(through sequence: Int64) async throws -> AuditCheckpoint? {
        try await base.checkpoint(through: sequence)
    }
    func prune(through sequence: Int64, limit: Int) async throws -> Int {
        try await base.prune(through: sequence, limit: limit)
    }
}
