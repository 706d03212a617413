public import JSON
import OAuthTypes
import Stores

/// What is said about a token: RFC 7662 §2.2.
public struct IntrospectionResponse: JSONEncodable, Sendable {
    private enum Content: Sendable {
        case inactive
        case access(VerifiedAccessToken, ScopeSet, Issuer)
        case refresh(Grant, subject: String, until: Timestamp, Issuer)
    }

    private let content: Content

    /// Unknown, expired, revoked, or none of the caller's business: the same for all.
    static let inactive = IntrospectionResponse(content: .inactive)

    /// Of an access token with these scopes, which may be fewer than it has.
    static func access(
        _ token: VerifiedAccessToken, as scopes: ScopeSet, _ issuer: Issuer
    ) -> IntrospectionResponse {
        IntrospectionResponse(content: .access(token, scopes, issuer))
    }

    static func refresh(
        _ grant: Grant, subject: String, until end: Timestamp, _ issuer: Issuer
    ) -> IntrospectionResponse {
        IntrospectionResponse(content: .refresh(grant, subject: subject, until: end, issuer))
    }

    /// Whether the token holds.
    public var isActive: Bool {
        if case .inactive = content { false } else { true }
    }

    /// Writes the members; for an inactive token only that it is (§2.2).
    public func encode(to writer: inout JSONWriter) {
        writer.object {
            $0.member("active", isActive)
            switch content {
            case .inactive: break
            case .access(let token, let scopes, let issuer):
                $0.member("scope", scopes.isEmpty ? nil : scopes.description)
                $0.member("client_id", token.clientID.rawValue)
                $0.member("token_type", "Bearer")
                $0.member("exp", token.expiresAt)
                $0.member("iat", token.issuedAt)
                $0.member("sub", token.subject)
                if token.audience.count == 1 {
                    $0.member("aud", token.audience[0])
                } else {
                    $0.member("aud", token.audience)
                }
                $0.member("iss", issuer.url)
                $0.member("jti", token.identifier)
                // RFC 9470 §6.2: what a resource server needs to ask for a fresher or stronger sign-in.
                $0.member("auth_time", token.authenticatedAt)
                $0.member("acr", token.context)
                if !token.methods.isEmpty { $0.member("amr", token.methods) }
                for claim in token.others { $0.member(named: claim.name, claim.value) }
            case .refresh(let grant, let subject, let end, let issuer):
                $0.member("scope", grant.scopes.isEmpty ? nil : grant.scopes.description)
                $0.member("client_id", grant.clientID.rawValue)
                $0.member("exp", end.seconds)
                $0.member("sub", subject)
                $0.member("iss", issuer.url)
                $0.member("auth_time", grant.authenticatedAt.seconds)
            }
        }
    }
}
