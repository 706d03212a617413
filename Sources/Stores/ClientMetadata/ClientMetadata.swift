public import JOSE
public import JSON
public import OAuthTypes

/// What a client registered besides its redirect URIs, grants and scopes: RFC 7591 §2, OpenID Connect Registration §2 and
/// the specifications that add members.
///
/// A property has the name that its specification gives it, and nil or an empty value stands for a member that is not
/// there: what holds then is said where it is used. Each value is well formed; whether they go together is the business of
/// whoever registers.
public struct ClientMetadata: Sendable, Equatable {
    // MARK: Who it is

    /// `client_name#…`: the name in other languages; the name itself is the client's.
    public var clientName = Localized<DisplayText>()
    /// `client_uri`: its home page.
    public var clientURI = Localized<WebAddress>()
    /// `logo_uri`: a picture; fetched and kept here, never linked to.
    public var logoURI = Localized<WebAddress>()
    /// `policy_uri`: what it does with what it learns.
    public var policyURI = Localized<WebAddress>()
    /// `tos_uri`: its terms.
    public var termsURI = Localized<WebAddress>()
    /// `contacts`: whom to write to.
    public var contacts: [DisplayText] = []
    /// `software_id`.
    public var softwareID: DisplayText?
    /// `software_version`.
    public var softwareVersion: DisplayText?
    /// `software_statement`: as it was presented (RFC 7591 §2.3).
    public var softwareStatement: OpaqueText?
    /// `application_type`: `web` where none is named (Registration §2).
    public var applicationType: ApplicationType?

    // MARK: Keys and how it proves itself

    /// `jwks`: its public keys.
    public var jwks: JSONObject?
    /// `jwks_uri`: where its public keys are.
    public var jwksURI: WebAddress?
    /// `token_endpoint_auth_method`: set where it is one that needs more than a secret's digest.
    public var tokenEndpointAuthMethod: ClientAuthenticationMethod?
    /// `token_endpoint_auth_signing_alg`: the only algorithm of its assertions.
    public var tokenEndpointAuthSigningAlg: AssertionAlgorithm?

    // MARK: Authorization requests

    /// `response_types`; empty: `code`.
    public var responseTypes: Set<ResponseType> = []
    /// `default_max_age` in seconds.
    public var defaultMaxAge: Int64?
    /// `require_auth_time`.
    public var requireAuthTime: Bool?
    /// `default_acr_values`, the most wanted first.
    public var defaultACRValues: [OpaqueText] = []
    /// `initiate_login_uri`: where others send people to begin (Core §4).
    public var initiateLoginURI: WebAddress?
    /// `request_uris`: where its request objects may be; with fragments, which are part of the comparison.
    public var requestURIs: [RequestObjectAddress] = []
    /// `request_object_signing_alg`.
    public var requestObjectSigningAlg: RequestObjectSigning?
    /// `request_object_encryption_alg`.
    public var requestObjectEncryptionAlg: KeyManagementAlgorithm?
    /// `request_object_encryption_enc`.
    public var requestObjectEncryptionEnc: ContentEncryption?
    /// `require_signed_request_object`: RFC 9101 §10.5.
    public var requireSignedRequestObject: Bool?

    // MARK: Tokens and what is told of people

    /// `subject_type`: `public` where none is named.
    public var subjectType: SubjectType?
    /// `sector_identifier_uri`.
    public var sectorIdentifierURI: WebAddress?
    /// `id_token_signed_response_alg`.
    public var idTokenSignedResponseAlg: SignatureAlgorithm?
    /// `id_token_encrypted_response_alg`.
    public var idTokenEncryptedResponseAlg: KeyManagementAlgorithm?
    /// `id_token_encrypted_response_enc`.
    public var idTokenEncryptedResponseEnc: ContentEncryption?
    /// `userinfo_signed_response_alg`; without it the answer is plain JSON.
    public var userinfoSignedResponseAlg: SignatureAlgorithm?
    /// `userinfo_encrypted_response_alg`.
    public var userinfoEncryptedResponseAlg: KeyManagementAlgorithm?
    /// `userinfo_encrypted_response_enc`.
    public var userinfoEncryptedResponseEnc: ContentEncryption?
    /// `introspection_signed_response_alg`: RFC 9701 §6.
    public var introspectionSignedResponseAlg: SignatureAlgorithm?
    /// `introspection_encrypted_response_alg`.
    public var introspectionEncryptedResponseAlg: KeyManagementAlgorithm?
    /// `introspection_encrypted_response_enc`.
    public var introspectionEncryptedResponseEnc: ContentEncryption?
    /// `martlet_resources`: ours; the resources whose server it is, so that it may ask about tokens for them.
    public var resources: [OpaqueText] = []
    /// `martlet_access_token_format`: ours; `jwt` where none is named.
    public var accessTokenFormat: AccessTokenFormat?

    /// `martlet_refresh_tokens`: ours; `always` where nothing is named.
    public var refreshTokens: RefreshTokenUse?
    /// `martlet_refresh_idle_lifetime`: ours; how long a refresh token lives unused, in seconds.
    public var refreshIdleLifetime: Int64?
    /// `martlet_grant_lifetime`: ours; how long a grant lives at most, with its refresh tokens, in seconds.
    public var grantLifetime: Int64?
    /// `martlet_managed`: ours; whether an operator took over what a client registered itself.
    public var managed: Bool?

    // MARK: Sign-out

    /// `backchannel_logout_uri`: Back-Channel Logout §2.2.
    public var backchannelLogoutURI: WebAddress?
    /// `backchannel_logout_session_required`.
    public var backchannelLogoutSessionRequired: Bool?
    /// `frontchannel_logout_uri`: Front-Channel Logout §2.
    public var frontchannelLogoutURI: WebAddress?
    /// `frontchannel_logout_session_required`.
    public var frontchannelLogoutSessionRequired: Bool?

    // MARK: What we let pass for its sake

    /// `martlet_compatibility`: ours; the rules of ours that are off for this client.
    public var compatibility: Set<Compatibility> = []

    /// Nothing registered.
    public init() {}

    /// Whether the client may no more change its registration itself.
    public var isManaged: Bool { managed == true }

    /// Whether a rule of ours is off for this client.
    public func allows(_ exception: Compatibility) -> Bool { compatibility.contains(exception) }
}

/// A rule of ours that certification profiles or older clients cannot live with, switched off for one client.
///
/// None is on unless an operator says so; what is on is shown by `martlet client show`.
public enum Compatibility: String, Sendable, Hashable, CaseIterable {
    /// A request without a code challenge is taken from a client that keeps a secret (RFC 9700 §2.1.1 wants one).
    case pkceOptional = "pkce_optional"
    /// The response type `code id_token` may be registered.
    case hybrid
    /// A request object may be unsigned (`none`).
    case unsignedRequestObjects = "unsigned_request_objects"
    /// Parameters beside a request object count where it lacks them (OpenID Connect Core §6.1; RFC 9101 §6.3 ignores them).
    case requestMerging = "request_merging"
    /// The audience of its assertions may be the address of the endpoint that they are shown to (RFC 7523 §3).
    case endpointAudience = "endpoint_audience"
    /// A client of the operator's own gets `offline_access` without `prompt=consent` (OpenID Connect Core §11 wants it).
    case offlineWithoutConsent = "offline_without_consent"
}
