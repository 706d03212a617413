public import JSON

/// What a browser is asked to sign with: `PublicKeyCredentialRequestOptionsJSON`, WebAuthn §5.1.9.
public struct RequestOptions: JSONEncodable {
    private let relyingParty: WebAuthnRelyingParty
    private let challenge: WebAuthnChallenge
    private let verification: UserVerification
    private let allowed: [CredentialDescriptor]
    private let timeout: Int
    private let hints: [WebAuthnHint]

    /// Options for one sign-in; with no credentials `allowing`, the browser offers the passkeys it knows.
    ///
    /// A list tells whoever asks that there is an account, and which devices it has: give one only to those who have
    /// proved something already (§14.6.2). `timeout`: how long the browser waits, in milliseconds.
    public init(
        relyingParty: WebAuthnRelyingParty, challenge: WebAuthnChallenge,
        verification: UserVerification = .required, allowing: [CredentialDescriptor] = [],
        timeout: Int = 300_000, hints: [WebAuthnHint] = []
    ) {
        self.relyingParty = relyingParty
        self.challenge = challenge
        self.verification = verification
        allowed = allowing
        self.timeout = timeout
        self.hints = hints
    }

    /// Writes the options.
    public func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("challenge", challenge.text)
            writer.member("timeout", timeout)
            writer.member("rpId", relyingParty.id)
            writer.member("allowCredentials", allowed)
            writer.member("userVerification", verification.rawValue)
            writer.member("hints", hints.map(\.rawValue))
        }
    }
}
