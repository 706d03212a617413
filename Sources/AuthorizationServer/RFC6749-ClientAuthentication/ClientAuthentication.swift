import JOSE
import OAuthTypes
public import Stores

/// Client authentication: RFC 6749 §2.3, the same for every endpoint that clients call.
public struct ClientAuthentication: Sendable {
    let environment: ServerEnvironment

    /// Client authentication in an environment.
    public init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// The client that the credentials prove; one refusal for every reason, so that no client can be guessed at.
    public func authenticate(_ credentials: ClientCredentials) async throws -> Client {
        let refusal = OAuthError(.invalidClient, "client authentication failed")
        let client = try await environment.clients.find(credentials.id)
        // An unknown client costs the same work as a wrong secret.
        let presented = SHA256.digest(of: credentials.secret ?? "")
        let expected = client?.secretDigest.flatMap { SHA256Digest($0.bytes) } ?? .zero
        let isSecretRight = presented == expected  // in constant time
        guard let client, client.authenticationMethods.contains(credentials.method) else { throw refusal }
        switch credentials.method {
        case .none:
            guard client.isPublic else { throw refusal }
        case .clientSecretBasic, .clientSecretPost:
            guard client.secretDigest != nil, isSecretRight else { throw refusal }
        case .clientSecretJWT, .privateKeyJWT:
            throw refusal
        }
        return client
    }
}
