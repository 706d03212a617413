public import JOSE
public import OAuthTypes
public import Stores

/// Browsers that a person wants no second factor asked on for a while.
///
/// The cookie has 256 random bits for each person who uses the browser, the store a digest of account and secret.
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

    /// As many people as one browser remembers; who was noted first makes room.
    private static let room = 8

    /// Remembers the browser; answers what its cookie is to hold, after what it held before.
    ///
    /// Each person gets a secret of their own: nobody is remembered by one that another has put into the browser.
    public func remember(
        for user: UserID, on traits: BrowserTraits, after cookie: String? = nil
    ) async throws -> String {
        let secret = Base64URL.encode(random.bytes(32))
        let now = clock.now
        try await store.remember(
            RememberedDevice(
                digest: RememberedDevices.digest(secret, user), userID: user, device: traits.deviceName, createdAt: now,
                expiresAt: now + RememberedDevices.lifetime))
        var others = RememberedDevices.secrets(of: cookie)
        for (place, other) in others.enumerated().reversed() {
            // The one from before has done its work.
            if try await store.forget(RememberedDevices.digest(other, user), of: user) { others.remove(at: place) }
        }
        return (others.suffix(RememberedDevices.room - 1) + [secret]).joined(separator: ".")
    }

    /// Whether the browser of that cookie is remembered for that account.
    public func knows(_ cookie: String, for user: UserID) async throws -> Bool {
        for secret in RememberedDevices.secrets(of: cookie) {
            if try await store.find(RememberedDevices.digest(secret, user), at: clock.now) != nil { return true }
        }
        return false
    }

    /// What we may have put there; nothing of a cookie that is not ours.
    private static func secrets(of cookie: String?) -> [String] {
        let parts = (cookie ?? "").split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= room else { return [] }
        return parts.map(String.init).filter { Base64URL.decode($0)?.count == 32 }
    }

    /// The devices of a person, the newest first.
    public func list(of user: UserID) async throws -> [RememberedDevice] {
        try await store.list(of: user, at: clock.now)
    }

    /// Forgets one device; false where there is none.
    public func forget(_ digest: TokenDigest, of user: UserID) async throws -> Bool {
        try await store.forget(digest, of: user)
    }

    /// Forgets the devices of a person that are called like the browser of a session.
    ///
    /// Nothing else tells which of them it is, and one too many is asked once more. The one of `cookie` stays: it is the
    /// browser of whoever asks for it; nil for none.
    public func forget(like session: Session, but cookie: String?) async throws {
        let name = BrowserTraits(device: session.device, network: nil).deviceName
        let own = Set(RememberedDevices.secrets(of: cookie).map { RememberedDevices.digest($0, session.userID) })
        for device in try await list(of: session.userID) where device.device == name && !own.contains(device.digest) {
            _ = try await store.forget(device.digest, of: session.userID)
        }
    }

    /// Forgets every device of a person.
    public func forgetAll(of user: UserID) async throws { try await store.forgetAll(of: user) }

    private static func digest(_ secret: String, _ user: UserID) -> TokenDigest {
        let text = Array(user.rawValue.utf8) + [0] + Array(secret.utf8)
        return TokenDigest(bytes: SHA256.digest(of: text).bytes)!  // a SHA-256 digest has 32 bytes by its type
    }
}
