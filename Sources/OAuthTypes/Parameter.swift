/// The name of a request or response parameter (RFC 6749 §11.2 and the registry it opened).
public struct Parameter: Sendable, Hashable {
    /// The name on the wire.
    public let rawValue: String

    /// A name that is not in the list below.
    public init(_ name: String) {
        rawValue = name
    }
}

extension Parameter {
    /// RFC 6749 §2.2.
    public static let clientID = Parameter("client_id")
    /// RFC 6749 §2.3.1.
    public static let clientSecret = Parameter("client_secret")
    /// RFC 7521 §4.2.
    public static let clientAssertion = Parameter("client_assertion")
    /// RFC 7521 §4.2.
    public static let clientAssertionType = Parameter("client_assertion_type")
    /// RFC 6749 §3.1.1.
    public static let responseType = Parameter("response_type")
    /// OAuth 2.0 Multiple Response Types §2.1.
    public static let responseMode = Parameter("response_mode")
    /// RFC 6749 §3.1.2.
    public static let redirectURI = Parameter("redirect_uri")
    /// RFC 6749 §3.3.
    public static let scope = Parameter("scope")
    /// RFC 6749 §4.1.1.
    public static let state = Parameter("state")
    /// OpenID Connect Core §3.1.2.1.
    public static let nonce = Parameter("nonce")
    /// OpenID Connect Core §3.1.2.1.
    public static let prompt = Parameter("prompt")
    /// OpenID Connect Core §3.1.2.1.
    public static let display = Parameter("display")
    /// OpenID Connect Core §3.1.2.1.
    public static let maxAge = Parameter("max_age")
    /// OpenID Connect Core §3.1.2.1.
    public static let loginHint = Parameter("login_hint")
    /// OpenID Connect Core §3.1.2.1.
    public static let uiLocales = Parameter("ui_locales")
    /// OpenID Connect Core §3.1.2.1.
    public static let idTokenHint = Parameter("id_token_hint")
    /// OpenID Connect Core §5.5.
    public static let claims = Parameter("claims")
    /// OpenID Connect Core §3.1.2.1.
    public static let acrValues = Parameter("acr_values")
    /// Of no specification, but common: the domain of the organization whose sign-in a client expects.
    public static let domainHint = Parameter("domain_hint")
    /// OpenID Connect Core §5.2.
    public static let claimsLocales = Parameter("claims_locales")
    /// RFC 7636 §4.3.
    public static let codeChallenge = Parameter("code_challenge")
    /// RFC 7636 §4.3.
    public static let codeChallengeMethod = Parameter("code_challenge_method")
    /// RFC 7636 §4.5.
    public static let codeVerifier = Parameter("code_verifier")
    /// RFC 9101 §5.
    public static let request = Parameter("request")
    /// RFC 9101 §5.
    public static let requestURI = Parameter("request_uri")
    /// OpenID Connect Core §7.2.1.
    public static let registration = Parameter("registration")
    /// RFC 6749 §4.
    public static let grantType = Parameter("grant_type")
    /// RFC 6749 §4.1.2.
    public static let code = Parameter("code")
    /// OpenID Connect Core §3.3.2.5.
    public static let idToken = Parameter("id_token")
    /// Session Management §2.
    public static let sessionState = Parameter("session_state")
    /// RFC 6749 §6.
    public static let refreshToken = Parameter("refresh_token")
    /// RFC 6750 §2.2.
    public static let accessToken = Parameter("access_token")
    /// RFC 9207 §2.
    public static let issuer = Parameter("iss")
    /// RFC 6749 §4.1.2.1.
    public static let error = Parameter("error")
    /// RFC 6749 §4.1.2.1.
    public static let errorDescription = Parameter("error_description")
    /// RFC 8707 §2: may be repeated.
    public static let resource = Parameter("resource")
    /// RFC 8693 §2.1: may be repeated.
    public static let audience = Parameter("audience")
    /// OpenID Connect RP-Initiated Logout §2.
    public static let postLogoutRedirectURI = Parameter("post_logout_redirect_uri")

    /// RFC 7009 §2.1, RFC 7662 §2.1.
    public static let token = Parameter("token")
    /// RFC 7009 §2.1, RFC 7662 §2.1.
    public static let tokenTypeHint = Parameter("token_type_hint")

    /// Names that a specification allows more than once.
    static let repeatable: Set<Parameter> = [.resource, .audience]
}
