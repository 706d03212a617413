public import OAuthTypes

/// Marks identifiers of mails.
public enum MailOrderKind: Sendable {}
/// Names one mail that was ordered.
public typealias MailID = Identifier<MailOrderKind>

/// What a mail is about.
public enum MailKind: String, Sendable, CaseIterable {
    /// Somebody asked for a new password; sent to nobody who has no account.
    case resetPassword = "reset_password"
    /// The password of an account has changed.
    case passwordChanged = "password_changed"
    /// Somebody wants to sign up: the address is to be proven, or has an account already.
    case signUp = "sign_up"
    /// An operator invites somebody to sign up.
    case invitation
    /// An operator tries whether mail arrives.
    case test
    /// Somebody wants an address for their account: it is to be proven, or has an account already.
    case changeEmail = "change_email"
    /// The address of an account has changed: to the one before, with the way back.
    case emailChanged = "email_changed"
    /// The address of an account has changed: to the new one.
    case emailTaken = "email_taken"
    /// Something about an account has changed that its owner should know; the details say what.
    case accountNotice = "account_notice"
    /// Somebody signed in, in a browser that is not known.
    case newDevice = "new_device"
    /// An account is to be deleted.
    case deletion
    /// Too many attempts at an account failed; sent to nobody who has none.
    case lockedOut = "locked_out"
    /// A code for somebody whose password was right.
    case signInCode = "sign_in_code"
}

/// A mail that is to be sent: what it is about, never its text.
///
/// The text, with the links and codes in it, is made when it is sent, so that what is kept here opens nothing.
public struct MailOrder: Sendable, Equatable {
    /// Names the mail; its `Message-ID` is made of it, so that a mail that was sent twice looks like one.
    public let id: MailID
    /// What it is about.
    public let kind: MailKind
    /// Whom it goes to.
    public let recipient: Email
    /// The proof or the recourse that it carries the link of; nil where there is none, or none yet.
    public let proof: TokenDigest?
    /// A few words that it tells besides, each on one line; never a secret.
    public let details: [String]
    /// When it was ordered.
    public let createdAt: Timestamp
    /// When it is too late to send it.
    public let sendBy: Timestamp
    /// When nothing of it is kept any more, sent or not.
    public let expiresAt: Timestamp
    /// Before this moment nobody else may send it.
    public var dueAt: Timestamp
    /// How often it was taken to be sent; also tells the holders of a lease apart.
    public var attempts: Int
    /// Why the last attempt failed.
    public var failure: String?
    /// When it was given up; nil while it is not.
    public var gaveUpAt: Timestamp?
    /// The tag of the language of the page that ordered it; nil where no page did.
    public let language: String?

    /// An order with every field named.
    public init(
        id: MailID, kind: MailKind, recipient: Email, proof: TokenDigest?, details: [String] = [],
        createdAt: Timestamp, sendBy: Timestamp, expiresAt: Timestamp, dueAt: Timestamp, attempts: Int,
        failure: String?, gaveUpAt: Timestamp?, language: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.recipient = recipient
        self.proof = proof
        self.details = details
        self.createdAt = createdAt
        self.sendBy = sendBy
        self.expiresAt = expiresAt
        self.dueAt = dueAt
        self.attempts = attempts
        self.failure = failure
        self.gaveUpAt = gaveUpAt
        self.language = language
    }
}

/// Mails from their order to their dispatch.
///
/// What changes something and tells of it orders its mail in the same step: see `ProofStore`.
public protocol MailStore: Sendable {
    /// Orders a mail that belongs to no other change.
    func order(_ mail: MailOrder) async throws
    /// Whether ``claim(at:until:limit:)`` would find one: a question that costs little, to be asked often.
    func isDue(at now: Timestamp) async throws -> Bool
    /// Takes up to `limit` mails that are due, the longest due first, and leases each until `end`.
    ///
    /// Leaves those of a kind that this program does not know to newer ones beside it.
    /// Atomic: a mail is leased to one of any number of callers. Each counts as an attempt.
    func claim(at now: Timestamp, until end: Timestamp, limit: Int) async throws -> [MailOrder]
    /// Deletes a mail that was sent; false where the lease had gone to another attempt.
    func sent(_ id: MailID, attempt: Int) async throws -> Bool
    /// Notes why an attempt failed and when the next is due; false where the lease had gone to another attempt.
    func failed(_ id: MailID, attempt: Int, because reason: String, next: Timestamp) async throws -> Bool
    /// Gives a mail up; false where the lease had gone to another attempt.
    func giveUp(_ id: MailID, attempt: Int, because reason: String, at now: Timestamp) async throws -> Bool
    /// Makes a mail due at once, also one that was given up; false where there is none.
    func retry(_ id: MailID, at now: Timestamp, sendBy: Timestamp) async throws -> Bool
    /// Up to `limit` mails in the order of their identifiers, from just after `cursor`.
    func list(after cursor: MailID?, limit: Int) async throws -> [MailOrder]
    /// How many there are.
    func figures() async throws -> OutboxFigures
    /// Deletes what expired by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
