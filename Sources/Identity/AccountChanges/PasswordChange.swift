public import OAuthTypes
public import Stores

/// A new password by somebody who is signed in and knows the one before: ASVS 6.2.2, 6.2.3.
public struct PasswordChange: Sendable {
    private let storage: Storage
    private let accounts: Accounts
    private let signIn: LimitedSignIn
    private let notices: AccountNotices
    private let clock: any TimeSource
    private let authority: (any PasswordAuthority)?

    /// What came of it.
    public enum Outcome: Sendable, Equatable {
        /// It holds since that moment; every session and grant of the account has ended.
        case changed(at: Timestamp)
        /// The password before is another.
        case wrongPassword
        /// Nothing was compared: too many attempts failed. After that time the next one is.
        case limited(Duration)
        /// Such a password may not be chosen.
        case unfitPassword
        /// It is a directory's, which is where it is changed.
        case keptElsewhere
        /// The account is frozen, or its password was changed by somebody else in the same moment.
        case refused
    }

    /// Changes over the stores; the password before counts as an attempt to sign in does.
    ///
    /// `authority` has the passwords that cannot be changed here.
    public init(
        _ storage: Storage, accounts: Accounts, signIn: LimitedSignIn, notices: AccountNotices, clock: any TimeSource,
        beside authority: (any PasswordAuthority)? = nil
    ) {
        self.storage = storage
        self.accounts = accounts
        self.signIn = signIn
        self.notices = notices
        self.clock = clock
        self.authority = authority
    }

    /// Where the password of an account is kept that has none here; nil where one may be chosen.
    public func keeper(of user: User) async throws -> PasswordKeeper? { try await authority?.keeper(of: user) }

    /// Compares `current`, which an account without a password has not, and sets the new one; the mail is in the language
    /// of a tag.
    ///
    /// Throws where the pool is full or the store fails.
    public func change(
        for user: User, current: String, to password: String, from origin: SignInOrigin, language: String? = nil
    ) async throws -> Outcome {
        // What was proven is what is replaced: whoever set another one meanwhile is not overruled.
        var proven = user
        guard try await keeper(of: user) == nil else { return .keptElsewhere }
        if user.passwordHash != nil {
            switch try await signIn.authenticate(email: user.email.rawValue, password: current, from: origin) {
            case .signedIn(let found): proven = found
            case .refused, .proven: return .wrongPassword
            case .limited(let wait): return .limited(wait)
            }
        }
        let owner = try await PasswordOwner(of: proven, in: storage)
        guard await accounts.isFit(password: password, of: owner) else { return .unfitPassword }
        let hash = try await accounts.hash(chosen: password)
        let moment = clock.now
        let notice = notices.passwordChanged(proven, language: language, at: moment)
        let isChanged = try await storage.users.changePassword(
            of: user.id, from: proven.passwordHash, to: hash, at: moment, recourse: notice?.recourse,
            ordering: notice?.mail)
        guard isChanged else { return .refused }
        notices.ordered()
        return .changed(at: moment)
    }

    /// Whether the account can do without its password: a passkey that verifies its user opens it alone.
    public func isDispensable(for user: User) async throws -> Bool {
        guard user.passwordHash != nil else { return false }
        return try await storage.secondFactors.passkeys.list(of: user.id).contains(where: \.isUserVerified)
    }

    /// Takes the password off an account that passkeys open; false where none does, or it was changed meanwhile.
    ///
    /// Nobody is signed out: who knows the password loses a way in, and none is gained. A new one can be set any time.
    public func remove(of user: User, language: String? = nil) async throws -> Bool {
        guard let hash = user.passwordHash else { return false }
        let now = clock.now
        let notice = notices.notice(.passwordRemoved, user, language: language, at: now)
        let isRemoved = try await storage.users.removePassword(
            of: user.id, from: hash, at: now, recourse: notice?.recourse, ordering: notice?.mail)
        if isRemoved { notices.ordered() }
        return isRemoved
    }
}

extension PasswordOwner {
    /// What is known of an account, with whether an app or a passkey is asked for at its sign-in.
    ///
    /// Codes by mail do not count: whoever reads the mail sets the password anew.
    public init(of user: User, in storage: Storage) async throws {
        let factors = storage.secondFactors
        var hasOne = try await factors.authenticators.find(user.id)?.confirmedAt != nil
        if !hasOne { hasOne = try await !factors.passkeys.list(of: user.id).isEmpty }
        self.init(
            name: user.name, email: user.email.rawValue, factors: hasOne ? .withSecondFactor : .passwordAlone)
    }
}
