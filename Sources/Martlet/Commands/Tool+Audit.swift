import Glibc
import Identity
import OAuthTypes
import Stores

extension Tool {
    /// Who works here, as the log of security events names them.
    var administrator: AuditEvent.Actor { .administrator(Tool.systemUser) }

    /// Notes what this command has done; it tells of nobody but by identifiers, so it needs no master key.
    ///
    /// Where the log cannot take it, whoever runs the command reads that it was done all the same.
    func note(
        _ action: AuditAction, of subject: UserID? = nil, with client: ClientID? = nil, details: [String: String] = [:]
    ) async throws {
        do {
            try await AuditTrail(stores, masterKey: nil, clock: clock, random: random).note(
                action, of: subject, by: administrator, with: client, from: .here, details: details)
        } catch {
            throw CommandFailure(
                Ending(of: error).status,
                "it was done, and the log of security events could not take it (\(action.rawValue)): \(error)")
        }
    }

    /// The same for an account by its address.
    func note(_ action: AuditAction, ofEmail email: String) async throws {
        var user: User?
        if let address = Email(email) { user = try? await stores.users.find(address) }
        try await note(action, of: user?.id)
    }

    /// The log with what it tells of people, where the master key is at hand.
    func auditTrail() -> AuditTrail {
        ProcessMemory.hide()
        return AuditTrail(stores, masterKey: try? configuration.masterKey.read(), clock: clock, random: random)
    }

    /// Gives what was noted its place, also where no server runs.
    func linkEvents() async throws {
        let audit = AuditTrail(stores, masterKey: nil, clock: clock, random: random)
        try await AuditLinker(stores, issuer: "", masterKey: nil, audit: audit, clock: clock).link()
    }

    /// An account by address, or by the identifier of one that is no more.
    func userID(_ text: String) async throws -> UserID {
        if text.hasPrefix(ClientID.reservedPrefix) { return UserID(rawValue: text) }
        guard let address = Email(text), let user = try await stores.users.find(address) else {
            throw CommandFailure(Accounts.Refusal.unknown)
        }
        return user.id
    }

    /// The name of the account on this machine, or its number.
    private static var systemUser: String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        guard getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name
        else { return "uid \(getuid())" }
        return String(cString: name)
    }
}
