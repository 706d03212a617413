/// The stores of what a person proves besides a password.
public struct SecondFactorStores: Sendable {
    /// Keys of authenticator apps.
    public var authenticators: any TOTPKeyStore
    /// Recovery codes.
    public var recoveryCodes: any RecoveryCodeStore
    /// Browsers that need no second factor for a while.
    public var devices: any RememberedDeviceStore
    /// Passwords that wait for the second factor.
    public var firstFactors: any FirstFactorStore
    /// Passkeys.
    public var passkeys: any PasskeyStore
    /// Challenges of passkeys that were answered.
    public var spentChallenges: any SpentChallengeStore

    /// A set of stores.
    public init(
        authenticators: any TOTPKeyStore, recoveryCodes: any RecoveryCodeStore, devices: any RememberedDeviceStore,
        firstFactors: any FirstFactorStore, passkeys: any PasskeyStore, spentChallenges: any SpentChallengeStore
    ) {
        self.authenticators = authenticators
        self.recoveryCodes = recoveryCodes
        self.devices = devices
        self.firstFactors = firstFactors
        self.passkeys = passkeys
        self.spentChallenges = spentChallenges
    }
}
