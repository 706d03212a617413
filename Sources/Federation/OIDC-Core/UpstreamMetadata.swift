import JSON

/// What a provider says of itself: OpenID Connect Discovery §3, as far as a sign-in needs it.
struct UpstreamMetadata: Sendable, Equatable {
    let authorizationEndpoint: String
    let tokenEndpoint: String
    let userInfoEndpoint: String?
    let keySetAddress: String?
    /// RP-Initiated Logout §2.1.
    let endSessionEndpoint: String?
    /// Whether every answer names its issuer: RFC 9207 §3.
    let namesIssuerInAnswers: Bool

    /// What the settings say; nil where a discovery document has to.
    init?(_ settings: ConnectorSettings) {
        guard let authorization = settings.authorizationEndpoint, let token = settings.tokenEndpoint else { return nil }
        authorizationEndpoint = authorization
        tokenEndpoint = token
        userInfoEndpoint = settings.userInfoEndpoint
        keySetAddress = settings.keySetAddress
        endSessionEndpoint = settings.endSessionEndpoint
        namesIssuerInAnswers = false
    }

    /// A discovery document, below what the settings say.
    init(document: [UInt8], _ settings: ConnectorSettings) throws(UpstreamFault) {
        guard let object = try? JSONObject(parsing: document) else { throw .misconfigured(.malformedDiscovery) }
        // Discovery §4.3: byte for byte what was asked for, or whoever serves a document there speaks for another.
        let expected = settings.issuerTemplate ?? settings.issuer ?? ""
        guard let issuer = object["issuer"]?.string, issuer.utf8.elementsEqual(expected.utf8) else {
            throw .misconfigured(.wrongDiscoveryIssuer)
        }
        func address(_ own: String?, _ name: String) throws(UpstreamFault) -> String? {
            if let own { return own }
            guard let text = object[name]?.string else { return nil }
            guard UpstreamAddress.destination(of: text, namedBy: [settings.issuer]) != nil else {
                throw .misconfigured(.unsafeAddress)
            }
            return text
        }
        guard let authorization = try address(settings.authorizationEndpoint, "authorization_endpoint"),
            let token = try address(settings.tokenEndpoint, "token_endpoint"),
            let keys = try address(settings.keySetAddress, "jwks_uri")
        else { throw .misconfigured(.malformedDiscovery) }
        authorizationEndpoint = authorization
        tokenEndpoint = token
        keySetAddress = keys
        userInfoEndpoint = try address(settings.userInfoEndpoint, "userinfo_endpoint")
        endSessionEndpoint = try address(settings.endSessionEndpoint, "end_session_endpoint")
        namesIssuerInAnswers = object["authorization_response_iss_parameter_supported"]?.bool ?? false
    }
}
