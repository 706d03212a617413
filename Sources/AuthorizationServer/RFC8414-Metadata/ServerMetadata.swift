public import JOSE
public import JSON
public import OAuthTypes
public import Stores

/// The discovery document: RFC 8414 §2 and OpenID Connect Discovery §3, one text for both addresses.
///
/// Says what is there and nothing else; members without values are left out (RFC 8414 §3.2).
public struct ServerMetadata: JSONEncodable, Sendable {
    /// Where the document is: RFC 8414 §3; an issuer's path follows it.
    public static let oauthPath = "/.well-known/oauth-authorization-server"
    /// Where the key set is.
    public static let keySetPath = "/jwks"

    let issuer: Issuer
    let scopes: ScopeSet
    let signingAlgorithms: [SignatureAlgorithm]
    let languages: [String]
    let policy: Policy
    let takesRegistrations: Bool
    /// What clients that register themselves may ask for, and so what any may.
    let responseTypes: [ResponseType]
    /// What request objects may be.
    let requestObjects: RequestObject.Offer

    /// The document of an issuer; `signingAlgorithms` are those that it has keys for, `languages` those of its pages.
    public init(
        issuer: Issuer, scopes: ScopeSet, signingAlgorithms: [SignatureAlgorithm] = [.es256], languages: [String] = [],
        policy: Policy = Policy(),
        takesRegistrations: Bool = false, responseTypes: [ResponseType] = [.code],
        requestObjects: RequestObject.Offer = RequestObject.Offer()
    ) {
        self.issuer = issuer
        self.scopes = scopes
        self.signingAlgorithms = signingAlgorithms
        self.languages = languages
        self.policy = policy
        self.takesRegistrations = takesRegistrations
        self.responseTypes = responseTypes
        self.requestObjects = requestObjects
    }

    /// Writes the members.
    public func encode(to writer: inout JSONWriter) {
        writer.object {
            $0.member("issuer", issuer.url)
            $0.member("authorization_endpoint", issuer.address(of: AuthorizationEndpoint.path))
            $0.member("token_endpoint", issuer.address(of: TokenEndpoint.path))
            $0.member("jwks_uri", issuer.address(of: ServerMetadata.keySetPath))
            if takesRegistrations { RegistrationEndpoint.encodeMetadata(issuer, to: &$0) }
            $0.member("scopes_supported", scopes.map(\.rawValue))
            $0.member("response_types_supported", responseTypes.map(\.rawValue))
            $0.member("response_modes_supported", ResponseMode.allCases.map(\.rawValue))
            $0.member("grant_types_supported", GrantType.allCases.map(\.rawValue))
            $0.member("token_endpoint_auth_methods_supported", ClientAuthenticationMethod.allCases.map(\.rawValue))
            AssertionVerifier.encodeMetadata(to: &$0)
            RevocationEndpoint.encodeMetadata(issuer, to: &$0)
            IntrospectionEndpoint.encodeMetadata(issuer, to: &$0)
            IntrospectionEndpoint.encodeSignedMetadata(signingAlgorithms, to: &$0)
            $0.member("code_challenge_methods_supported", ["S256"])
            if !languages.isEmpty { $0.member("ui_locales_supported", languages) }
            IssuerIdentification.encodeMetadata(to: &$0)
            OpenIDMetadata.encode(issuer, signingAlgorithms, policy, to: &$0)
            requestObjects.encodeMetadata(to: &$0)
        }
    }
}
