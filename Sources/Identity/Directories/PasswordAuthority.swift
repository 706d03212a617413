public import OAuthTypes
public import Stores

/// Who compares the passwords of some people in our place: directories.
public protocol PasswordAuthority: Sendable {
    /// The person whom the directory of their domain proves; nil where it does not, or no directory has the domain.
    ///
    /// Throws `PasswordsUnavailable` where nothing is known, such as while it does not answer.
    func prove(_ email: Email, password: Password) async throws -> ProvenIdentity?
    /// Somebody whom a directory proved a moment ago, with what its operator allows now; nil where it is no directory, or
    /// not in use any more.
    func person(
        _ subject: String, at connector: ConnectorID, email: Email?, name: String?
    ) async throws -> ProvenIdentity?
    /// Where the password of an account is kept that has none here; nil where no directory in use opens it.
    func keeper(of user: User) async throws -> PasswordKeeper?
    /// False where nobody would compare a password of this address at the moment, as far as that is known without asking.
    func isAnswering(for email: Email) async throws -> Bool
    /// The connectors may be others than before: what is of none any more is let go.
    func connectorsChanged() async
}

/// Where the password of an account is kept, so that nobody can change it here.
public struct PasswordKeeper: Sendable, Equatable {
    /// What people call it.
    public let name: String
    /// The address at which people change or restore it; nil where nobody knows.
    public let page: String?

    /// A keeper.
    public init(name: String, page: String?) {
        self.name = name
        self.page = page
    }
}

/// Whoever compares a password does not answer: nothing is known of it.
public struct PasswordsUnavailable: Error, Sendable, Equatable {
    /// What people call it.
    public let name: String
    /// Which it is.
    public let connector: ConnectorID
    /// Why, in a word without anything personal.
    public let reason: String
    /// Whether it answers others: the failure is then counted as any, since nothing else would bound the guesses.
    public let isOfOnePerson: Bool

    /// That a directory does not answer.
    public init(name: String, connector: ConnectorID, reason: String, isOfOnePerson: Bool = false) {
        self.isOfOnePerson = isOfOnePerson
        self.name = name
        self.connector = connector
        self.reason = reason
    }
}
