import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("The post office sends what was ordered")
struct PostOfficeTests {
    static func order(
        _ desk: MailDesk, _ kind: MailKind = .test, to: String = "ada@example.org"
    ) async throws -> MailOrder {
        let mail = MailOrder(kind, to: try #require(Email(to)), at: desk.clock.now, random: SystemRandom())
        try await desk.storage.mails.order(mail)
        return mail
    }

    @Test func sendsOnceAndForgets() async throws {
        let desk = try MailDesk()
        let mail = try await Self.order(desk)
        #expect(try await desk.deliver() == ["test"])
        #expect(try await desk.deliver() == ["test"])
        #expect(desk.transport.sent.first?.id == mail.id)
        #expect(try await desk.storage.mails.figures() == OutboxFigures(waiting: 0, givenUp: 0))
        #expect(desk.outcomes.all == [.sent])
    }

    @Test func severalOfficesSendOneMailOnce() async throws {
        let desk = try MailDesk()
        for _ in 0..<20 { _ = try await Self.order(desk) }
        let offices = try (0..<8).map { _ in try desk.office() }
        let next = Counter()
        _ = try await concurrently(8) {
            let office = offices[next.next() - 1]
            while try await office.deliver() > 0 {}
        }
        #expect(desk.transport.sent.count == 20)
        #expect(Set(desk.transport.sent.map(\.id)).count == 20)
    }

    @Test func whatFailedIsTriedAgainLaterAndLater() async throws {
        let desk = try MailDesk()
        _ = try await Self.order(desk)
        desk.transport.set(MailFailure("nobody answers", isFinal: false))
        #expect(try await desk.deliver() == [])
        #expect(try await desk.storage.mails.list(after: nil, limit: 1).first?.failure == "nobody answers")
        desk.transport.set(nil)
        #expect(try await desk.deliver() == [])
        desk.clock.advance(by: Outbox.pause(after: 1))
        #expect(try await desk.deliver() == ["test"])
        let pauses = (1...Outbox.attempts).map { Outbox.pause(after: $0) }
        #expect(pauses == pauses.sorted() && pauses.first == .seconds(5) && pauses.last == .seconds(3600))
    }

    @Test func whatFailedTooOftenIsGivenUpAndCanBeRetried() async throws {
        let desk = try MailDesk()
        let mail = try await Self.order(desk, .invitation)
        // Of a kind that waits long enough for all attempts; its proof is not needed to fail.
        try await desk.storage.proofs.open(
            EmailProof(
                waitingFor: .invitation, mail.recipient, name: "", passwordHash: nil, id: "x", browser: nil,
                interaction: nil, at: desk.clock.now, lifetime: .seconds(7 * 86_400)), ordering: nil)
        let other = MailOrder(
            .invitation, to: mail.recipient, proof: MailCodes.digest(of: "x"), at: desk.clock.now,
            random: SystemRandom())
        try await desk.storage.mails.order(other)
        desk.transport.set(MailFailure("nobody answers", isFinal: false))
        for _ in 0..<Outbox.attempts {
            try await desk.deliver()
            desk.clock.advance(by: .seconds(3600))
        }
        #expect(desk.outcomes.all.count { $0 == .gaveUp("nobody answers") } == 1)
        #expect(try await desk.storage.mails.figures() == OutboxFigures(waiting: 0, givenUp: 1))
        desk.transport.set(nil)
        #expect(try await desk.deliver() == [])
        let now = desk.clock.now
        #expect(try await desk.storage.mails.retry(other.id, at: now, sendBy: now + .seconds(60)))
        #expect(try await desk.deliver().count == 1)
    }

    @Test func noSuchMailboxIsGivenUpAtOnce() async throws {
        let desk = try MailDesk()
        _ = try await Self.order(desk)
        desk.transport.set(MailFailure("no such mailbox", isFinal: true))
        try await desk.deliver()
        #expect(desk.outcomes.all == [.gaveUp("no such mailbox")])
    }

    @Test func whatIsTooLateIsNotSent() async throws {
        let desk = try MailDesk()
        let mail = try await Self.order(desk)
        desk.clock.advance(by: MailKind.test.patience)
        #expect(try await desk.deliver() == [])
        #expect(try await desk.storage.mails.list(after: nil, limit: 1).first?.gaveUpAt == desk.clock.now)
        #expect(mail.sendBy == desk.clock.now)
    }

    @Test func anOfficeThatDiedIsFollowedByAnother() async throws {
        let desk = try MailDesk()
        _ = try await Self.order(desk)
        let now = desk.clock.now
        #expect(try await desk.storage.mails.claim(at: now, until: now + Outbox.lease, limit: 1).count == 1)
        #expect(try await desk.deliver() == [])
        desk.clock.advance(by: Outbox.lease)
        #expect(try await desk.deliver() == ["test"])
    }

    @Test func aNoticeGoesToWhoHasTheAccount() async throws {
        let desk = try MailDesk()
        _ = try await Self.order(desk, .passwordChanged)
        #expect(try await desk.deliver() == [])
        try await desk.makeAda()
        _ = try await Self.order(desk, .passwordChanged)
        #expect(try await desk.deliver().count == 1)
    }
}
