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
    /// The tag of the language in which the person last signed in; nil where they never have.
    public var language: String?
    /// Whether codes by mail are asked for after the password, where nothing stronger is.
    public var mailCodes: MailCodeUse

    /// A person with every field named.
    public init(
        id: UserID, email: Email, isEmailVerified: Bool, name: String, passwordHash: String?, createdAt: Timestamp,
        updatedAt: Timestamp, disabledAt: Timestamp?, language: String? = nil, mailCodes: MailCodeUse = .off
    ) {
        self.id = id
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.name = name
        self.passwordHash = passwordHash
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.disabledAt = disabledAt
        self.language = language
        self.mailCodes = mailCodes
    }
}

/// What codes by mail are to an account.
public enum MailCodeUse: String, Sendable, CaseIterable {
    /// None is asked for.
    case off
    /// They are its second factor.
    case on
    /// They will be again after one recovery code: the password was set by whoever reads the same mail, so that a code by
    /// mail would prove nothing besides.
    case afterRecovery = "after_recovery"
}

/// An account that is taken over from elsewhere, with what belongs to it.
public struct ImportedAccount: Sendable, Equatable {
    /// The account.
    public let user: User
    /// The key of the app for codes, confirmed already; nil where there is none.
    public let authenticator: TOTPKey?
    /// Its groups and roles.
    public let memberships: Set<Membership>
    /// Who opens it at connectors; all of this account.
    public let links: [LinkedIdentity]

    /// Whether nobody but these has said whose the account is: then the first new password by mail takes them off it.
    public var hasFoundingLinks: Bool { !user.isEmailVerified || user.passwordHash == nil }

    /// An account and what belongs to it.
    public init(
        user: User, authenticator: TOTPKey?, memberships: Set<Membership> = [], links: [LinkedIdentity] = []
    ) {
        self.user = user
        self.authenticator = authenticator
        self.memberships = memberships
        self.links = links
    }
}

/// People's accounts.
public protocol UserStore: Sendable {
    /// Adds an account; false where the identifier or the address is taken, and then nothing has changed.
    func insert(_ user: User) async throws -> Bool
    /// Adds accounts, each with all that belongs to it or not at all; false in the place of one whose identifier, address or
    /// person at a connector is taken, of which nothing has changed.
    func insert(_ accounts: [ImportedAccount]) async throws -> [Bool]
    /// The account of that `sub`.
    func find(_ id: UserID) async throws -> User?
    /// The account of that address.
    func find(_ email: Email) async throws -> User?
    /// When all sessions of the account were last ended at once, such as by a new password; nil where they never were.
    func signedOutAt(_ id: UserID) async throws -> Timestamp?
    /// The password hash of the first of the four accounts whose identifiers follow one, itself included, that has one.
    func passwordHash(near id: UserID) async throws -> String?
    /// Up to `limit` accounts in the order of their address, from just after `cursor`.
    func list(after cursor: Email?, limit: Int) async throws -> [User]
    /// Sets a password chosen anew: ends every session and revokes every grant of the account. False where there is none.
    func setPassword(_ hash: String, of id: UserID, at now: Timestamp) async throws -> Bool
    /// Replaces the hash of the same password by a stronger one; false where it changed meanwhile.
    func upgradePassword(of id: UserID, from old: String, to new: String) async throws -> Bool
    /// Sets a password in place of the one that its owner has just proven, nil where there was none, as `setPassword` does,
    /// keeps the recourse and orders the mail that tells of it.
    ///
    /// False, and nothing has changed, where the password is another meanwhile, or the account is frozen, disabled or gone:
    /// of any number of concurrent callers exactly one gets true.
    func changePassword(
        of id: UserID, from old: String?, to new: String, at now: Timestamp, recourse: Recourse?,
        ordering mail: MailOrder?
    ) async throws -> Bool
    /// Takes away a password, keeps the recourse and orders the mail that tells of it.
    ///
    /// False, and nothing has changed, where the password is another meanwhile, no passkey that verifies its user would open
    /// the account any more, or it is frozen or disabled.
    func removePassword(
        of id: UserID, from old: String, at now: Timestamp, recourse: Recourse?, ordering mail: MailOrder?
    ) async throws -> Bool
    /// Notes the language in which a person signs in.
    func setLanguage(_ tag: String, of id: UserID) async throws
    /// Changes what codes by mail are to an account; false where they are something else than `old`, or there is none.
    ///
    /// False, too, where the account is frozen at `now`. Where they were the last second factor, recovery codes and
    /// remembered devices go with them.
    func changeMailCodes(
        of id: UserID, from old: MailCodeUse, to new: MailCodeUse, at now: Timestamp
    ) async throws -> Bool
    /// Changes the full name; answers the account as it is then, nil where there is none or it is disabled.
    func rename(_ id: UserID, to name: String, at now: Timestamp) async throws -> User?
    /// Disables the account, ends its sessions and revokes its grants; false where there is none.
    func disable(_ id: UserID, at now: Timestamp) async throws -> Bool
    /// Lets people sign in to a disabled account again; false where there is none. What has ended stays ended.
    func enable(_ id: UserID) async throws -> Bool
}
