public import OAuthTypes

/// A signing key as stored: the private part is sealed under the master key.
public struct SigningKeyRecord: Sendable, Equatable {
    /// Where a key stands in its life; every key of these states is in the key set.
    public enum State: String, Sendable, CaseIterable {
        /// Published, not yet used.
        case next
        /// Signs.
        case current
        /// Published so that what it signed can be verified; signs no more.
        case retiring
    }

    /// `kid`.
    public let id: KeyID
    /// `alg` (RFC 7518 §3.1).
    public let algorithm: String
    /// The private key, sealed.
    public let sealed: [UInt8]
    /// Where it stands.
    public var state: State
    /// When it was made.
    public let createdAt: Timestamp
    /// When it took, or will take, the step to its present state.
    public var changedAt: Timestamp

    /// A key with every field named.
    public init(
        id: KeyID, algorithm: String, sealed: [UInt8], state: State, createdAt: Timestamp, changedAt: Timestamp
    ) {
        self.id = id
        self.algorithm = algorithm
        self.sealed = sealed
        self.state = state
        self.createdAt = createdAt
        self.changedAt = changedAt
    }
}

/// The signing keys: of each algorithm one that signs at most, one that is to follow it, and those that signed before.
///
/// A change is seen by every node within two seconds (see `VersionStore`). Each is one step to all others.
public protocol SigningKeyStore: Sendable {
    /// Every key of every state, the oldest first.
    func list() async throws -> [SigningKeyRecord]
    /// Keeps the first keys; false where there are keys already, and then nothing has changed.
    func begin(with keys: [SigningKeyRecord]) async throws -> Bool
    /// One step of an algorithm: current becomes retiring, next becomes current, `newcomer` of the same algorithm is next.
    ///
    /// Only while `current` is the current key and there is a next one: of two concurrent callers one gets false.
    func rotate(
        from current: SigningKeyRecord, adding newcomer: SigningKeyRecord?, at now: Timestamp
    ) async throws -> Bool
    /// Keeps a next key of an algorithm that has none; false where there is one.
    func add(next key: SigningKeyRecord) async throws -> Bool
    /// A next key becomes the current one of an algorithm that has none; false where there is one, or no such key.
    func promote(_ next: KeyID, at now: Timestamp) async throws -> Bool
    /// Keeps a next or current key in place of another of its algorithm: a next one is gone with that, a current one is
    /// retiring.
    func place(_ key: SigningKeyRecord, at now: Timestamp) async throws
    /// Drops a key at once, whatever its state; false where there is none.
    ///
    /// If it was the current key, the next one of its algorithm takes its place. Then `newcomer`, of the same algorithm,
    /// takes the place that is free: of the current key, or else of the next one.
    func revoke(_ key: SigningKeyRecord, adding newcomer: SigningKeyRecord?, at now: Timestamp) async throws -> Bool
    /// An algorithm signs no more: its current key is retiring, its next one gone; false where it has neither.
    func retire(algorithm: String, at now: Timestamp) async throws -> Bool
    /// Drops keys that have been retiring since `moment` or longer; answers how many.
    func drop(retiringSince moment: Timestamp) async throws -> Int
}
