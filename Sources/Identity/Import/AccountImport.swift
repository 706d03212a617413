public import JOSE
public import OAuthTypes
public import Stores

/// Takes people of an export into the accounts; may be interrupted anywhere and begun again.
///
/// The identifier of an account follows from where the person comes from, so a second run finds what the first one made
/// and changes nothing of it: whoever has signed in meanwhile, or chosen another password, keeps that.
public struct AccountImport: Sendable {
    private let users: any UserStore
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
        from format: ExportFormat, into users: any UserStore, masterKey: MasterKey?, clock: any TimeSource
    ) {
        self.format = format
        self.users = users
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
        let isMade = try await users.insert(accounts)
        var outcomes: [Outcome] = []
        for (account, isMade) in zip(accounts, isMade) {
            outcomes.append(isMade ? .made(account.user.id) : try await obstacle(account.user.id, account.user.email))
        }
        return outcomes
    }

    /// What `take` would answer now, without making anything.
    public func look(at person: ImportedPerson) async throws -> Outcome {
        let id = identifier(of: person)
        guard try await users.find(person.email) == nil, try await users.find(id) == nil else {
            return try await obstacle(id, person.email)
        }
        return .made(id)
    }

    /// What is in the way of an account.
    private func obstacle(_ id: UserID, _ email: Email) async throws -> Outcome {
        if let holder = try await users.find(email), holder.id != id { return .refused(RowRefusal(.addressTaken)) }
        // Its owner may have chosen another address meanwhile, or it may be somebody else: nobody can tell from here.
        guard let present = try await users.find(id), present.email == email else {
            return .refused(RowRefusal(.identifierTaken))
        }
        return .present(id)
    }

    private func account(_ person: ImportedPerson) throws -> ImportedAccount {
        let (id, now) = (identifier(of: person), clock.now)
        let user = User(
            id: id, email: person.email, isEmailVerified: person.isEmailVerified, name: person.name,
            passwordHash: person.hash?.encoded, createdAt: min(person.createdAt ?? now, now), updatedAt: now,
            disabledAt: person.isDisabled ? now : nil)
        guard let secret = person.authenticator else {
            return ImportedAccount(user: user, authenticator: nil, memberships: person.memberships)
        }
        guard let masterKey else { throw NoMasterKey() }
        return ImportedAccount(
            user: user, authenticator: try Authenticators.key(secret, of: id, under: masterKey, at: now),
            memberships: person.memberships)
    }
}
