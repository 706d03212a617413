public import OAuthTypes

/// What goes back to the client through the browser: RFC 6749 §4.1.2, with `iss` of RFC 9207 always.
public struct AuthorizationAnswer: Sendable {
    /// Where it goes.
    public let redirectURI: VerifiedRedirectURI
    /// How it travels.
    public let mode: ResponseMode
    /// What it says, in order.
    public let parameters: [(name: Parameter, value: String)]
    /// The refusal that it tells, with its cause for the log; nil for a success.
    public let failure: OAuthError?

    /// The address for `query` and `fragment`: the registered query stays, ours is added (RFC 6749 §3.1.2).
    public var location: String {
        let encoded = parameters.map { "\($0.name.rawValue)=\(FormParameters.encode($0.value))" }.joined(separator: "&")
        switch mode {
        case .fragment:
            return redirectURI.rawValue + "#" + encoded
        case .query, .formPost:
            let hasQuery = redirectURI.rawValue.contains("?")
            let joint = !hasQuery ? "?" : redirectURI.rawValue.hasSuffix("?") ? "" : "&"
            return redirectURI.rawValue + joint + encoded
        }
    }
}

/// Where the answer to one request goes, known as soon as client and redirect URI are proven.
struct ReturnAddress: Sendable {
    let redirectURI: VerifiedRedirectURI
    let mode: ResponseMode
    let state: String?
    let issuer: Issuer

    func answer(code: String, idToken: String?, sessionState: String? = nil) -> AuthorizationAnswer {
        let more = [(Parameter.idToken, idToken), (.sessionState, sessionState)]
        return answer([(.code, code)] + more.compactMap { name, value in value.map { (name, $0) } }, failure: nil)
    }

    func answer(_ error: OAuthError) -> AuthorizationAnswer {
        answer([(.error, error.code.rawValue), (.errorDescription, error.summary.description)], failure: error)
    }

    private func answer(
        _ content: [(name: Parameter, value: String)], failure: OAuthError?
    ) -> AuthorizationAnswer {
        var parameters = content
        if let state { parameters.append((.state, state)) }
        parameters.append(IssuerIdentification.parameter(issuer))
        return AuthorizationAnswer(redirectURI: redirectURI, mode: mode, parameters: parameters, failure: failure)
    }
}
