internal import JOSE
public import JSON

/// Whose passkey is made: WebAuthn §5.4.3.
public struct WebAuthnUser: Sendable, Equatable {
    /// How the account is known to authenticators: 1 to 64 random bytes that say nothing of the person (§14.6.1).
    public let handle: [UInt8]
    /// By which name the person knows the account, such as a mail address.
    public let name: String
    /// What the person is called; may be empty.
    public let displayName: String

    /// `nil` unless the handle has 1 to 64 bytes.
    public init?(handle: [UInt8], name: String, displayName: String) {
        guard (1...64).contains(handle.count) else { return nil }
        self.handle = handle
        self.name = name
        self.displayName = displayName
    }
}

/// Whether the authenticator keeps the credential itself, so that no name need be typed: WebAuthn §5.4.6.
public enum ResidentKey: String, Sendable, CaseIterable {
    /// A passkey, or nothing.
    case required
    /// A passkey where the authenticator can.
    case preferred
}

/// What a browser may offer first: WebAuthn §5.8.7.
public enum WebAuthnHint: String, Sendable, CaseIterable {
    /// A key to plug in.
    case securityKey = "security-key"
    /// The device itself.
    case clientDevice = "client-device"
    /// A telephone.
    case hybrid
}

/// What a browser is asked to make: `PublicKeyCredentialCreationOptionsJSON`, WebAuthn §5.1.8.
///
/// Attestation is `none`: nothing here depends on the model, and asking for it costs privacy and a prompt.
public struct CreationOptions: JSONEncodable {
    private let relyingParty: WebAuthnRelyingParty
    private let user: WebAuthnUser
    private let challenge: WebAuthnChallenge
    private let verification: UserVerification
    private let residentKey: ResidentKey
    private let excluded: [CredentialDescriptor]
    private let timeout: Int
    private let hints: [WebAuthnHint]

    /// Options for one person; `excluding` the credentials of the account, so that no authenticator is added twice.
    ///
    /// `timeout`: how long the browser waits, in milliseconds.
    public init(
        relyingParty: WebAuthnRelyingParty, user: WebAuthnUser, challenge: WebAuthnChallenge,
        verification: UserVerification = .required, residentKey: ResidentKey = .required,
        excluding: [CredentialDescriptor] = [], timeout: Int = 300_000, hints: [WebAuthnHint] = []
    ) {
        self.relyingParty = relyingParty
        self.user = user
        self.challenge = challenge
        self.verification = verification
        self.residentKey = residentKey
        excluded = excluding
        self.timeout = timeout
        self.hints = hints
    }

    /// Writes the options.
    public func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.object("rp") { writer in
                writer.member("id", relyingParty.id)
                writer.member("name", relyingParty.name)
            }
            writer.object("user") { writer in
                writer.member("id", Base64URL.encode(user.handle))
                writer.member("name", user.name)
                writer.member("displayName", user.displayName)
            }
            writer.member("challenge", challenge.text)
            writer.array("pubKeyCredParams") { writer in
                for algorithm in WebAuthnAlgorithm.allCases {
                    writer.element(object: { writer in
                        writer.member("type", "public-key")
                        writer.member("alg", algorithm.rawValue)
                    })
                }
            }
            writer.member("timeout", timeout)
            writer.member("excludeCredentials", excluded)
            writer.object("authenticatorSelection") { writer in
                writer.member("residentKey", residentKey.rawValue)
                // For browsers that know Level 1 only (§5.4.4).
                writer.member("requireResidentKey", residentKey == .required)
                writer.member("userVerification", verification.rawValue)
            }
            writer.member("hints", hints.map(\.rawValue))
            writer.member("attestation", "none")
            // Tells the page whether the credential is a passkey (§10.1.3).
            writer.object("extensions") { writer in writer.member("credProps", true) }
        }
    }
}
