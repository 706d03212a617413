import Identity
import JOSE
import JSON
import OAuthTypes
import Stores

/// Security events for people to read: accounts by their addresses, origins as far as they can be opened.
final class ShownEvents {
    private let audit: AuditTrail
    private let users: any UserStore
    private var addresses: [UserID: String] = [:]
    /// Events so far that are sealed with a master key that is not here, or damaged.
    private(set) var unopened = 0

    /// Accounts whose addresses are remembered.
    private static let capacity = 10_000

    init(_ audit: AuditTrail, _ users: any UserStore) {
        self.audit = audit
        self.users = users
    }

    /// What an event tells of its subject, as JSON; nil where it cannot be read here or by anybody.
    func personal(of event: AuditEvent) async throws -> String? {
        do {
            return try await audit.personal(of: event)
        } catch is JOSEError {
            // The network stands for it.
            unopened += 1
            return nil
        }
    }

    /// Says at the end of what was written that it is not all.
    func requireAll() throws(CommandFailure) {
        guard unopened > 0 else { return }
        throw CommandFailure(
            "what \(unopened) events tell of people could not be opened and was left out: it is damaged, or sealed with "
                + "another master key; `martlet doctor` tells more")
    }

    /// A row for each event.
    func table(_ events: [AuditEvent]) async throws -> String {
        var table = TextTable("TIME", "ACTION", "OUTCOME", "BY", "ON", "CLIENT", "FROM", "REQUEST", "DETAILS")
        for event in events {
            let personal = try await personal(of: event)
            let members = personal.flatMap { try? JSONObject(parsing: Array($0.utf8)) }
            var on = ""
            if let subject = event.subject { on = try await address(of: subject) }
            table.add(
                ShownEvents.time(event.at), event.action, event.outcome.rawValue, by(event), on,
                event.client?.rawValue ?? "", members?["address"]?.string ?? event.network ?? "",
                event.requestID ?? "", event.details ?? "")
        }
        return table.text
    }

    private func by(_ event: AuditEvent) -> String {
        if let subject = event.subject, event.actor == .person(subject) { return "themselves" }
        return event.actor.text
    }

    /// The address of an account; its identifier where there is none any more.
    private func address(of id: UserID) async throws -> String {
        if let known = addresses[id] { return known }
        let address = try await users.find(id)?.email.rawValue ?? id.rawValue
        if addresses.count >= ShownEvents.capacity { addresses = [:] }
        addresses[id] = address
        return address
    }

    private static func time(_ moment: Timestamp) -> String {
        String(moment.internetDate.map { $0 == "T" ? " " : $0 })
    }
}

@available(*, unavailable)
extension ShownEvents: Sendable {}
