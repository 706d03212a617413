public import OAuthTypes

/// A person's account.
public struct User: Sendable, Equatable {
    /// `sub`.
    public let id: UserID
    /// The address used to sign in; one account an address.
    public var email: Email
    /// Whether the address has been proven.
    public var isEmailVerified: Bool
    /// The full name (`name`, OpenID Connect Core §5.1); up to 200 characters, may be empty.
    public var name: String
    /// The encoded password hash; nil where the account has no password.
    public var passwordHash: String?
    /// When the account was made.
    public let createdAt: Timestamp
    /// When the profile last changed (`updated_at`).
    public var updatedAt: Timestamp
    /// When the account was disabled; nil while it is not.
    public var disabledAt: Timestamp?

    /// A person with every field named.
    public init(
        id: UserID, email: Email, isEmailVerified: Bool, name: String, passwordHash: String?, createdAt: Timestamp,
        updatedAt: Timestamp, disabledAt: Timestamp?
    ) {
        self.id = id
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.name = name
        self.passwordHash = passwordHash
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.disabledAt = disabledAt
    }
}

/// People's accounts.
public protocol UserStore: Sendable {
    /// Adds an account; false where the identifier or the address is taken, and then nothing has changed.
    func insert(_ user: User) async throws -> Bool
    /// The account of that `sub`.
    func find(_ id: UserID) async throws -> User?
    /// The account of that address.
    func find(_ email: Email) async throws -> User?
    /// Up to `limit` accounts in the order of their address, from just after `cursor`.
    func list(after cursor: Email?, limit: Int) async throws -> [User]
    /// Sets a password chosen anew: ends every session and revokes every grant of the account. False where there is none.
    func setPassword(_ hash: String, of id: UserID, at now: Timestamp) async throws -> Bool
    /// Replaces the hash of the same password by a stronger one; false where it changed meanwhile.
    func upgradePassword(of id: UserID, from old: String, to new: String) async throws -> Bool
    /// Sets a password in place of the one that its owner has just proven, nil where there was none, as `setPassword` does,
    /// and orders the mail that tells of it.
    ///
    /// False, and nothing has changed, where the password is another meanwhile, or the account is frozen, disabled or gone:
    /// of any number of concurrent callers exactly one gets true.
    func changePassword(
        of id: UserID, from old: String?, to new: String, at now: Timestamp, ordering mail: MailOrder?
    ) async throws -> Bool
    /// Changes the full name; answers the account as it is then, nil where there is none or it is disabled.
    func rename(_ id: UserID, to name: String, at now: Timestamp) async throws -> User?
    /// Disables the account, ends its sessions and revokes its grants; false where there is none.
    func disable(_ id: UserID, at now: Timestamp) async throws -> Bool
    /// Lets people sign in to a disabled account again; false where there is none. What has ended stays ended.
    func enable(_ id: UserID) async throws -> Bool
}
