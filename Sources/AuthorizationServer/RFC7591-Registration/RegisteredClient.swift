public import JSON
import OAuthTypes
public import Stores

/// What is answered about a registered client: RFC 7591 §3.2.1, RFC 7592 §3.
public struct RegisteredClient: JSONEncodable, Sendable {
    /// The client.
    public let client: Client
    private let issuer: Issuer
    /// Only when it was made: a digest of it is all that is kept.
    private let secret: String?
    private let registrationToken: String?

    init(_ client: Client, issuer: Issuer, secret: String?, registrationToken: String?) {
        self.client = client
        self.issuer = issuer
        self.secret = secret
        self.registrationToken = registrationToken
    }

    /// Writes the members.
    public func encode(to writer: inout JSONWriter) {
        writer.object {
            $0.member("client_id", client.id.rawValue)
            $0.member("client_id_issued_at", client.createdAt.seconds)
            if let secret {
                $0.member("client_secret", secret)
                $0.member("client_secret_expires_at", 0)
            }
            if let registrationToken {
                $0.member("registration_access_token", registrationToken)
                $0.member("registration_client_uri", ClientConfigurationEndpoint.address(of: client.id, at: issuer))
            }
            ClientDocument(client).encodeMembers(to: &$0)
        }
    }
}
