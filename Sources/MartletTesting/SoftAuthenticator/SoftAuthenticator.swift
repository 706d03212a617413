public import JOSE
public import WebAuthn

/// An authenticator together with its browser, in software: answers what a relying party asks, or not quite that.
///
/// It holds one credential. Every member can be set, so that each rule can be broken alone.
public struct SoftAuthenticator: Sendable {
    /// The bits of the flags that it sets: WebAuthn §6.1.
    public struct Flags: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// Flags by their bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Somebody touched it.
        public static let userPresent = Flags(rawValue: 1 << 0)
        /// It made sure who.
        public static let userVerified = Flags(rawValue: 1 << 2)
        /// The key can leave the device.
        public static let backupEligible = Flags(rawValue: 1 << 3)
        /// The key has left the device.
        public static let backedUp = Flags(rawValue: 1 << 4)
    }

    /// How it vouches for a new credential.
    public enum Attestation: Sendable {
        /// Not at all.
        case none
        /// By the format `packed`, signed with the credential's own key.
        case packedSelf
    }

    /// The key of its credential.
    public let key: SigningKey
    /// The algorithm of its credential.
    public let algorithm: WebAuthnAlgorithm
    /// The ID of its credential.
    public var credentialID: [UInt8]
    /// To whom the credential belongs, and what goes into the hash.
    public var relyingPartyID: String
    /// The page that its browser shows.
    public var origin: String
    /// What it sets; present and verified unless told.
    public var flags: Flags = [.userPresent, .userVerified]
    /// The counter of the last answer; each assertion adds one.
    public var signCount: UInt32 = 0
    /// Whether the counter grows; many passkeys stay at 0.
    public var isCounting = true
    /// The account; set by `answer(creation:)`.
    public var userHandle: [UInt8]?
    /// Its model.
    public var aaguid = [UInt8](repeating: 0, count: 16)
    /// How it vouches for itself.
    public var attestation = Attestation.none
    /// Further members of the client data, each as JSON with a comma in front.
    public var clientExtras = ",\"crossOrigin\":false"
    /// Outputs of extensions, as CBOR.
    public var extensions: [UInt8] = []
    /// How its browser says it is reached.
    public var transports = ["internal"]

    /// A fresh authenticator in a browser that shows a page.
    ///
    /// RSA takes some tenths of a second.
    public init(
        _ algorithm: WebAuthnAlgorithm = .es256, relyingPartyID: String = "login.example",
        origin: String = "https://login.example", random: any RandomSource = SystemRandom()
    ) throws {
        self.algorithm = algorithm
        self.relyingPartyID = relyingPartyID
        self.origin = origin
        credentialID = random.bytes(32)
        key =
            switch algorithm {
            case .es256: try SigningKey.generate(.es256)
            case .edDSA: try SigningKey.generate(.edDSA)
            case .rs256: try SigningKey.generate(.rs256)
            }
    }
}
