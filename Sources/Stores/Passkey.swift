public import OAuthTypes

/// A passkey of an account: the credential record of WebAuthn Level 3 §4.
public struct Passkey: Sendable, Equatable {
    /// The credential ID: at most 1023 bytes, of the authenticator's choice.
    public let credentialID: [UInt8]
    /// Whose it is.
    public let userID: UserID
    /// What the authenticator knows the account by: random, the same for all passkeys of an account (§5.4.3).
    public let userHandle: [UInt8]
    /// The public key in COSE form.
    public let publicKey: [UInt8]
    /// The authenticator's counter at the last use; 0 where it has none.
    public var signCount: UInt32
    /// Whether it may be copied to other devices.
    public let isBackupEligible: Bool
    /// Whether it was copied when it was last used.
    public var isBackedUp: Bool
    /// Whether its use has proven a second factor, such as a finger or a PIN, at least once.
    public var isUserVerified: Bool
    /// The authenticator's model; all zero where it does not tell.
    public let aaguid: [UInt8]
    /// How the authenticator may be reached, in the browser's words; hints for later.
    public let transports: [String]
    /// What its owner calls it.
    public var name: String
    /// When it was added.
    public let createdAt: Timestamp
    /// When it was last used; nil before the first time.
    public var lastUsedAt: Timestamp?

    /// A passkey with every field named.
    public init(
        credentialID: [UInt8], userID: UserID, userHandle: [UInt8], publicKey: [UInt8], signCount: UInt32,
        isBackupEligible: Bool, isBackedUp: Bool, isUserVerified: Bool, aaguid: [UInt8], transports: [String],
        name: String, createdAt: Timestamp, lastUsedAt: Timestamp?
    ) {
        self.credentialID = credentialID
        self.userID = userID
        self.userHandle = userHandle
        self.publicKey = publicKey
        self.signCount = signCount
        self.isBackupEligible = isBackupEligible
        self.isBackedUp = isBackedUp
        self.isUserVerified = isUserVerified
        self.aaguid = aaguid
        self.transports = transports
        self.name = name
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }
}

/// What a use of a passkey leaves behind.
public struct PasskeyUse: Sendable, Equatable {
    /// The authenticator's counter now.
    public let signCount: UInt32
    /// Whether the passkey is copied to other devices now.
    public let isBackedUp: Bool
    /// Whether a second factor was proven at this use or an earlier one.
    public let isUserVerified: Bool
    /// When it was.
    public let usedAt: Timestamp

    /// A use with every field named.
    public init(signCount: UInt32, isBackedUp: Bool, isUserVerified: Bool, usedAt: Timestamp) {
        self.signCount = signCount
        self.isBackedUp = isBackedUp
        self.isUserVerified = isUserVerified
        self.usedAt = usedAt
    }
}

/// What came of adding a passkey.
public enum PasskeyAddition: Sendable, Equatable {
    /// It is there.
    case added
    /// Somebody has a passkey of that credential ID.
    case taken
    /// The account has as many as it may.
    case full
    /// There is no such account.
    case noAccount
    /// The account is frozen when the passkey is made.
    case frozen
}

/// What came of removing a passkey.
public enum PasskeyRemoval: Sendable, Equatable {
    /// It is gone.
    case removed
    /// It stays: nothing else opens the account, neither a password nor a passkey nor a link to a connector.
    case lastWayIn
    /// The account has none of that credential ID.
    case unknown
    /// It stays: the account is frozen.
    case frozen
}

/// Passkeys.
public protocol PasskeyStore: Sendable {
    /// Adds a passkey, unless the account has `limit` already.
    func add(_ passkey: Passkey, limit: Int) async throws -> PasskeyAddition
    /// The passkey of that credential ID, whosever it is.
    func find(_ credentialID: [UInt8]) async throws -> Passkey?
    /// The passkeys of an account, the first added first; the first hundred.
    func list(of user: UserID) async throws -> [Passkey]
    /// Notes a use: true where the counter has grown, or neither it nor the last one counts (WebAuthn §7.2).
    ///
    /// Of any number of concurrent callers with the same counter above zero exactly one gets true.
    func use(_ credentialID: [UInt8], _ use: PasskeyUse) async throws -> Bool
    /// Names a passkey of an account; false where it has none of that credential ID.
    func rename(_ credentialID: [UInt8], of user: UserID, to name: String) async throws -> Bool
    /// Removes a passkey, unless it is the last way in.
    ///
    /// Where it was the last second factor, recovery codes and remembered devices go with it.
    func remove(_ credentialID: [UInt8], of user: UserID, at now: Timestamp) async throws -> PasskeyRemoval
    /// Removes every passkey of an account, as `remove` does but whatever else opens it; answers how many they were.
    func removeAll(of user: UserID) async throws -> Int
}

/// What counts once, or no more, by its digest: challenges of passkeys that were answered (WebAuthn §13.4.3), identifiers of
/// client assertions (RFC 7523 §3), and access tokens that were given back (RFC 7009).
public protocol SpentChallengeStore: Sendable {
    /// Spends a challenge: of any number of concurrent callers exactly one gets true.
    func spend(_ challenge: TokenDigest, expiresAt: Timestamp) async throws -> Bool
    /// Whether it was spent; also true for a while after it expired.
    func isSpent(_ challenge: TokenDigest) async throws -> Bool
    /// Forgets those that expired by `now` and so count for nothing any more; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
