public import AuthorizationServer
public import JOSE
public import JSON
public import OAuthTypes

// Short words for what came of a step, so that a test can compare it in one line.

extension AuthorizationEndpoint.Decision {
    /// The error of a page.
    public var page: OAuthError.Code? {
        if case .page(let error) = self { error.code } else { nil }
    }

    /// What goes to the client.
    public var answer: AuthorizationAnswer? {
        if case .answer(let answer, _) = self { answer } else { nil }
    }

    /// The identifier of the interaction that begins.
    public var interaction: String? {
        if case .interact(let id, _) = self { id } else { nil }
    }
}

extension AuthorizationAnswer {
    /// The value of a parameter, nil where it is not there.
    public subscript(_ name: Parameter) -> String? {
        parameters.first { $0.name == name }?.value
    }

    /// The error, nil for a success.
    public var refusal: OAuthError.Code? {
        self[.error].flatMap { OAuthError.Code(rawValue: $0) }
    }
}

extension InteractionStep {
    /// What goes to the client.
    public var answer: AuthorizationAnswer? {
        if case .answer(let answer, _) = self { answer } else { nil }
    }

    /// How it ended.
    public var end: InteractionEnd? {
        if case .over(let end) = self { end } else { nil }
    }

    /// Which page it is.
    public var name: String {
        switch self {
        case .signIn: "sign-in"
        case .selectAccount: "account"
        case .consent: "consent"
        case .answer: "answer"
        case .over: "over"
        }
    }
}

extension TokenResponse {
    /// The claims of the access token; the signature is not looked at.
    public var accessClaims: JWTClaims { get throws { try UnverifiedJWT(parsing: accessToken).unverifiedClaims() } }

    /// The claims of the ID token; the signature is not looked at.
    public var idClaims: JWTClaims? {
        get throws { try idToken.map { try UnverifiedJWT(parsing: $0).unverifiedClaims() } }
    }
}

extension JSONEncodable {
    /// The value as it is read from the wire.
    public var wire: JSONValue { get throws { try JSONValue(parsing: jsonBytes()) } }
}
