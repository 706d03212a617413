public import OAuthTypes

/// A person at a connector, and the account that they have here.
///
/// The pair of connector and `subject` is who they are: never an address, which providers give to others again.
public struct LinkedIdentity: Sendable, Equatable {
    /// Where the person is known.
    public let connector: ConnectorID
    /// What they are known by there; 1 to 512 bytes, compared byte by byte.
    public let subject: String
    /// Whose account it opens.
    public let userID: UserID
    /// The address that the connector told last; for people to read, nothing is decided by it.
    public var email: String?
    /// The name that the connector told last.
    public var name: String?
    /// When the two were linked.
    public let linkedAt: Timestamp
    /// When the person last signed in by it; nil before the first time.
    public var lastUsedAt: Timestamp?

    /// A link with every field named.
    public init(
        connector: ConnectorID, subject: String, userID: UserID, email: String?, name: String?, linkedAt: Timestamp,
        lastUsedAt: Timestamp?
    ) {
        self.connector = connector
        self.subject = subject
        self.userID = userID
        self.email = email
        self.name = name
        self.linkedAt = linkedAt
        self.lastUsedAt = lastUsedAt
    }
}

/// What came of linking.
public enum LinkOutcome: Sendable, Equatable {
    /// It opens the account now, or did before.
    case linked
    /// It opens another account.
    case taken
    /// There is no such account, or it is frozen.
    case noAccount
}

/// What came of unlinking.
public enum LinkRemoval: Sendable, Equatable {
    /// It is gone.
    case removed
    /// It stays: nothing else opens the account.
    case lastWayIn
    /// The account has no such link.
    case unknown
}

/// Links between accounts and people at connectors.
public protocol LinkedIdentityStore: Sendable {
    /// The link of a person at a connector whose account is there.
    func find(_ connector: ConnectorID, subject: String) async throws -> LinkedIdentity?
    /// The links of an account, the first linked first; the first hundred.
    func list(of user: UserID) async throws -> [LinkedIdentity]
    /// Links a person at a connector to an account: of two accounts at the same moment one gets it.
    func link(_ identity: LinkedIdentity) async throws -> LinkOutcome
    /// Makes an account with its first link, both or none.
    ///
    /// False where the identifier, the address or the person at the connector has an account: of any number of
    /// concurrent callers exactly one gets true.
    func create(_ user: User, linking identity: LinkedIdentity) async throws -> Bool
    /// Notes what a sign-in told; false where the link is gone.
    func use(_ identity: LinkedIdentity) async throws -> Bool
    /// Removes a link, unless it is the last way in: a password, a passkey, or a link to a connector that is enabled.
    func unlink(_ connector: ConnectorID, subject: String, of user: UserID) async throws -> LinkRemoval
}
