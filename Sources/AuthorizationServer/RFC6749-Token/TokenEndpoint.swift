public import OAuthTypes
public import Stores

/// Token endpoint: RFC 6749 §3.2.
///
/// The pipeline owns what the grants share: repetition, the grant type, the client's right to it. A grant is one file.
public struct TokenEndpoint: Endpoint {
    /// The path below the issuer.
    public static let path = "/token"

    private let environment: ServerEnvironment
    private let grants: [GrantType: any TokenGrant]

    /// The endpoint with every grant there is.
    public init(_ environment: ServerEnvironment) {
        self.environment = environment
        let issue = TokenIssue(environment)
        grants = [
            .authorizationCode: AuthorizationCodeGrant(environment, issue),
            .refreshToken: RefreshTokenGrant(environment, issue),
            .clientCredentials: ClientCredentialsGrant(environment, issue),
        ]
    }

    /// Answers a token request of an authenticated client.
    public func respond(to form: FormParameters, from client: Client) async throws -> TokenResponse {
        try form.requireNoRepetition()  // §3.2
        // Without a key nothing could be signed, so nothing is spent.
        guard let signers = environment.keys.signers else { throw KeyRing.LoadError.noCurrentKey }
        if signers.accessToken.isInDevice { try await signers.accessToken.prepare() }
        if let algorithm = client.metadata.idTokenSignedResponseAlg {
            let own = try environment.keys.signers(of: client)
            if own.idToken.isInDevice, algorithm != environment.keys.algorithms.first {
                try await own.idToken.prepare()
            }
        }
        guard let name = form[.grantType] else {
            throw OAuthError(
                .invalidRequest, "grant_type is missing", nearest: .grantType, rule: "RFC 6749 §4.1.3, §5.2")
        }
        guard let type = GrantType(rawValue: name), let grant = grants[type] else {
            throw OAuthError(
                .unsupportedGrantType, "this grant_type is not supported", nearest: .grantType, rule: "RFC 6749 §5.2")
        }
        guard client.grantTypes.contains(type) else {
            throw OAuthError(
                .unauthorizedClient, "the client is not registered for this grant_type", nearest: .grantType,
                rule: "RFC 6749 §5.2")
        }
        // Nor is anything spent for an ID token that could not be encrypted.
        if client.metadata.idTokenEncryptedResponseAlg != nil, type != .clientCredentials {
            _ = try await environment.idTokenEncrypter(for: client)
        }
        return try await grant.respond(to: form, from: client)
    }
}

/// One way to get tokens.
protocol TokenGrant: Sendable {
    func respond(to form: FormParameters, from client: Client) async throws -> TokenResponse
}
