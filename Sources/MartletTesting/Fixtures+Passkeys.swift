public import OAuthTypes
public import Stores

extension Passkey {
    /// A passkey with a counter, copied to other devices.
    public static func withEveryFieldSet(
        _ number: Int = 0, user: String = "u_7Zk2", signCount: UInt32 = 4_000_000_000, createdAt: Timestamp = .noon
    ) -> Passkey {
        Passkey(
            credentialID: [0, 255, 39] + TokenDigest.numbered(number).bytes, userID: UserID(rawValue: user),
            userHandle: [7, 0, 255], publicKey: Array(0...255), signCount: signCount, isBackupEligible: true,
            isBackedUp: true, isUserVerified: true, aaguid: [UInt8](repeating: 0xAD, count: 16),
            transports: ["internal", "hybrid"], name: "Zoë’s phone 燕", createdAt: createdAt,
            lastUsedAt: createdAt + .seconds(40))
    }

    /// One of a plain key that tells little and was never used.
    public static func withNothingOptional(user: String = "u_7Zk2") -> Passkey {
        Passkey(
            credentialID: [1], userID: UserID(rawValue: user), userHandle: [2], publicKey: [3], signCount: 0,
            isBackupEligible: false, isBackedUp: false, isUserVerified: false, aaguid: [UInt8](repeating: 0, count: 16),
            transports: [], name: "", createdAt: .noon, lastUsedAt: nil)
    }
}

extension PasskeyUse {
    /// A use with that counter.
    public static func counted(_ count: UInt32) -> PasskeyUse {
        PasskeyUse(signCount: count, isBackedUp: true, isUserVerified: true, usedAt: .noon + .seconds(60))
    }
}
