import OAuthTypes
public import Stores

/// Signing in by e-mail address and password.
///
/// A wrong password, an unknown address, an account without a password and a disabled one give the same answer after the
/// same work (ASVS 6.3.8). Where hashes of other programs were imported, which take another time, an address that is
/// unknown takes as long as the account that comes after it in the alphabet.
public struct PasswordSignIn: Sendable {
    private let users: any UserStore
    private let hasher: PasswordHasher

    /// Sign-in over a store.
    public init(_ users: any UserStore, hasher: PasswordHasher) {
        self.users = users
        self.hasher = hasher
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
            model = try await neighbour(of: address)
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

    /// The hash of the account that follows an address, the same as long as nothing changes there.
    private func neighbour(of address: Email) async throws -> String? {
        try await users.list(after: address, limit: 4).lazy.compactMap(\.passwordHash).first
    }
}
