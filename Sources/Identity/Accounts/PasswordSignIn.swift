public import JOSE
import OAuthTypes
public import Stores

/// Signing in by e-mail address and password.
///
/// A wrong password, an unknown address, an account without a password and a disabled one give the same answer after the
/// same work (ASVS 6.3.8). Where hashes take different times, since they were imported or the cost was changed, an address
/// that is unknown takes as long as one of the accounts, always the same one: which, only this server knows. So each time
/// occurs among the unknown as often as among the accounts, and says nothing of an address.
public struct PasswordSignIn: Sendable {
    private let users: any UserStore
    private let hasher: PasswordHasher
    private let models: HMACSHA256

    /// Sign-in over a store; `masterKey` has every node and every run choose the same, nil for a key that only this has.
    public init(_ users: any UserStore, hasher: PasswordHasher, masterKey: MasterKey? = nil) {
        self.users = users
        self.hasher = hasher
        // The oldest there is: who waits for a new one shall not see who changes with it.
        let oldest = masterKey?.all.last ?? masterKey
        models = HMACSHA256(key: oldest?.subkey(purpose: "password models") ?? Secret(SystemRandom().bytes(32)))
    }

    /// The person, with the hash that was compared or has just taken its place; or nil.
    ///
    /// Throws where the pool is full or the store fails: then nothing is known.
    public func authenticate(email: String, password: String) async throws -> User? {
        guard let password = Password(password) else { return nil }
        var (user, model): (User?, String?)
        if let address = Email(email) {
            user = try await users.find(address)
            // Looked up for everybody: who is known must not show by a question less.
            model = try await self.model(for: address)
        }
        switch try await hasher.verify(password, against: user?.passwordHash, like: model) {
        case .differs:
            return nil
        case .matches(let isOutdated):
            // Hashing takes its time, and the password may have been replaced meanwhile: the old one opens nothing then.
            guard let user, let proven = user.passwordHash, var now = try await users.find(user.id),
                now.disabledAt == nil, now.passwordHash == proven
            else { return nil }
            if isOutdated {
                // Not now is soon enough: a full queue or a busy store must not turn a right password away.
                if let hash = try? await hasher.hash(password),
                    (try? await users.upgradePassword(of: user.id, from: proven, to: hash)) == true
                {
                    now.passwordHash = hash
                }
            }
            return now
        }
    }

    /// When all sessions of the account of an address were last ended at once; nil for never, and where nobody has it.
    func signedOutAt(_ email: String) async throws -> Timestamp? {
        guard let email = Email(email), let user = try await users.find(email) else { return nil }
        return try await users.signedOutAt(user.id)
    }

    /// The address of an account whose owner has typed another one; nil where that one is somebody's by now.
    func address(of user: UserID, typedAs typed: String) async throws -> String? {
        if let typed = Email(typed), try await users.find(typed) != nil { return nil }
        return try await users.find(user)?.email.rawValue
    }

    /// The hash of an account that is chosen by a MAC over the address, the same as long as nothing changes there.
    func model(for address: Email) async throws -> String? {
        // Identifiers are spread evenly, and this is one of them.
        let digest = models.authenticate(Array(address.rawValue.utf8)).bytes.prefix(16)
        let place = UserID(rawValue: ClientID.reservedPrefix + Base64URL.encode(Array(digest)))
        if let hash = try await users.passwordHash(near: place) { return hash }
        return try await users.passwordHash(near: UserID(rawValue: ""))
    }
}
