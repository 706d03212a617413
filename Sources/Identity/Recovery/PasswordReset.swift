public import JOSE
public import OAuthTypes
public import Stores

/// A new password for whoever reads the mail of an account: ASVS 6.4.3.
///
/// Whoever asks gets the same answer after the same work, whether there is an account or not: that is looked up when the
/// mail is sent.
public struct PasswordReset: Sendable {
    private let storage: Storage
    private let accounts: Accounts
    private let limits: MailLimits
    private let clock: any TimeSource
    private let random: any RandomSource
    private let wake: @Sendable () -> Void
    private let authority: (any PasswordAuthority)?

    /// What came of asking for a link.
    public enum Request: Sendable, Equatable {
        /// If there is an account, a mail is on its way.
        case taken
        /// That cannot be an address.
        case invalidEmail
        /// Too much was asked for from this network; the time to wait.
        case limited(Duration)
    }

    /// What came of choosing a password.
    public enum Outcome: Sendable, Equatable {
        /// It holds; every session and grant of the account has ended.
        case changed
        /// Such a password may not be chosen; the link still works.
        case unfitPassword
        /// The link was used, replaced or came too late.
        case over
    }

    /// Resets over the stores; `wake` is called when a mail was ordered, `authority` has the passwords that cannot be set
    /// here.
    public init(
        _ storage: Storage, accounts: Accounts, limits: MailLimits, clock: any TimeSource, random: any RandomSource,
        beside authority: (any PasswordAuthority)? = nil, wake: @escaping @Sendable () -> Void
    ) {
        self.storage = storage
        self.accounts = accounts
        self.limits = limits
        self.clock = clock
        self.random = random
        self.wake = wake
        self.authority = authority
    }

    /// Orders a mail with a link, in the language of a tag.
    public func request(_ text: String, from origin: SignInOrigin, language: String? = nil) async throws -> Request {
        guard let email = Email(text) else { return .invalidEmail }
        switch try await limits.admit(email, for: .reset, from: origin) {
        case .networkIsOver(let wait): return .limited(wait)
        // The mails that were sent are enough; who asks learns nothing of them.
        case .addressIsOver: return .taken
        case .admitted: break
        }
        try await storage.mails.order(
            MailOrder(.resetPassword, to: email, language: language, at: clock.now, random: random))
        wake()
        return .taken
    }

    /// Who chooses the password, with whether a second factor is asked for beside it.
    public func owner(_ user: User) async throws -> PasswordOwner { try await PasswordOwner(of: user, in: storage) }

    /// The account that a link is for, which this spends nothing of; nil where the link does not work.
    public func account(of link: String) async throws -> User? {
        let proof = try await storage.proofs.find(link: MailCodes.digest(of: link), at: clock.now)
        guard let proof, proof.purpose == .resetPassword, let id = proof.userID,
            let user = try await storage.users.find(id), user.disabledAt == nil,
            try await authority?.keeper(of: user) == nil
        else { return nil }
        return user
    }

    /// Spends a link on a new password, and tells the account's owner in the language of a tag.
    public func finish(_ link: String, password: String, language: String? = nil) async throws -> Outcome {
        // Only for a link that works: nobody has passwords hashed for nothing.
        guard let user = try await account(of: link) else { return .over }
        let owner = try await PasswordOwner(of: user, in: storage)
        guard await accounts.isFit(password: password, of: owner) else { return .unfitPassword }
        let hash: String
        do {
            hash = try await accounts.hash(chosen: password)
        } catch Accounts.Refusal.unfitPassword {
            return .unfitPassword
        }
        let now = clock.now
        let notice = Recourse.notice(.passwordChanged, of: user, language: language, at: now, random: random)
        let isChanged = try await storage.proofs.resetPassword(
            by: MailCodes.digest(of: link), to: hash, at: now, recourse: notice.recourse, ordering: notice.mail)
        guard isChanged else { return .over }
        wake()
        return .changed
    }
}
