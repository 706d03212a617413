public import JOSE
import JSON
public import OAuthTypes
public import Stores

/// Notes security events: what was done before it is acknowledged, what strangers try a moment later.
///
/// What tells of a person is sealed under a key of the person (``PersonKeys``), and what nobody's key seals is not kept: of
/// an address that belongs to no account the log has only the network.
public struct AuditTrail: Sendable {
    /// Whether every issue of tokens is an event.
    public let notesTokens: Bool
    let events: any AuditStore
    private let users: any UserStore
    private let keys: PersonKeys?
    private let clock: any TimeSource
    private let random: any RandomSource
    /// Fixed memory, shared by all copies.
    private let backlog: AuditBacklog

    /// A trail over stores; without the master key it keeps nothing that tells of a person.
    public init(
        _ storage: Storage, masterKey: MasterKey?, clock: any TimeSource, random: any RandomSource,
        notesTokens: Bool = false, rates: AuditRates = AuditRates()
    ) {
        backlog = AuditBacklog(rates)
        events = storage.audit
        users = storage.users
        keys = masterKey.map { PersonKeys(storage.persons, masterKey: $0, random: random) }
        self.clock = clock
        self.random = random
        self.notesTokens = notesTokens
    }

    /// Notes what was done, or refused with consequences; call it before the answer goes out.
    ///
    /// It is durable when this returns. Throws where the store does: then the event is not there, and what it tells of must
    /// not be acknowledged. The actor is the subject unless another one is named. `personal` is what tells of the subject
    /// beyond the origin, such as an address; `details` must tell of nobody.
    public func note(
        _ action: AuditAction, _ outcome: AuditEvent.Outcome = .succeeded, of subject: UserID? = nil,
        by actor: AuditEvent.Actor? = nil, with client: ClientID? = nil, from origin: AuditOrigin,
        personal: [String: String] = [:], details: [String: String] = [:]
    ) async throws {
        let event = try await event(
            action, outcome, of: subject, by: actor, with: client, from: origin, personal: personal, details: details)
        try await events.append([event])
    }

    /// Notes what somebody tried: it is written within a second or so, by `flush`.
    ///
    /// For whatever changes nothing and a stranger can cause, refusals above all. Costs no look at a store, so that the
    /// answer about a known address takes as long as that about an unknown one. Of a flood the first ones are events of
    /// their own, the others are counted. `email` is the address that was typed: whose it is
    /// is looked up later, and it is not kept. The actor is a stranger unless somebody is signed in. `details` must tell of
    /// nobody, and hold nothing that whoever asks may choose.
    public func noteLater(
        _ action: AuditAction, _ outcome: AuditEvent.Outcome, of subject: UserID? = nil,
        by actor: AuditEvent.Actor = .stranger, email: String? = nil, with client: ClientID? = nil,
        from origin: AuditOrigin, details: [String: String] = [:]
    ) {
        backlog.add(
            AuditBacklog.Attempt(
                action: action, outcome: outcome, actor: actor, subject: subject, email: email, client: client,
                origin: origin,
                details: details,
                at: clock.now))
    }

    /// Writes what `noteLater` took, and answers how many events that were.
    ///
    /// At the end of the server's life `closing` also writes the counts of the minute that has not ended. What the store
    /// does not take is kept for the next call.
    @discardableResult
    public func flush(closing: Bool = false) async throws -> Int {
        let batch = backlog.take(at: clock.now, closing: closing)
        guard !batch.isEmpty else { return 0 }
        do {
            var events: [AuditEvent] = []
            for attempt in batch.attempts {
                do {
                    events.append(try await event(of: attempt))
                } catch is JOSEError {
                    // One person's key that does not open must not keep everybody's events out of the log.
                    events.append(try await event(of: attempt, isSealed: false))
                }
            }
            for flood in batch.floods { events.append(event(of: flood)) }
            try await self.events.append(events)
            return events.count
        } catch {
            backlog.giveBack(batch)
            throw error
        }
    }

    /// What an event tells of its subject, as JSON; nil where there is nothing, or nobody can read it any more.
    public func personal(of event: AuditEvent) async throws -> String? {
        guard let keys, let subject = event.subject, let sealed = event.sealed else { return nil }
        guard let opened = try await keys.open(sealed, of: subject, in: event.id) else { return nil }
        return opened.withBytes { bytes in
            bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// An event that a store keeps together with what it tells of.
    public func event(
        _ action: AuditAction, _ outcome: AuditEvent.Outcome = .succeeded, of subject: UserID?,
        by actor: AuditEvent.Actor?, with client: ClientID? = nil, from origin: AuditOrigin,
        personal: [String: String] = [:], details: [String: String] = [:], at moment: Timestamp? = nil,
        isSealed: Bool = true
    ) async throws -> AuditEvent {
        let now = moment ?? clock.now
        let id = AuditEvent.name(at: now) + AuditTrail.hexadecimal(random.bytes(8))
        var sealed: [UInt8]?
        if isSealed, let subject, let keys {
            var values = personal
            values["address"] = origin.address
            values["user_agent"] = origin.userAgent
            if !values.isEmpty { sealed = try await keys.seal(AuditTrail.json(values), of: subject, in: id) }
        }
        return AuditEvent(
            id: id, at: now, action: action.rawValue, outcome: outcome,
            actor: actor ?? subject.map { .person($0) } ?? .stranger, subject: subject, client: client,
            requestID: origin.requestID, network: origin.network,
            details: details.isEmpty ? nil : String(decoding: AuditTrail.json(details), as: UTF8.self), sealed: sealed)
    }

    private func event(of attempt: AuditBacklog.Attempt, isSealed: Bool = true) async throws -> AuditEvent {
        var subject = attempt.subject
        if subject == nil, let email = attempt.email.flatMap({ Email($0) }) {
            subject = try await users.find(email)?.id
        }
        return try await event(
            attempt.action, attempt.outcome, of: subject, by: attempt.actor, with: attempt.client, from: attempt.origin,
            details: attempt.details, at: attempt.at, isSealed: isSealed)
    }

    private func event(of flood: AuditBacklog.Flood) -> AuditEvent {
        AuditEvent(
            id: AuditEvent.name(at: flood.end) + AuditTrail.hexadecimal(random.bytes(8)), at: flood.end,
            action: flood.kind.action.rawValue, outcome: flood.kind.outcome, actor: .stranger, subject: nil,
            client: nil, requestID: nil, network: flood.kind.network,
            details: String(decoding: AuditTrail.json(["more": "\(flood.count)"]), as: UTF8.self), sealed: nil)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The members in the order of their names.
    private static func json(_ values: [String: String]) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            for (name, value) in values.sorted(by: { $0.key < $1.key }) { writer.member(named: name, value) }
        }
        return writer.bytes
    }
}
