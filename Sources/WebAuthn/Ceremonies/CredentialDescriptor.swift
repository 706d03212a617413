internal import JOSE
public import JSON

/// Names a credential to a browser: WebAuthn §5.8.3.
public struct CredentialDescriptor: JSONEncodable, Equatable {
    private let id: [UInt8]
    private let transports: [String]

    /// A credential by its ID; transports in the words of `AuthenticatorTransport`.
    public init(id: [UInt8], transports: [String] = []) {
        self.id = id
        self.transports = transports
    }

    /// A credential that is kept.
    public init(_ credential: WebAuthnCredential) {
        self.init(id: credential.id, transports: credential.transports)
    }

    /// Writes the descriptor; no transports, where none are known: that leaves the browser to try all.
    public func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", "public-key")
            writer.member("id", Base64URL.encode(id))
            if !transports.isEmpty { writer.member("transports", transports) }
        }
    }
}
