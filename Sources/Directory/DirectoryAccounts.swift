public import Identity
public import JOSE
import JSON
public import OAuthTypes
public import Stores

/// The people whose passwords directories compare: connectors of kind `ldap`.
///
/// Who somebody is follows from the connector and the identifier that the directory has for them, never from an address.
public actor DirectoryAccounts: PasswordAuthority {
    /// What it is made of.
    public struct Parts: Sendable {
        /// The connectors that are enabled, as a cache knows them.
        let connectors: @Sendable () async throws -> [Connector]
        let store: any ConnectorStore
        let links: any LinkedIdentityStore
        /// Whether people get accounts where a connector does not say.
        let makesAccounts: Bool
        /// The password of the account that searches; nil where there is none.
        let secret: @Sendable (Connector) throws -> Secret?
        let clock: any TimeSource
        let random: any RandomSource
        /// Waits so long, or throws as soon as the task is cancelled.
        let pause: @Sendable (Duration) async throws -> Void
        /// Is told why somebody was not signed in, in a word without anything personal.
        let report: @Sendable (ConnectorID, String) -> Void
        /// How a directory is reached.
        let transport: @Sendable (DirectorySettings) -> any DirectoryTransport

        /// Parts; `transport` is libldap unless a test says otherwise.
        public init(
            connectors: @escaping @Sendable () async throws -> [Connector], store: any ConnectorStore,
            links: any LinkedIdentityStore, makesAccounts: Bool,
            secret: @escaping @Sendable (Connector) throws -> Secret?,
            clock: any TimeSource, random: any RandomSource,
            pause: @escaping @Sendable (Duration) async throws -> Void,
            report: @escaping @Sendable (ConnectorID, String) -> Void,
            transport: @escaping @Sendable (DirectorySettings) -> any DirectoryTransport = { LDAPTransport($0) }
        ) {
            self.connectors = connectors
            self.store = store
            self.links = links
            self.makesAccounts = makesAccounts
            self.secret = secret
            self.clock = clock
            self.random = random
            self.pause = pause
            self.report = report
            self.transport = transport
        }
    }

    private struct Known {
        let connector: Connector
        /// Nil where the settings cannot be used.
        let directory: Directory?
    }

    private let parts: Parts
    private var known: [ConnectorID: Known] = [:]

    /// The people of the directories among connectors.
    public init(_ parts: Parts) { self.parts = parts }

    /// Ends the threads of every directory.
    public func stop() async {
        let all = known.values.compactMap(\.directory)
        known = [:]
        for directory in all { await directory.stop() }
    }

    /// Lets go of what is no connector in use any more, or another one: its threads end with the last question to it.
    public func connectorsChanged() async {
        // Where that cannot be known now, the next change or the next sign-in says it.
        guard let current = try? await directories() else { return }
        known = known.filter { id, known in current.contains { $0.id == id && $0 == known.connector } }
    }

    /// Whether somebody would compare a password of this address now.
    public func isAnswering(for email: Email) async throws -> Bool {
        guard let connector = try await connector(for: email), let known = known[connector.id],
            known.connector == connector
        else { return true }
        return known.directory?.isAnswering ?? false
    }

    /// The directories whose threads run.
    var running: [Directory] { known.values.compactMap(\.directory) }

    /// The person whom the directory of their domain proves.
    public func prove(_ email: Email, password: Password) async throws -> ProvenIdentity? {
        guard let cached = try await connector(for: email), let connector = try await current(cached.id) else {
            return nil
        }
        guard let directory = directory(of: connector) else {
            throw PasswordsUnavailable(
                name: connector.name, connector: connector.id, reason: DirectoryAccounts.unusable)
        }
        let begun = parts.clock.now
        let verdict: DirectoryVerdict
        do throws(DirectoryFault) {
            verdict = try await directory.prove(email, password: password.typed)
        } catch {
            // What is at rest was reported when it began to be.
            if error != .unavailable(.resting) { parts.report(connector.id, error.description) }
            throw PasswordsUnavailable(
                name: connector.name, connector: connector.id, reason: error.description,
                isOfOnePerson: error == .unavailable(.tooLarge))
        }
        switch verdict {
        case .refused(let reason):
            if reason.isNews { parts.report(connector.id, reason.rawValue) }
            return nil
        case .proven(let person):
            let groups = directory.settings.groups(named: person.groups, of: connector.id)
            return identity(person, at: connector, directory.settings, provenAt: begun, groups: groups)
        }
    }

    /// Somebody whom a directory proved a moment ago, with what its operator allows now.
    public func person(
        _ subject: String, at connector: ConnectorID, email: Email?, name: String?
    ) async throws -> ProvenIdentity? {
        guard let connector = try await current(connector), connector.kind == .ldap,
            let settings = try? DirectorySettings(connector), let email, settings.admits(email)
        else { return nil }
        let person = DirectoryPerson(subject: subject, email: email, name: name, groups: [])
        // Which groups they are in is not known any more: the next sign-in says it.
        return identity(person, at: connector, settings, provenAt: nil, groups: nil)
    }

    /// Where the password of an account is kept that has none here.
    public func keeper(of user: User) async throws -> PasswordKeeper? {
        guard user.passwordHash == nil else { return nil }
        let directories = try await directories()
        guard !directories.isEmpty else { return nil }
        for link in try await parts.links.list(of: user.id) {
            guard let connector = directories.first(where: { $0.id == link.connector }) else { continue }
            return PasswordKeeper(
                name: connector.name, page: (try? DirectorySettings(connector))?.passwordPage)
        }
        return nil
    }

    /// A person of a directory, with what its operator allows.
    ///
    /// Whoever names a directory has invited its people: they get accounts also where strangers cannot make one. Where
    /// terms are to be accepted first they do only if the settings say so.
    private func identity(
        _ person: DirectoryPerson, at connector: Connector, _ settings: DirectorySettings, provenAt moment: Timestamp?,
        groups: [String]?
    ) -> ProvenIdentity {
        ProvenIdentity(
            connector: connector.id, connectorName: connector.name, subject: person.subject, email: person.email,
            isEmailVerified: true, name: person.name, methods: [.password], hasSecondFactor: false, provenAt: moment,
            groups: groups,
            rules: ProvenIdentity.Rules(
                isAdmitted: true, mayCreate: settings.mayCreate ?? parts.makesAccounts, mayLink: settings.mayLink,
                bringsName: settings.bringsName))
    }

    /// The connector as the store has it, since one that is disabled is dead at once; nil for such a one.
    private func current(_ id: ConnectorID) async throws -> Connector? {
        guard let connector = try await parts.store.find(id), connector.isEnabled else { return nil }
        return connector
    }

    private func directories() async throws -> [Connector] {
        try await parts.connectors().filter { $0.kind == .ldap && $0.isEnabled }
    }

    private func connector(for email: Email) async throws -> Connector? {
        for connector in try await directories() {
            if let settings = try? DirectorySettings(connector), settings.admits(email) { return connector }
        }
        return nil
    }

    private static let unusable = "unusable_settings"

    private func directory(of connector: Connector) -> Directory? {
        if let known = known[connector.id], known.connector == connector { return known.directory }
        // Whoever is asking the one of before is answered yet, and nobody waits for that.
        let directory = make(connector)
        known[connector.id] = Known(connector: connector, directory: directory)
        return directory
    }

    private func make(_ connector: Connector) -> Directory? {
        do {
            let settings = try DirectorySettings(connector)
            return try Directory(
                settings, secret: try parts.secret(connector), transport: parts.transport(settings),
                clock: parts.clock, random: parts.random, pause: parts.pause)
        } catch {
            parts.report(connector.id, DirectoryAccounts.unusable)
            return nil
        }
    }
}

extension DirectorySettings {
    /// The settings of a connector of kind `ldap`.
    public init(_ connector: Connector) throws(Fault) {
        guard let object = try? JSONObject(parsing: Array(connector.settings.utf8)) else {
            throw Fault(member: "settings", demand: "must be a JSON object")
        }
        try self.init(object)
        if case .search(as: .some) = finding, connector.sealedSecret == nil {
            throw Fault(member: "bind_dn", demand: "needs the secret of the connector")
        }
    }
}
