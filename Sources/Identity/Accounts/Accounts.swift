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
        /// An account with that address is there.
        case taken
        /// There is no account of that address.
        case unknown
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
    public func add(email: String, name: String, isVerified: Bool, password: String?) async throws -> User {
        guard let email = Email(email) else { throw Refusal.invalidEmail }
        guard Accounts.isFit(name: name) else { throw Refusal.invalidName }
        var passwordHash: String?
        if let password { passwordHash = try await hash(chosen: password) }
        let user = make(email: email, name: name, isVerified: isVerified, passwordHash: passwordHash)
        guard try await users.insert(user) else { throw Refusal.taken }
        return user
    }

    /// An account under a new identifier, for a store to keep.
    func make(email: Email, name: String, isVerified: Bool, passwordHash: String?) -> User {
        let now = clock.now
        return User(
            id: UserID(rawValue: ClientID.reservedPrefix + Base64URL.encode(random.bytes(16))),
            email: email,
            isEmailVerified: isVerified,
            name: name,
            passwordHash: passwordHash,
            createdAt: now,
            updatedAt: now,
            disabledAt: nil
        )
    }

    /// Whether a name is one that an account may have: see `Refusal.invalidName`.
    static func isFit(name: String) -> Bool {
        name.unicodeScalars.count <= 200
            && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }

    /// Sets a password; every session and grant of the account ends.
    public func setPassword(_ password: String, of email: String) async throws {
        let user = try await find(email)
        let hash = try await hash(chosen: password)
        guard try await users.setPassword(hash, of: user.id, at: clock.now) else { throw Refusal.unknown }
    }

    /// Disables an account; every session and grant of it ends.
    public func disable(_ email: String) async throws {
        let user = try await find(email)
        guard try await users.disable(user.id, at: clock.now) else { throw Refusal.unknown }
    }

    private func find(_ email: String) async throws -> User {
        guard let address = Email(email) else { throw Refusal.invalidEmail }
        guard let user = try await users.find(address) else { throw Refusal.unknown }
        return user
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
