/// Who asks for passkeys: the relying party of WebAuthn §5.4.2, with the pages it asks from.
public struct WebAuthnRelyingParty: Sendable, Equatable {
    /// The RP ID: a host name, to which credentials are bound for good.
    public let id: String
    /// What people may be shown.
    public let name: String
    /// The pages that may ask, as serialized origins such as `https://login.example`: compared to the byte.
    public let origins: [String]

    /// A relying party; that the ID is a suffix of each origin's host, or related to it (§5.11), is up to the caller.
    public init(id: String, name: String, origins: [String]) {
        self.id = id
        self.name = name
        self.origins = origins
    }
}
