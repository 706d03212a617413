public import JSON
public import OAuthTypes
public import Stores

/// Revocation endpoint: RFC 7009.
///
/// A token that came of a person's grant ends that grant, whichever of its tokens it is (§2.1 leaves the choice): an
/// application that gives one back is done, and a refresh token that went on living would only be of use to a thief. A
/// token of the client's own has no grant; it is remembered as spent until it would have expired.
public struct RevocationEndpoint: Endpoint {
    /// The path below the issuer.
    public static let path = "/revoke"

    private let environment: ServerEnvironment

    /// The endpoint in an environment.
    public init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// What became of a token; the answer to the client is the same for all (§2.2).
    public enum Response: JSONEncodable, Sendable {
        /// The grant with all its tokens is over.
        case grant(GrantID, UserID)
        /// The one token is.
        case token
        /// There was nothing to revoke.
        case nothing

        /// Writes an empty object: nobody looks at the content.
        public func encode(to writer: inout JSONWriter) {
            writer.object { _ in }
        }
    }

    /// Answers a client that gives a token back.
    public func respond(to form: FormParameters, from client: Client) async throws -> Response {
        try form.requireNoRepetition()
        guard let token = form[.token] else {
            throw OAuthError(
                .invalidRequest, "token is missing",
                advice: "the parameter is called token; token_type_hint may stand beside it", rule: "RFC 7009 §2.1")
        }
        // token_type_hint is not needed: a token says itself what it is (§2.1).
        let now = environment.clock.now
        switch try await PresentedToken(token, at: now, in: environment) {
        case .refresh(let grant, _):
            guard grant.clientID == client.id else { throw RevocationEndpoint.foreign(grant.clientID) }
            return try await end(grant, at: now)
        case .access(let access):
            guard access.clientID == client.id else { throw RevocationEndpoint.foreign(access.clientID) }
            if let id = access.grantID {
                guard let grant = try await environment.storage.grants.find(id, at: now) else { return .nothing }
                return try await end(grant, at: now)
            }
            if access.format == .opaque {
                let isRevoked = try await environment.storage.opaqueTokens.revoke(
                    TokenDigest(of: token), of: client.id)
                return isRevoked ? .token : .nothing
            }
            let expiresAt = Timestamp(seconds: access.expiresAt) + environment.policy.clockLeeway
            guard try await environment.storage.spent.spend(access.digest, expiresAt: expiresAt) else {
                return .nothing
            }
            environment.tokenStates.forget()
            return .token
        case .other:
            guard IDTokenHint(token, keys: environment.keys, issuer: environment.issuer) == nil else {
                throw OAuthError(
                    .unsupportedTokenType, "an ID token cannot be revoked",
                    advice: "revoke the refresh token or the access token that came with the ID token",
                    rule: "RFC 7009 §2.2.1")
            }
            return .nothing
        }
    }

    /// What is over already is not ended again: whoever has one spent token could have it written down for ever.
    private func end(_ grant: Grant, at now: Timestamp) async throws -> Response {
        guard grant.revokedAt == nil else { return .nothing }
        try await environment.storage.grants.revoke(grant.id, at: now)
        environment.tokenStates.forget()
        return .grant(grant.id, grant.userID)
    }

    /// §2.1: the client is told, and the token stays alive.
    private static func foreign(_ owner: ClientID) -> OAuthError {
        OAuthError(
            .invalidGrant, "the token was issued to another client", advice: "the token was issued to \(owner)",
            rule: "RFC 7009 §2.1")
    }
}

extension RevocationEndpoint {
    static func encodeMetadata(_ issuer: Issuer, to writer: inout JSONWriter) {
        writer.member("revocation_endpoint", issuer.address(of: path))
        writer.member(
            "revocation_endpoint_auth_methods_supported", ClientAuthenticationMethod.allCases.map(\.rawValue))
    }
}
