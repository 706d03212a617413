public import OAuthTypes

/// The key that an account shares with an authenticator app: RFC 6238.
public struct TOTPKey: Sendable, Equatable {
    /// Whose it is; one key an account.
    public let userID: UserID
    /// The secret, sealed under the master key and bound to the account.
    public let sealed: [UInt8]
    /// When it was made.
    public let createdAt: Timestamp
    /// When a code proved that the app has it; nil while it is only proposed, and then it protects nothing.
    public var confirmedAt: Timestamp?
    /// The time step of the last code that was accepted: it only grows (RFC 6238 §5.2).
    public var lastStep: Int64?

    /// A key with every field named.
    public init(userID: UserID, sealed: [UInt8], createdAt: Timestamp, confirmedAt: Timestamp?, lastStep: Int64?) {
        self.userID = userID
        self.sealed = sealed
        self.createdAt = createdAt
        self.confirmedAt = confirmedAt
        self.lastStep = lastStep
    }
}

/// Keys of authenticator apps.
public protocol TOTPKeyStore: Sendable {
    /// Keeps a key that is not confirmed yet, in place of one that was not; false where a confirmed one is there.
    func propose(_ key: TOTPKey) async throws -> Bool
    /// The key of an account, confirmed or not.
    func find(_ user: UserID) async throws -> TOTPKey?
    /// Turns on the key that was proposed at that moment, and spends the step of the code that proved it.
    ///
    /// Of any number of concurrent callers exactly one gets true.
    func confirm(_ user: UserID, proposedAt: Timestamp, step: Int64, at now: Timestamp) async throws -> Bool
    /// Spends a time step of a confirmed key: true once for a step, and never again for it or an earlier one.
    func spend(step: Int64, of user: UserID) async throws -> Bool
    /// Removes the key, and recovery codes and remembered devices with it where the account has no passkey. False where
    /// there was none.
    ///
    /// Nothing is removed where the account is frozen at `now`; with nil that is not asked, for an operator.
    func remove(_ user: UserID, unlessFrozenAt now: Timestamp?) async throws -> Bool
}
