public import OAuthTypes

/// A browser on which a person proved a second factor and wanted it remembered.
public struct RememberedDevice: Sendable, Equatable {
    /// SHA-256 of account and cookie: the cookie of one account says nothing for another.
    public let digest: TokenDigest
    /// Whose.
    public let userID: UserID
    /// What it is, in a few words of ours.
    public let device: String
    /// When it was remembered.
    public let createdAt: Timestamp
    /// When it is forgotten.
    public let expiresAt: Timestamp

    /// A device with every field named.
    public init(digest: TokenDigest, userID: UserID, device: String, createdAt: Timestamp, expiresAt: Timestamp) {
        self.digest = digest
        self.userID = userID
        self.device = device
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// Remembered devices; a new password and closing the account end them.
public protocol RememberedDeviceStore: Sendable {
    /// Keeps a device.
    func remember(_ device: RememberedDevice) async throws
    /// The device of that digest that is remembered at `now`, and of an account that was not signed out since.
    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> RememberedDevice?
    /// The devices of an account that are remembered at `now`, the newest first; the first hundred.
    func list(of user: UserID, at now: Timestamp) async throws -> [RememberedDevice]
    /// Forgets one device of an account; false where it has none of that digest.
    func forget(_ digest: TokenDigest, of user: UserID) async throws -> Bool
    /// Forgets all devices of an account.
    func forgetAll(of user: UserID) async throws
    /// Deletes what is forgotten by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
