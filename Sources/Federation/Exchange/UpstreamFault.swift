/// Why somebody could not be signed in by a connector.
///
/// Names nothing that came from outside, so that it may be logged and shown; `reason` is for the log and for whoever
/// tests a connector.
public enum UpstreamFault: Error, Sendable, Equatable {
    /// The person, or the provider for them, did not agree.
    case declined
    /// The provider does not answer, or not in time; or it has not lately, and is not asked for a while.
    case unavailable(Reason)
    /// The provider refuses us: most likely the connector is not set up as it must be.
    case misconfigured(Reason)
    /// What came back does not belong to this browser, or not to this connector, or came twice or too late.
    case foreignAnswer(Reason)
    /// What the provider says of the person cannot be believed.
    case untrusted(Reason)

    /// What it was, in a closed list of words.
    public enum Reason: String, Sendable, CaseIterable {
        // The provider does not answer.
        case circuitOpen = "circuit_open"
        case tooManyAtOnce = "too_many_at_once"
        case unreachable, timedOut = "timed_out", untrustedCertificate = "untrusted_certificate"
        case brokenAnswer = "broken_answer", answerTooLarge = "answer_too_large", serverError = "server_error"
        case redirected, cancelled
        // What it answers.
        case malformedDiscovery = "malformed_discovery", wrongDiscoveryIssuer = "wrong_discovery_issuer"
        case noDiscovery = "no_discovery", unsafeAddress = "unsafe_address"
        case malformedTokenResponse = "malformed_token_response", refusedClient = "refused_client"
        case refusedCode = "refused_code", refusedRequest = "refused_request", wrongRedirectURI = "wrong_redirect_uri"
        case refusedScope = "refused_scope"
        case noSecret = "no_secret", wrongKey = "wrong_key"
        case malformedProfile = "malformed_profile", refusedProfile = "refused_profile"
        // What came back with the browser.
        case malformedAnswer = "malformed_answer", unknownState = "unknown_state", expiredState = "expired_state"
        case otherBrowser = "other_browser", replayedState = "replayed_state", otherConnector = "other_connector"
        case wrongIssuer = "wrong_issuer", missingIssuer = "missing_issuer"
        // What it says of the person.
        case noIDToken = "no_id_token", wrongSignature = "wrong_signature", unknownKey = "unknown_key"
        case wrongAlgorithm = "wrong_algorithm", wrongTokenIssuer = "wrong_token_issuer"
        case wrongAudience = "wrong_audience", wrongNonce = "wrong_nonce", expiredToken = "expired_token"
        case malformedToken = "malformed_token", wrongAccessTokenHash = "wrong_access_token_hash"
        case otherTenant = "other_tenant", noSubject = "no_subject", otherSubject = "other_subject"
        case staleAuthentication = "stale_authentication", noKeys = "no_keys"
    }

    /// What it was.
    public var reason: Reason? {
        switch self {
        case .declined: nil
        case .unavailable(let reason), .misconfigured(let reason), .foreignAnswer(let reason), .untrusted(let reason):
            reason
        }
    }
}
