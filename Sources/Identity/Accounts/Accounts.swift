public import JOSE
public import OAuthTypes
public import Stores

/// Accounts as an operator makes and changes them.
public struct Accounts: Sendable {
    private let users: any UserStore
    private let hasher: PasswordHasher
    private let clock: any TimeSource
    private let random: any RandomSource
    private let judge: PasswordJudge?

    /// Why an account was not made or changed.
    public enum Refusal: Error, Sendable, Equatable {
        /// No such address.
        case invalidEmail
        /// Over 200 characters, or with control characters.
        case invalidName
        /// Shorter than `Password.minimumLength` characters or longer than `Password.byteLimit` bytes.
        case unfitPassword
        /// People may not choose it, for these reasons.
        case refusedPassword(PasswordVerdict)
        /// An account with that address is there.
        case taken
        /// There is no account of that address.
        case unknown
    }

    /// What is asked of a password that an operator sets.
    public enum Demand: Sendable, Equatable {
        /// That it is long enough at all.
        case length
        /// What is asked of people who choose theirs, with these factors.
        case everything(PasswordOwner.Factors)
    }

    /// Accounts over a store; `judge` says which passwords people may choose, nil leaves it at the length.
    public init(
        _ users: any UserStore, hasher: PasswordHasher, clock: any TimeSource, random: any RandomSource,
        judge: PasswordJudge? = nil
    ) {
        self.users = users
        self.hasher = hasher
        self.clock = clock
        self.random = random
        self.judge = judge
    }

    /// Makes an account; without a password it cannot be signed in to until one is set.
    public func add(
        email: String, name: String, isVerified: Bool, password: String?, demanding demand: Demand = .length
    ) async throws -> User {
        guard let email = Email(email) else { throw Refusal.invalidEmail }
        guard Accounts.isFit(name: name) else { throw Refusal.invalidName }
        var passwordHash: String?
        if let password {
            try await check(password, demand, name: name, email: email)
            passwordHash = try await hash(chosen: password)
        }
        let user = make(email: email, name: name, isVerified: isVerified, passwordHash: passwordHash)
        guard try await users.insert(user) else { throw Refusal.taken }
        return user
    }

    /// An account under a new identifier, for a store to keep.
    func make(
        email: Email, name: String, isVerified: Bool, passwordHash: String?, language: String? = nil
    ) -> User {
        let now = clock.now
        return User(
            id: UserID(rawValue: ClientID.reservedPrefix + Base64URL.encode(random.bytes(16))),
            email: email,
            isEmailVerified: isVerified,
            name: name,
            passwordHash: passwordHash,
            createdAt: now,
            updatedAt: now,
            disabledAt: nil,
            language: language
        )
    }

    /// Whether a name is one that an account may have: see `Refusal.invalidName`.
    static func isFit(name: String) -> Bool {
        name.unicodeScalars.count <= 200
            && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    /// Sets a password; every session and grant of the account ends.
    public func setPassword(
        _ password: String, of email: String, demanding demand: Demand = .length
    ) async throws {
        let user = try await find(email)
        try await check(password, demand, name: user.name, email: user.email)
        let hash = try await hash(chosen: password)
        guard try await users.setPassword(hash, of: user.id, at: clock.now) else { throw Refusal.unknown }
    }

    /// Gives an account another name; false where it is none that an account may have, and empty is none.
    public func rename(_ user: UserID, to name: String) async throws -> Bool {
        guard !name.isEmpty, Accounts.isFit(name: name) else { return false }
        return try await users.rename(user, to: name, at: clock.now) != nil
    }

    /// Disables an account; every session and grant of it ends.
    public func disable(_ email: String) async throws {
        let user = try await find(email)
        guard try await users.disable(user.id, at: clock.now) else { throw Refusal.unknown }
    }

    /// Lets people sign in to a disabled account again; false where it was not disabled.
    public func enable(_ email: String) async throws -> Bool {
        try await users.enable(find(email).id)
    }

    private func check(_ password: String, _ demand: Demand, name: String, email: Email) async throws {
        guard case .everything(let factors) = demand, let judge else { return }
        let owner = PasswordOwner(name: name, email: email.rawValue, factors: factors)
        let verdict = await judge.judgeChosen(password, of: owner)
        guard verdict.isAcceptable else { throw Refusal.refusedPassword(verdict) }
    }

    private func find(_ email: String) async throws -> User {
        guard let address = Email(email) else { throw Refusal.invalidEmail }
        guard let user = try await users.find(address) else { throw Refusal.unknown }
        return user
    }

    /// Whether a person may choose a password, as far as this machine knows: nobody else is asked.
    func seemsFit(password text: String, of owner: PasswordOwner) -> Bool {
        guard let judge else { return Password(text)?.isLongEnough ?? false }
        return judge.judge(text, of: owner).isAcceptable
    }

    /// Whether a person may choose a password.
    func isFit(password text: String, of owner: PasswordOwner) async -> Bool {
        guard let judge else { return Password(text)?.isLongEnough ?? false }
        return await judge.judgeChosen(text, of: owner).isAcceptable
    }

    /// The hash of a password that somebody chose; throws `Refusal.unfitPassword` where it may not be chosen.
    public func hash(chosen text: String) async throws -> String {
        guard let password = Password(text), password.isLongEnough else { throw Refusal.unfitPassword }
        return try await hasher.hash(password)
    }
}
