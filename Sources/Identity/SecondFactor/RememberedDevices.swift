public import JOSE
public import OAuthTypes
public import Stores

/// Browsers that a person wants no second factor asked on for a while.
///
/// The cookie has 256 random bits, the store a digest of account and cookie.
public struct RememberedDevices: Sendable {
    private let store: any RememberedDeviceStore
    private let clock: any TimeSource
    private let random: any RandomSource

    /// How long a device is remembered.
    public static let lifetime: Duration = .seconds(30 * 86_400)

    /// Devices over a store.
    public init(_ store: any RememberedDeviceStore, clock: any TimeSource, random: any RandomSource) {
        self.store = store
        self.clock = clock
        self.random = random
    }

    /// Remembers the browser; answers the secret for its cookie.
    public func remember(for user: UserID, on traits: BrowserTraits) async throws -> String {
        let secret = Base64URL.encode(random.bytes(32))
        let now = clock.now
        try await store.remember(
            RememberedDevice(
                digest: RememberedDevices.digest(secret, user), userID: user, device: traits.deviceName, createdAt: now,
                expiresAt: now + RememberedDevices.lifetime))
        return secret
    }

    /// Whether the browser of that cookie is remembered for that account.
    public func knows(_ secret: String, for user: UserID) async throws -> Bool {
        try await store.find(RememberedDevices.digest(secret, user), at: clock.now) != nil
    }

    /// The devices of a person, the newest first.
    public func list(of user: UserID) async throws -> [RememberedDevice] {
        try await store.list(of: user, at: clock.now)
    }

    /// Forgets one device; false where there is none.
    public func forget(_ digest: TokenDigest, of user: UserID) async throws -> Bool {
        try await store.forget(digest, of: user)
    }

    private static func digest(_ secret: String, _ user: UserID) -> TokenDigest {
        let text = Array(user.rawValue.utf8) + [0] + Array(secret.utf8)
        return TokenDigest(bytes: SHA256.digest(of: text).bytes)!  // a SHA-256 digest has 32 bytes by its type
    }
}
