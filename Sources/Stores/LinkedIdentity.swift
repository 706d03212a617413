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
    /// There is no such account, or it is frozen, disabled, or to be deleted.
    case noAccount
}

/// What ends with a link, in the same step.
public enum LinkEnding: Sendable, Equatable {
    /// The sessions that began by it, with all that clients were granted in them: but that of a cookie, its owner's own.
    case whatCameByIt(but: TokenDigest?)
    /// Every other session, where nothing tells which began by it: but that of a cookie.
    case others(but: TokenDigest)
    /// Everything that the account has open, as by a new password.
    case everything
}

/// A link that is to go, with what is noted and told of it in the same step.
public struct LinkParting: Sendable {
    /// Where the person is known.
    public let connector: ConnectorID
    /// What they are known by there.
    public let subject: String
    /// Whose account it opens.
    public let userID: UserID
    /// What ends with it.
    public let ending: LinkEnding
    /// When it goes.
    public let at: Timestamp
    /// What the log of events says.
    public let event: AuditEvent
    /// The mail to the owner, and what they may still do about it; nil where no mail can be sent.
    public let notice: (recourse: Recourse, mail: MailOrder)?

    /// A parting with every field named.
    public init(
        connector: ConnectorID, subject: String, userID: UserID, ending: LinkEnding, at: Timestamp, event: AuditEvent,
        notice: (recourse: Recourse, mail: MailOrder)?
    ) {
        self.connector = connector
        self.subject = subject
        self.userID = userID
        self.ending = ending
        self.at = at
        self.event = event
        self.notice = notice
    }
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
    ///
    /// None that is frozen, disabled or to be deleted by then gets it.
    func link(_ identity: LinkedIdentity) async throws -> LinkOutcome
    /// Makes an account with its first link, both or none.
    ///
    /// False where the identifier, the address or the person at the connector has an account: of any number of
    /// concurrent callers exactly one gets true.
    func create(_ user: User, linking identity: LinkedIdentity) async throws -> Bool
    /// Notes what a sign-in told; false where the link is gone.
    func use(_ identity: LinkedIdentity) async throws -> Bool
    /// Removes a link, unless it is the last way in: a password, a passkey, or a link to a connector that is enabled.
    ///
    /// All or nothing: what ends with it ends, the event is noted and the mail is ordered where it is gone. What clients
    /// got with `offline_access` goes with the session that they got it in. Where that session has ended nobody knows any
    /// more by what it began: of such, what they got since the link was made goes as well.
    func unlink(_ parting: LinkParting) async throws -> LinkRemoval
    /// The links to a connector behind a subject, in the order of the subjects' bytes; the first hundred.
    func list(at connector: ConnectorID, after subject: String) async throws -> [LinkedIdentity]
    /// How many accounts that are not disabled nothing opens but links to that connector, whether or not it is enabled.
    func countOpened(onlyBy connector: ConnectorID) async throws -> Int
}
