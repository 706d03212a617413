public import JOSE
public import OAuthTypes
public import Stores

/// Takes people of an export into the accounts; may be interrupted anywhere and begun again.
///
/// The identifier of an account follows from where the person comes from, so a second run finds what the first one made
/// and changes nothing of it: whoever has signed in meanwhile, or chosen another password, keeps that.
public struct AccountImport: Sendable {
    private let storage: Storage
    private let masterKey: MasterKey?
    private let clock: any TimeSource
    private let format: ExportFormat

    /// What came of a person.
    public enum Outcome: Sendable, Equatable {
        /// There is an account now.
        case made(UserID)
        /// An earlier run has made it.
        case present(UserID)
        /// There is none.
        case refused(RowRefusal)
    }

    /// There are secrets to be sealed, and nothing to seal them with.
    public struct NoMasterKey: Error, Sendable {}

    /// An import; the master key is asked for where somebody brings an app for codes.
    public init(
        from format: ExportFormat, into storage: Storage, masterKey: MasterKey?, clock: any TimeSource
    ) {
        self.format = format
        self.storage = storage
        self.masterKey = masterKey
        self.clock = clock
    }

    /// The `sub` of a person: the same for the same export, and never one that was made by chance.
    public func identifier(of person: ImportedPerson) -> UserID {
        let text = "martlet import\u{0}\(format.rawValue)\u{0}\(person.source)"
        let digest = SHA256.digest(of: Array(text.utf8)).bytes
        return UserID(rawValue: ClientID.reservedPrefix + Base64URL.encode(Array(digest.prefix(16))))
    }

    /// Makes the accounts that are missing, in one step; an outcome for each person.
    public func take(_ people: [ImportedPerson]) async throws -> [Outcome] {
        let accounts = try people.map(account)
        let isMade = try await storage.users.insert(accounts)
        var outcomes: [Outcome] = []
        for (person, isMade) in zip(people, isMade) {
            let id = identifier(of: person)
            outcomes.append(
                isMade ? .made(id) : try await obstacle(person, id) ?? .refused(RowRefusal(.identifierTaken)))
        }
        return outcomes
    }

    /// What `take` would answer now, without making anything.
    public func look(at person: ImportedPerson) async throws -> Outcome {
        let id = identifier(of: person)
        return try await obstacle(person, id) ?? .made(id)
    }

    /// What is in the way of an account; nil for nothing.
    private func obstacle(_ person: ImportedPerson, _ id: UserID) async throws -> Outcome? {
        if let holder = try await storage.users.find(person.email), holder.id != id {
            return .refused(RowRefusal(.addressTaken))
        }
        if let present = try await storage.users.find(id) {
            // Its owner may have chosen another address meanwhile, or it may be somebody else: nobody can tell from here.
            return present.email == person.email ? .present(id) : .refused(RowRefusal(.identifierTaken))
        }
        for identity in person.identities
        where try await storage.links.find(identity.connector, subject: identity.subject) != nil {
            return .refused(RowRefusal(.identityTaken, identity.connector.rawValue))
        }
        return nil
    }

    /// The connectors at which somebody whose account was there has an identity that does not open it.
    public func unlinked(of person: ImportedPerson) async throws -> [ConnectorID] {
        var connectors: [ConnectorID] = []
        let id = identifier(of: person)
        for identity in person.identities
        where try await storage.links.find(identity.connector, subject: identity.subject)?.userID != id {
            connectors.append(identity.connector)
        }
        return connectors
    }

    private func account(_ person: ImportedPerson) throws -> ImportedAccount {
        let (id, now) = (identifier(of: person), clock.now)
        let user = User(
            id: id, email: person.email, isEmailVerified: person.isEmailVerified, name: person.name,
            passwordHash: person.hash?.encoded, createdAt: min(person.createdAt ?? now, now), updatedAt: now,
            disabledAt: person.isDisabled ? now : nil)
        var key: TOTPKey?
        if let secret = person.authenticator {
            guard let masterKey else { throw NoMasterKey() }
            key = try Authenticators.key(secret, of: id, under: masterKey, at: now)
        }
        let links = person.identities.map {
            LinkedIdentity(
                connector: $0.connector, subject: $0.subject, userID: id, email: nil, name: nil, linkedAt: now,
                lastUsedAt: nil)
        }
        return ImportedAccount(user: user, authenticator: key, memberships: person.memberships, links: links)
    }
}
