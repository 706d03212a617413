/// What a browser answers to `CreationOptions`: WebAuthn §5.2.1.
public struct RegistrationAnswer: Sendable {
    /// What the browser says it was asked.
    public let clientDataJSON: [UInt8]
    /// What the authenticator says about the new credential.
    public let attestationObject: [UInt8]
    /// How the browser reached the authenticator, in its words.
    public let transports: [String]

    /// The ID that the browser says; `nil` where only the parts are there.
    let credentialID: [UInt8]?

    /// An answer from its parts.
    public init(clientDataJSON: [UInt8], attestationObject: [UInt8], transports: [String]) {
        self.clientDataJSON = clientDataJSON
        self.attestationObject = attestationObject
        self.transports = transports
        credentialID = nil
    }

    /// Reads a `RegistrationResponseJSON`, as `PublicKeyCredential.toJSON()` makes it.
    ///
    /// Throws `malformedAnswer`, also beyond 256 KiB.
    public init(json text: Span<UInt8>) throws(WebAuthnError) {
        let credential = try CredentialJSON(text)
        clientDataJSON = try credential.octets("clientDataJSON")
        attestationObject = try credential.octets("attestationObject")
        transports = try credential.transports()
        credentialID = credential.credentialID
    }

    /// Reads a `RegistrationResponseJSON`.
    public init(json text: [UInt8]) throws(WebAuthnError) { try self.init(json: text.span) }

    /// Reads a `RegistrationResponseJSON`.
    public init(json text: String) throws(WebAuthnError) { try self.init(json: text.utf8.span) }
}
