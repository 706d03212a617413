public import JOSE
public import OAuthTypes

/// Secrets of clients that must be readable, since an HMAC is checked with the secret itself: `client_secret_jwt`.
///
/// Sealed under the master key and bound to their client: a row that is copied to another client opens nothing.
public struct ClientSecretSeal: Sendable {
    private let masterKey: MasterKey

    private static let purpose: StaticString = "client secret"

    /// Seals and opens with a master key.
    public init(_ masterKey: MasterKey) {
        self.masterKey = masterKey
    }

    /// The sealed secret of a client.
    public func seal(_ secret: String, of client: ClientID) throws -> [UInt8] {
        try masterKey.seal(
            Array(secret.utf8), purpose: ClientSecretSeal.purpose, boundTo: Array(client.rawValue.utf8))
    }

    /// What `seal` was given.
    func open(_ sealed: [UInt8], of client: ClientID) throws -> Secret {
        try masterKey.open(sealed, purpose: ClientSecretSeal.purpose, boundTo: Array(client.rawValue.utf8))
    }
}
