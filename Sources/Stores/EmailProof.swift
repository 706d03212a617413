public import OAuthTypes

/// The proof that whoever holds a link or a code reads the mail of an address, from its making until it is spent.
public struct EmailProof: Sendable, Equatable {
    /// What spending it does.
    public enum Purpose: String, Sendable, CaseIterable {
        /// The account gets a new password.
        case resetPassword = "reset_password"
        /// An account is made of what was typed at sign-up.
        case signUp = "sign_up"
        /// An account is made of what is typed after the link was followed.
        case invitation
        /// The account gets another address.
        case changeEmail = "change_email"
        /// A person whose password was right goes on.
        case secondFactor = "second_factor"
    }

    /// SHA-256 of the identifier in the address of the page that waits for the code; names the proof.
    public let id: TokenDigest
    /// What spending it does.
    public let purpose: Purpose
    /// The address that is proven.
    public let email: Email
    /// The account it is about; nil where it is still to be made.
    public let userID: UserID?
    /// The name typed at sign-up.
    public let name: String
    /// The hash of the password typed at sign-up.
    public let passwordHash: String?
    /// SHA-256 of the cookie of the browser in which it was typed.
    public let browser: TokenDigest?
    /// The authorization request that waits for the person, by the identifier in its address; nothing to anybody else.
    public let interaction: String?
    /// SHA-256 of the secret in the newest link; nil until it is made.
    public var link: TokenDigest?
    /// MAC of the newest code; nil where there is none.
    public var code: TokenDigest?
    /// When it is too late to type the code.
    public var codeExpiresAt: Timestamp?
    /// How often the newest code was guessed at.
    public var guesses: Int
    /// How many mails were ordered for it.
    public var mails: Int
    /// When it was made.
    public let createdAt: Timestamp
    /// When it is too late to follow the link.
    public let expiresAt: Timestamp

    /// A proof with every field named.
    public init(
        id: TokenDigest, purpose: Purpose, email: Email, userID: UserID?, name: String, passwordHash: String?,
        browser: TokenDigest?, interaction: String?, link: TokenDigest?, code: TokenDigest?, codeExpiresAt: Timestamp?,
        guesses: Int, mails: Int, createdAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.purpose = purpose
        self.email = email
        self.userID = userID
        self.name = name
        self.passwordHash = passwordHash
        self.browser = browser
        self.interaction = interaction
        self.link = link
        self.code = code
        self.codeExpiresAt = codeExpiresAt
        self.guesses = guesses
        self.mails = mails
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// Proofs of addresses, and what is done with one: spending it, the change, and the mail that tells of it are one step.
public protocol ProofStore: Sendable {
    /// Keeps a new proof in place of older ones of the same purpose and account, and orders its mail.
    func open(_ proof: EmailProof, ordering mail: MailOrder?) async throws
    /// Gives a living proof a new link and a new code: older ones are worth nothing. False where there is none.
    func arm(
        _ id: TokenDigest, link: TokenDigest, code: TokenDigest?, codeExpiresAt: Timestamp?, at now: Timestamp
    ) async throws -> Bool
    /// The proof of that identifier that lives at `now`.
    func find(_ id: TokenDigest, at now: Timestamp) async throws -> EmailProof?
    /// The proof whose newest link has that secret and that lives at `now`.
    func find(link: TokenDigest, at now: Timestamp) async throws -> EmailProof?
    /// Counts a guess at the code and answers the proof as it is then; nil where none may be made any more.
    ///
    /// Atomic: of any number of concurrent callers `limit` may guess at one code.
    func guess(_ id: TokenDigest, limit: Int, at now: Timestamp) async throws -> EmailProof?
    /// Spends a living proof on its newest code: of any number of concurrent callers exactly one gets true.
    func spend(_ id: TokenDigest, code: TokenDigest, at now: Timestamp) async throws -> Bool
    /// Orders one more mail for a living proof; false where there is none, or where it has had `limit` mails.
    func resend(_ id: TokenDigest, limit: Int, at now: Timestamp, ordering mail: MailOrder) async throws -> Bool
    /// Spends a living proof on a new password of its account: its sessions and grants end, the recourse
    /// is kept and the mail is ordered.
    ///
    /// Codes by mail are none of its factors then, until a recovery code was used (`MailCodeUse.afterRecovery`).
    /// False, and nothing has changed, where the proof is spent, replaced or expired, or the account is disabled or gone.
    /// Of any number of concurrent callers exactly one gets true.
    func resetPassword(
        by link: TokenDigest, to hash: String, at now: Timestamp, recourse: Recourse, ordering mail: MailOrder
    ) async throws -> Bool
    /// Spends a living proof, by its identifier, on the making of an account.
    ///
    /// False, and nothing has changed, where the proof is spent or expired, or the address or the identifier is taken.
    /// Links and codes of others that were to make an account of the address work no more; the proofs stay, so that
    /// who waits for such a code does not learn of the account.
    func createAccount(_ user: User, by id: TokenDigest, at now: Timestamp) async throws -> Bool
    /// Spends a living proof, by its identifier, on the address of its account: other proofs of the account end with it, the
    /// recourse is kept and the mails are ordered.
    ///
    /// False, and nothing has changed, where the proof is spent or expired, the account has another address than `old`, is
    /// frozen or disabled, or the new address is taken.
    func changeEmail(
        by id: TokenDigest, from old: Email, at now: Timestamp, recourse: Recourse, ordering mails: [MailOrder]
    ) async throws -> Bool
    /// Deletes what expired by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
