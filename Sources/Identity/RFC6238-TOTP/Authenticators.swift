public import JOSE
public import OAuthTypes
public import Stores

/// The authenticator app of each account: RFC 6238.
///
/// The secret is sealed under the master key and bound to its account, so that a row that is copied to another account
/// opens nothing.
public struct Authenticators: Sendable {
    private let store: any TOTPKeyStore
    private let masterKey: MasterKey
    private let clock: any TimeSource
    private let random: any RandomSource
    private let issuer: String

    /// How long a proposed secret waits for its first code.
    public static let proposalLifetime: Duration = .seconds(30 * 60)

    private static let purpose: StaticString = "totp keys"

    /// Authenticators over a store; `issuer` is the name that apps show beside the account's.
    public init(
        _ store: any TOTPKeyStore, masterKey: MasterKey, clock: any TimeSource, random: any RandomSource, issuer: String
    ) {
        self.store = store
        self.masterKey = masterKey
        self.clock = clock
        self.random = random
        self.issuer = issuer
    }

    /// Whether codes of an app are asked of the account.
    public func isOn(for user: UserID) async throws -> Bool {
        try await store.find(user)?.confirmedAt != nil
    }

    /// Makes a secret that waits for its first code; false where one is on already.
    public func propose(for user: UserID) async throws -> Bool {
        let secret = random.bytes(AuthenticatorKey.byteCount)
        let sealed = try masterKey.seal(secret, purpose: Authenticators.purpose, boundTo: Array(user.rawValue.utf8))
        return try await store.propose(
            TOTPKey(userID: user, sealed: sealed, createdAt: clock.now, confirmedAt: nil, lastStep: nil))
    }

    /// The key of an app that was set up elsewhere, for a store to keep with its account.
    static func key(
        _ secret: Secret, of user: UserID, under masterKey: MasterKey, at now: Timestamp
    ) throws(JOSEError) -> TOTPKey {
        let sealed = try secret.withBytes { bytes throws(JOSEError) in
            try masterKey.seal(
                bytes.indices.map { bytes[$0] }, purpose: purpose, boundTo: Array(user.rawValue.utf8))
        }
        return TOTPKey(userID: user, sealed: sealed, createdAt: now, confirmedAt: now, lastStep: nil)
    }

    /// The secret that waits, for the page that shows it; nil where none does.
    public func proposal(for user: User) async throws -> AuthenticatorKey? {
        guard let key = try await waiting(user.id) else { return nil }
        return AuthenticatorKey(secret: try open(key), issuer: issuer, account: user.email.rawValue)
    }

    /// Turns the app on by its first code; false for any other code.
    ///
    /// `telling` comes first where the code is right: no app is on of which nobody hears.
    public func confirm(
        _ typed: String, for user: UserID, telling: () async throws -> Void = {}
    ) async throws -> Bool {
        let now = clock.now
        guard let key = try await waiting(user), let code = TOTP.typed(typed),
            let step = try TOTP(secret: try open(key)).step(of: code, at: now)
        else { return false }
        try await telling()
        return try await store.confirm(user, proposedAt: key.createdAt, step: step, at: now)
    }

    /// Whether this is a code of the account's app that nobody has used, nor any later one; spends it.
    public func accept(_ typed: String, for user: UserID) async throws -> Bool {
        guard let key = try await store.find(user), key.confirmedAt != nil, let code = TOTP.typed(typed),
            let step = try TOTP(secret: try open(key)).step(of: code, at: clock.now)
        else { return false }
        return try await store.spend(step: step, of: user)
    }

    /// Turns the app off and forgets the recovery codes and remembered devices that belong to it; false where there is
    /// none, or the account is frozen.
    ///
    /// `telling` comes first where an app is on: none is off of which nobody hears.
    public func remove(for user: UserID, telling: () async throws -> Void = {}) async throws -> Bool {
        if try await isOn(for: user) { try await telling() }
        return try await store.remove(user, unlessFrozenAt: clock.now)
    }

    private func waiting(_ user: UserID) async throws -> TOTPKey? {
        guard let key = try await store.find(user), key.confirmedAt == nil,
            clock.now - key.createdAt < Authenticators.proposalLifetime
        else { return nil }
        return key
    }

    private func open(_ key: TOTPKey) throws(JOSEError) -> Secret {
        try masterKey.open(key.sealed, purpose: Authenticators.purpose, boundTo: Array(key.userID.rawValue.utf8))
    }
}
