public import OAuthTypes
public import Stores

/// The end of an account: everything that belongs to it is removed, and what stays in the log is unreadable for good.
public struct Erasure: Sendable {
    private let persons: any PersonStore
    private let holds: any AccountHoldStore
    private let audit: AuditTrail

    /// Erasure over the stores.
    public init(_ storage: Storage, audit: AuditTrail) {
        persons = storage.persons
        holds = storage.holds
        self.audit = audit
    }

    /// Erases a person, all or nothing; false where there is no such account (any more).
    ///
    /// Sessions, grants, consents, factors, proofs and mails that wait go with the account, and the key of the person is
    /// destroyed. The log says that it was done, and by whom. Order no mail to the address before: it would go as well.
    @discardableResult
    public func erase(
        _ person: UserID, by actor: AuditEvent.Actor, from origin: AuditOrigin
    ) async throws -> Bool {
        // Nothing in it is sealed: the key ends with this very step.
        let bare = AuditOrigin(requestID: origin.requestID, network: origin.network)
        let event = try await audit.event(.accountErased, of: person, by: actor, from: bare)
        return try await persons.erase(person, recording: event)
    }

    /// Erases up to `limit` people whose grace time is over at `now`, and answers whose they were.
    public func eraseDue(at now: Timestamp, limit: Int) async throws -> [UserID] {
        var erased: [UserID] = []
        for person in try await holds.due(at: now, limit: limit) {
            let event = try await audit.event(.accountErased, of: person, by: .server, from: .here)
            if try await holds.erase(person, dueBy: now, recording: event) { erased.append(person) }
        }
        return erased
    }
}
