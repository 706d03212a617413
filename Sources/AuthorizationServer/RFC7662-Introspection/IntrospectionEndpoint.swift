import JSON
public import OAuthTypes
public import Stores

/// Introspection endpoint: RFC 7662.
///
/// A client learns about tokens that were issued to it, and a resource server about access tokens that are meant for it:
/// those whose audience is one of the resources that it was registered for. Everything else is inactive, and nothing says
/// why (§2.2, §4).
public struct IntrospectionEndpoint: Endpoint {
    /// The path below the issuer.
    public static let path = "/introspect"

    let environment: ServerEnvironment

    /// The endpoint in an environment.
    public init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// Answers a client that asks about a token.
    public func respond(to form: FormParameters, from client: Client) async throws -> IntrospectionResponse {
        try form.requireNoRepetition()
        // §4: whoever could ask without proof could try tokens out.
        guard !client.isPublic else {
            throw OAuthError(
                .invalidClient, "a client without credentials cannot ask about tokens",
                advice: "introspection takes a client with a secret or keys", rule: "RFC 7662 §2.1, §4")
        }
        guard let token = form[.token] else {
            throw OAuthError(
                .invalidRequest, "token is missing",
                advice: "the parameter is called token; token_type_hint may stand beside it", rule: "RFC 7662 §2.1")
        }
        let now = environment.clock.now
        switch try await PresentedToken(token, at: now, in: environment) {
        case .access(let access):
            guard client.mayLearn(of: access),
                // A client that is no more has no tokens.
                let owner = try await environment.clients.find(access.clientID),
                try await environment.tokenStates
                    .isLive(access, of: owner, naming: environment.subjects, at: now)
            else { return .inactive }
            return .access(access, as: try await scopes(of: access, for: client), environment.issuer)
        case .refresh(let grant, let generation):
            // A refresh token is nobody's business but its client's and ours.
            guard grant.clientID == client.id, grant.revokedAt == nil, let family = grant.refresh,
                family.generation == generation, now < family.idleExpiresAt,
                try await environment.storage.grants.holder(of: grant.id, at: now) != nil
            else { return .inactive }
            return .refresh(
                grant, subject: environment.subjects.subject(of: grant.userID, at: client),
                until: min(family.idleExpiresAt, grant.expiresAt), environment.issuer)
        case .other:
            return .inactive
        }
    }
}

extension IntrospectionEndpoint {
    /// What of a token's scopes means something to whoever asks (RFC 7662 §2.2): of a token for several resources, each
    /// resource server sees what is for it; the client that the token was issued to sees all.
    private func scopes(of access: VerifiedAccessToken, for client: Client) async throws -> ScopeSet {
        guard access.clientID != client.id, access.audience.count > 1,
            let owner = try await environment.clients.find(access.clientID)
        else { return access.scopes }
        let known = try await environment.clients.resources()
        let own = client.metadata.resources.filter { access.isMeant(for: $0.rawValue) }
        // As it was when the token was made; of a resource that is gone since, or closed to the client, nothing is left.
        return own.compactMap { ResourceIdentifier($0.rawValue) }
            .compactMap { ResourceTarget($0, for: owner, among: known, at: environment.issuer) }
            .narrowed(access.scopes)
    }
}

extension Client {
    /// Whether a token is its own or meant for it.
    func mayLearn(of access: VerifiedAccessToken) -> Bool {
        access.clientID == id || metadata.resources.contains { access.isMeant(for: $0.rawValue) }
    }
}

extension IntrospectionEndpoint {
    static func encodeMetadata(_ issuer: Issuer, to writer: inout JSONWriter) {
        writer.member("introspection_endpoint", issuer.address(of: path))
        writer.member(
            "introspection_endpoint_auth_methods_supported",
            ClientAuthenticationMethod.allCases.filter { $0 != .none }.map(\.rawValue))
    }
}
