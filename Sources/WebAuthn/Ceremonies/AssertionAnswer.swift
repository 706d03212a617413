/// What a browser answers to `RequestOptions`: WebAuthn §5.2.2.
public struct AssertionAnswer: Sendable {
    /// Which credential it says signed.
    public let credentialID: [UInt8]
    /// What the browser says it was asked.
    public let clientDataJSON: [UInt8]
    /// What the authenticator vouches for.
    public let authenticatorData: [UInt8]
    /// The signature over the two.
    public let signature: [UInt8]
    /// Whose account it is, as the authenticator says; `nil` where it does not keep that.
    ///
    /// Nothing signs it: it finds an account, the signature proves it. Who has not identified the user before must
    /// find the account by this, and refuse an answer without it (§7.2 step 6).
    public let userHandle: [UInt8]?

    /// An answer from its parts; an empty user handle counts as none.
    public init(
        credentialID: [UInt8], clientDataJSON: [UInt8], authenticatorData: [UInt8], signature: [UInt8],
        userHandle: [UInt8]?
    ) {
        self.credentialID = credentialID
        self.clientDataJSON = clientDataJSON
        self.authenticatorData = authenticatorData
        self.signature = signature
        // Some browsers gave an empty one for keys that store nothing.
        self.userHandle = userHandle?.isEmpty == true ? nil : userHandle
    }

    /// Reads an `AuthenticationResponseJSON`, as `PublicKeyCredential.toJSON()` makes it.
    ///
    /// Throws `malformedAnswer`, also beyond 256 KiB.
    public init(json text: Span<UInt8>) throws(WebAuthnError) {
        let credential = try CredentialJSON(text)
        self.init(
            credentialID: credential.credentialID,
            clientDataJSON: try credential.octets("clientDataJSON"),
            authenticatorData: try credential.octets("authenticatorData"),
            signature: try credential.octets("signature"),
            userHandle: try credential.optionalOctets("userHandle")
        )
    }

    /// Reads an `AuthenticationResponseJSON`.
    public init(json text: [UInt8]) throws(WebAuthnError) { try self.init(json: text.span) }

    /// Reads an `AuthenticationResponseJSON`.
    public init(json text: String) throws(WebAuthnError) { try self.init(json: text.utf8.span) }
}
