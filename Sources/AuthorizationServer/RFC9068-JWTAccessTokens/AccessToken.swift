import JOSE
import JSON
import OAuthTypes
import Stores

/// The claims of an access token: RFC 9068 §2.
struct AccessToken: JSONEncodable, Sendable {
    static let type: JWSType = "at+jwt"

    enum Subject: Sendable {
        /// Somebody who gave a grant, what they are called at the client (`sub`), and their sign-in (`acr`).
        case person(Grant, subject: String, context: String)
        /// The client itself: `sub` is its identifier (§2.2).
        case client
    }

    let issuer: Issuer
    /// Empty for this server.
    let audience: [ResourceIdentifier]
    let subject: Subject
    let clientID: ClientID
    let scopes: ScopeSet
    let issuedAt: Timestamp
    let expiresAt: Timestamp
    let identifier: String
    /// Of the person; of the client there are none.
    let mapped: MappedClaims

    /// The grant that it came of; nil for the client's own.
    var grantID: GrantID? {
        switch subject {
        case .client: nil
        case .person(let grant, _, _): grant.id
        }
    }

    func encode(to writer: inout JSONWriter) {
        writer.object {
            $0.member("iss", issuer.url)
            switch audience.count {
            // §3: no resource was named, so it is the default one: this server.
            case 0: $0.member("aud", issuer.url)
            case 1: $0.member("aud", audience[0].rawValue)
            default: $0.member("aud", audience.map(\.rawValue))
            }
            $0.member("client_id", clientID.rawValue)
            $0.member("iat", issuedAt.seconds)
            $0.member("exp", expiresAt.seconds)
            $0.member("jti", identifier)
            $0.member("scope", scopes.isEmpty ? nil : scopes.description)
            switch subject {
            case .client:
                $0.member("sub", clientID.rawValue)
            case .person(let grant, let subject, let context):
                $0.member("sub", subject)
                $0.member("auth_time", grant.authenticatedAt.seconds)
                $0.member("acr", context)
                $0.member("amr", grant.methods.map(\.rawValue))
                // Ours: ties the token to its grant, so that our own endpoints feel a revocation at once.
                $0.member("grant_id", grant.id.rawValue)
                mapped.encodeMembers(to: &$0)
            }
        }
    }
}
