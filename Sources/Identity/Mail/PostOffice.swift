public import OAuthTypes
public import Stores

/// Sends the mails that were ordered: takes them one by one, writes each, hands it over, and tries again what failed.
///
/// Several nodes may do so at once: a mail is leased to one of them for longer than its dispatch can take. A node that
/// dies after the mail was taken and before that was noted sends it once more, under the same `Message-ID`.
public struct PostOffice: Sendable {
    /// What became of one mail, for the log.
    public typealias Outcome = Outbox.Outcome

    /// Takes what became of a mail, for the log.
    public typealias Report = @Sendable (MailOrder, Outcome) -> Void

    /// Mails in one go.
    private static let batch = 8

    private let storage: Storage
    private let texts: MailTexts
    private let transport: any MailTransport
    private let clock: any TimeSource
    private let report: Report

    /// A post office over the stores.
    public init(
        _ storage: Storage, texts: MailTexts, transport: any MailTransport, clock: any TimeSource,
        report: @escaping Report
    ) {
        self.storage = storage
        self.texts = texts
        self.transport = transport
        self.clock = clock
        self.report = report
    }

    /// Sends what is due now; answers how many mails it had in hand.
    ///
    /// Throws where a store fails: what was in hand is taken up again when its lease is over.
    public func deliver() async throws -> Int {
        var count = 0
        while count < PostOffice.batch {
            let now = clock.now
            // One at a time: the lease of a mail does not run out behind others.
            let orders = try await storage.mails.claim(at: now, until: now + Outbox.lease, limit: 1)
            guard let order = orders.first else { break }
            count += 1
            try await deliver(order)
        }
        return count
    }

    private func deliver(_ order: MailOrder) async throws {
        let mails = storage.mails
        guard clock.now < order.sendBy else { return try await giveUp(order, order.failure ?? "it came too late") }
        guard let message = try await texts.message(for: order) else {
            _ = try await mails.sent(order.id, attempt: order.attempts)
            return report(order, .dropped)
        }
        do {
            try await transport.send(message)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let failure = error as? MailFailure ?? MailFailure("the mail could not be handed over", isFinal: false)
            guard !failure.isFinal, order.attempts < Outbox.attempts else {
                return try await giveUp(order, failure.description)
            }
            let next = clock.now + Outbox.pause(after: order.attempts)
            _ = try await mails.failed(order.id, attempt: order.attempts, because: failure.description, next: next)
            return report(order, .postponed(failure.description))
        }
        _ = try await mails.sent(order.id, attempt: order.attempts)
        report(order, .sent)
    }

    private func giveUp(_ order: MailOrder, _ reason: String) async throws {
        _ = try await storage.mails.giveUp(order.id, attempt: order.attempts, because: reason, at: clock.now)
        report(order, .gaveUp(reason))
    }
}
