extension UpstreamFault.Reason {
    /// What to do about it, for the operator: a sentence or two.
    public var remedy: String {
        switch self {
        case .unreachable, .timedOut, .serverError, .brokenAnswer, .circuitOpen, .tooManyAtOnce, .cancelled:
            "Check the issuer, the name service and the firewall of this machine: the provider does not answer."
        case .untrustedCertificate: "The provider's certificate does not prove its name; check the issuer."
        case .redirected: "The address leads elsewhere; name the one it leads to."
        case .noDiscovery, .malformedDiscovery, .answerTooLarge:
            "There is no discovery document below the issuer; check it, or set the endpoints."
        case .wrongDiscoveryIssuer:
            "The provider calls itself otherwise: issuer must be what its document says, byte for byte. "
                + "At Microsoft, tenant must be the number of the directory."
        case .unsafeAddress:
            "The document names an address without https, or one of an inner network: name that endpoint in the settings "
                + "(token_endpoint, jwks_uri, ...), which makes it your own."
        case .refusedClient: "Check client_id, the secret and client_authentication; secrets also run out."
        case .wrongRedirectURI, .refusedRequest:
            "Register the redirect URI at the provider, byte for byte as martlet connector test names it, and the scopes of "
                + "the settings."
        case .refusedScope: "The provider does not know one of the scopes."
        case .noSecret: "The secret is not there, or another master key has sealed it: set the connector up again."
        case .wrongKey: "The secret must be the private key that the provider gave out, in PEM."
        case .noKeys: "jwks_uri holds no usable keys."
        case .refusedCode: "The provider does not take its code: sign in anew; codes count once and for a short while."
        case .unknownState, .otherBrowser, .otherConnector, .expiredState, .replayedState, .malformedAnswer:
            "That is the answer to another request: begin anew, in one browser, and use the address that it ends at once."
        case .wrongIssuer, .missingIssuer, .wrongTokenIssuer:
            "The answer names another issuer: set issuer to what the provider calls itself."
        case .wrongAudience: "The ID token is for somebody else: check client_id."
        case .wrongNonce:
            "The ID token does not repeat the nonce: set nonce to false only for a provider that never does."
        case .wrongAlgorithm, .wrongSignature, .unknownKey, .malformedToken, .wrongAccessTokenHash, .noIDToken:
            "The ID token is not signed by a key of jwks_uri with an algorithm that we take; look at the client's "
                + "registration there (RS256, ES256 or EdDSA), and at the scope openid."
        case .expiredToken: "The clocks of this machine and of the provider differ: set this one by NTP."
        case .staleAuthentication:
            "The provider did not ask the person again, as it was told to: it must honour max_age."
        case .otherTenant: "That account belongs to another tenant or lacks a claim of require."
        case .noSubject, .otherSubject: "The provider does not say who the person is: check claims.subject."
        case .malformedProfile, .refusedProfile: "The call for the profile failed: check userinfo_endpoint and scopes."
        case .malformedTokenResponse: "The token endpoint answered no JSON with an access token: check token_endpoint."
        }
    }

    /// Where the rule stands that the provider, or what came from it, does not keep.
    public var section: String {
        switch self {
        case .unreachable, .timedOut, .serverError, .circuitOpen, .tooManyAtOnce, .cancelled: "RFC 9110 §15.6"
        case .brokenAnswer, .answerTooLarge: "RFC 9112 §2"
        case .untrustedCertificate: "RFC 9525 §6"
        case .redirected: "RFC 9110 §15.4"
        case .noDiscovery, .malformedDiscovery: "OpenID Connect Discovery §4.2"
        case .wrongDiscoveryIssuer: "OpenID Connect Discovery §4.3"
        case .unsafeAddress: "OpenID Connect Discovery §3"
        case .malformedTokenResponse: "RFC 6749 §5.1"
        case .refusedClient, .noSecret, .wrongKey: "RFC 6749 §2.3, §5.2"
        case .refusedCode, .refusedRequest: "RFC 6749 §5.2"
        case .wrongRedirectURI: "RFC 6749 §3.1.2.4"
        case .refusedScope: "RFC 6749 §3.3"
        case .malformedProfile, .refusedProfile: "OpenID Connect Core §5.3.2, §5.3.3"
        case .malformedAnswer: "RFC 6749 §4.1.2"
        case .unknownState, .expiredState, .otherBrowser, .replayedState: "RFC 6749 §10.12, RFC 9700 §4.7"
        case .otherConnector, .wrongIssuer, .missingIssuer: "RFC 9207 §2.4, RFC 9700 §4.4"
        case .noIDToken: "OpenID Connect Core §3.1.3.3"
        case .wrongSignature, .unknownKey, .wrongAlgorithm, .wrongTokenIssuer, .wrongAudience, .wrongNonce,
            .expiredToken,
            .staleAuthentication:
            "OpenID Connect Core §3.1.3.7"
        case .noKeys: "RFC 7517 §5, OpenID Connect Core §10.1.1"
        case .malformedToken: "RFC 7519 §7.2"
        case .wrongAccessTokenHash: "OpenID Connect Core §3.1.3.8"
        case .otherTenant, .noSubject: "OpenID Connect Core §2"
        case .otherSubject: "OpenID Connect Core §5.3.2"
        }
    }
}
