/// A refusal in the words of the protocol: RFC 6749 §4.1.2.1, §5.2 and the specifications that add codes.
///
/// The description is a literal of the source, so nothing a request brought can be echoed in it.
public struct OAuthError: Error, Sendable, CustomStringConvertible {
    /// What went wrong; the raw value is the wire spelling.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// RFC 6749 §5.2.
        case invalidRequest = "invalid_request"
        /// RFC 6749 §5.2.
        case invalidClient = "invalid_client"
        /// RFC 6749 §5.2.
        case invalidGrant = "invalid_grant"
        /// RFC 6749 §5.2.
        case unauthorizedClient = "unauthorized_client"
        /// RFC 6749 §5.2.
        case unsupportedGrantType = "unsupported_grant_type"
        /// RFC 6749 §5.2.
        case invalidScope = "invalid_scope"
        /// RFC 6749 §4.1.2.1.
        case accessDenied = "access_denied"
        /// RFC 6749 §4.1.2.1.
        case unsupportedResponseType = "unsupported_response_type"
        /// RFC 6749 §4.1.2.1.
        case serverError = "server_error"
        /// RFC 6749 §4.1.2.1.
        case temporarilyUnavailable = "temporarily_unavailable"
        /// OpenID Connect Core §3.1.2.6.
        case loginRequired = "login_required"
        /// OpenID Connect Core §3.1.2.6.
        case consentRequired = "consent_required"
        /// OpenID Connect Core §3.1.2.6.
        case accountSelectionRequired = "account_selection_required"
        /// OpenID Connect Core §3.1.2.6.
        case requestNotSupported = "request_not_supported"
        /// OpenID Connect Core §3.1.2.6.
        case requestURINotSupported = "request_uri_not_supported"
        /// RFC 9101 §7.
        case invalidRequestURI = "invalid_request_uri"
        /// RFC 9101 §7.
        case invalidRequestObject = "invalid_request_object"
        /// OpenID Connect Core §3.1.2.6.
        case registrationNotSupported = "registration_not_supported"
        /// OpenID Connect Core Unmet Authentication Requirements §2.
        case unmetAuthenticationRequirements = "unmet_authentication_requirements"
        /// RFC 6750 §3.1.
        case invalidToken = "invalid_token"
        /// RFC 6750 §3.1.
        case insufficientScope = "insufficient_scope"
        /// RFC 8707 §2.
        case invalidTarget = "invalid_target"
        /// RFC 7009 §2.2.1.
        case unsupportedTokenType = "unsupported_token_type"
    }

    /// What went wrong.
    public let code: Code
    /// One sentence for the developer of the relying party: printable ASCII without `"` and `\` (RFC 6749 §5.2).
    public let summary: StaticString
    /// What only the log may see.
    public let cause: String?
    /// The grant that was revoked because what was shown had been used before; only the log of security events has it.
    public let revokedGrant: String?
    /// What only the operator may know of a refusal that is nobody's failure here: what would have been right.
    public let advice: String?
    /// What of the request or of the client's registration comes nearest to what would have been right.
    public let nearest: Nearest?
    /// Specification and section of the check that failed, for the operator; no refusal is without one.
    public let rule: StaticString

    /// What an operator is shown beside what came, once a request was refused.
    public enum Nearest: Sendable, CaseIterable {
        /// Whether there is such a client.
        case client
        /// The registered redirect URI that differs least.
        case redirectURI
        /// The registered address to return to that differs least.
        case postLogoutRedirectURI
        /// What is wrong with the proof key's challenge.
        case codeChallenge
        /// The response types that the client may ask for.
        case responseType
        /// The grant types that the client is registered for.
        case grantType
        /// The scopes that the client may ask for.
        case scope
        /// The parameters that came more than once.
        case repetition
    }

    /// A refusal with its sentence and the rule behind it; for the log alone its cause, for the operator alone advice.
    public init(
        _ code: Code, _ summary: StaticString, cause: String? = nil, revoking revokedGrant: String? = nil,
        advice: String? = nil, nearest: Nearest? = nil, rule: StaticString
    ) {
        self.advice = advice
        self.nearest = nearest
        self.rule = rule
        self.code = code
        self.summary = summary
        self.cause = cause
        self.revokedGrant = revokedGrant
    }

    /// Code and sentence, for logs and test failures.
    public var description: String { "\(code.rawValue): \(summary)" }
}
