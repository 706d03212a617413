/// What is kept of a passkey: the credential record of WebAuthn §4.
public struct WebAuthnCredential: Sendable, Equatable {
    /// The credential ID, 1 to 1023 bytes; unique among all accounts, which its store sees to (§7.1 step 26).
    public let id: [UInt8]
    /// The public key as a canonical COSE_Key: RFC 9052 §7.
    public let publicKey: [UInt8]
    /// The signature counter of the last ceremony; 0 for authenticators without one.
    public var signCount: UInt32
    /// Whether the key can leave the device it was made on.
    public let isBackupEligible: Bool
    /// Whether it has left, as of the last ceremony.
    public var isBackedUp: Bool
    /// Whether the authenticator verified its user when this was registered: `uvInitialized` of §4.
    ///
    /// While it is `false`, user verification is not relied upon. Setting it later takes the proof of another factor
    /// (§7.2 step 24), so no assertion sets it.
    public var isUserVerified: Bool
    /// The model of the authenticator, 16 bytes; all zero where it does not say.
    public let aaguid: [UInt8]
    /// How the browser reached the authenticator, of `AuthenticatorTransport.allCases`: sorted, each once.
    public let transports: [String]

    /// A credential from storage.
    public init(
        id: [UInt8], publicKey: [UInt8], signCount: UInt32, isBackupEligible: Bool, isBackedUp: Bool,
        isUserVerified: Bool, aaguid: [UInt8], transports: [String]
    ) {
        self.id = id
        self.publicKey = publicKey
        self.signCount = signCount
        self.isBackupEligible = isBackupEligible
        self.isBackedUp = isBackedUp
        self.isUserVerified = isUserVerified
        self.aaguid = aaguid
        self.transports = transports
    }
}

/// How browsers reach authenticators: WebAuthn §5.8.4.
public enum AuthenticatorTransport: String, Sendable, CaseIterable {
    /// Bluetooth Low Energy.
    case ble
    /// A telephone beside the computer.
    case hybrid
    /// Part of the device.
    case `internal`
    /// Near-field communication.
    case nfc
    /// A card in a reader.
    case smartCard = "smart-card"
    /// A plug.
    case usb

    /// The known ones among some names, sorted, each once; browsers may tell others.
    static func known(among names: [String]) -> [String] {
        allCases.map(\.rawValue).filter(names.contains).sorted()
    }
}
