public import OAuthTypes
public import Stores

/// What an operator may know of a refusal, and nobody else: what came, which check failed, what would have been right.
///
/// Made once a request was refused, by looking at it again: no check is slower for it, and no answer says more.
public struct Explanation: Sendable, Equatable {
    /// What the answer called it.
    public let code: String
    /// Which check failed: one sentence.
    public let check: String
    /// Where the rule stands.
    public let section: String
    /// The parameters that came, in the order of their names; what is no word of the protocol by its length alone.
    public let received: [String]
    /// What differs from what would have been right; empty where nothing is known.
    public let advice: String

    /// An explanation of what is refused in other words than those of OAuth 2.0.
    public init(code: String, check: String, section: String, received: [String] = [], advice: String = "") {
        self.code = code
        self.check = check
        self.section = section
        self.received = received
        self.advice = advice
    }

    /// Looks at a form that was refused; `client` is the one that the request names, where there is such a one.
    public init(of refusal: OAuthError, to form: FormParameters, from client: Client?) {
        code = refusal.code.rawValue
        check = refusal.summary.description
        section = refusal.rule.description
        received = form.names.sorted { $0.rawValue < $1.rawValue }.prefix(40).map { name in
            Explanation.shown(name, form[name] ?? "", client)
        }
        advice = Explanation.advice(refusal, form, client)
    }

    /// A parameter by its name, and by its value where that consists of words of the protocol or of the registration.
    ///
    /// Anything else may be what somebody put into the wrong field, and is told by its length alone.
    private static func shown(_ name: Parameter, _ value: String, _ client: Client?) -> String {
        let length = "\(value.utf8.count) bytes"
        guard named.contains(name.rawValue) else { return "another parameter (\(length))" }
        return isHarmless(name, value, client) ? "\(name.rawValue)=\(value)" : "\(name.rawValue) (\(length))"
    }

    private static func isHarmless(_ name: Parameter, _ value: String, _ client: Client?) -> Bool {
        switch name {
        case .clientID: return client.map { value.utf8.elementsEqual($0.id.rawValue.utf8) } ?? false
        case .redirectURI: return client?.redirectURIs.contains { $0.rawValue == value } ?? false
        case .postLogoutRedirectURI: return client?.postLogoutRedirectURIs.contains { $0.rawValue == value } ?? false
        // Whatever they look like: a secret may be a word of the protocol.
        case .clientSecret, .code, .codeVerifier, .token, .refreshToken, .accessToken, .clientAssertion, .idTokenHint,
            .state, .nonce, .loginHint, Parameter("password"), Parameter("username"):
            return false
        case .maxAge: return value.utf8.count <= 9 && value.utf8.allSatisfy { (0x30...0x39).contains($0) }
        default:
            let registered = Set(client?.scopes.map(\.rawValue) ?? [])
            return value.split(separator: " ").allSatisfy {
                words.contains(String($0)) || registered.contains(String($0))
            }
        }
    }

    /// Names of parameters.
    private static let named: Set<String> = [
        "acr_values", "audience", "claims", "claims_locales", "client_assertion", "client_assertion_type", "client_id",
        "client_secret", "code", "code_challenge", "code_challenge_method", "code_verifier", "display", "domain_hint",
        "grant_type",
        "id_token_hint", "login_hint", "logout_hint", "max_age", "nonce", "password", "post_logout_redirect_uri",
        "prompt", "redirect_uri", "refresh_token", "registration", "request", "request_uri", "resource",
        "response_mode", "response_type", "scope", "state", "token", "token_type_hint", "ui_locales", "username",
    ]

    /// Values that the protocol gives a meaning.
    private static let words = Set(
        [
            "code", "token", "id_token", "query", "fragment", "form_post", "S256", "plain", "page", "popup", "touch",
            "wap",
        ]
            + ["none", "login", "consent", "select_account", "create", "access_token"]
            + ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"] + GrantType.allCases.map(\.rawValue)
            + ["openid", "profile", "email", "address", "phone", "offline_access"])

    // MARK: What would have been right

    private static func advice(_ refusal: OAuthError, _ form: FormParameters, _ client: Client?) -> String {
        if let advice = refusal.advice { return advice }
        if refusal.nearest == .repetition { return repetitionAdvice(form) }
        guard let client else {
            guard refusal.nearest != nil, !form.names.isEmpty else { return "" }
            guard let id = form[.clientID] else { return "the request names no client" }
            return ClientID(id) == nil ? "no client can have this client_id" : "no client has this client_id"
        }
        switch refusal.nearest {
        case nil, .client: return ""
        case .redirectURI:
            return NearestURI(of: form[.redirectURI], among: client.redirectURIs, named: "redirect_uri").sentence
        case .postLogoutRedirectURI:
            return NearestURI(
                of: form[.postLogoutRedirectURI], among: client.postLogoutRedirectURIs,
                named: "post_logout_redirect_uri"
            ).sentence
        case .codeChallenge: return challengeAdvice(form)
        case .responseType:
            let isHybrid = ResponseType("code id_token", allowedTo: client) != nil
            return "the client may ask for code" + (isHybrid ? ", or for code id_token" : "")
        case .grantType:
            return "the client is registered for "
                + client.grantTypes.map(\.rawValue).sorted().joined(separator: ", ")
        case .scope: return scopeAdvice(form, client)
        case .repetition: return repetitionAdvice(form)
        }
    }

    private static func repetitionAdvice(_ form: FormParameters) -> String {
        let names = form.repeated.map(\.rawValue)
        let known = names.filter(named.contains).sorted()
        let others = names.count - known.count
        let all = known + (others > 0 ? ["\(others) other\(others == 1 ? "" : "s")"] : [])
        return all.isEmpty ? "" : "more than once came " + all.joined(separator: ", ")
    }

    private static func challengeAdvice(_ form: FormParameters) -> String {
        guard let challenge = form[.codeChallenge] else { return "the request has no code_challenge" }
        guard let method = form[.codeChallengeMethod] else {
            return "code_challenge_method is missing, which means plain; it must be S256"
        }
        if method != "S256" { return "code_challenge_method differs from S256" }
        if challenge.hasSuffix("=") { return "the code_challenge ends in =, and base64url has no padding here" }
        if challenge.utf8.count != 43 {
            return "the code_challenge has \(challenge.utf8.count) characters in place of 43"
        }
        return "the code_challenge has characters that base64url lacks"
    }

    private static func scopeAdvice(_ form: FormParameters, _ client: Client) -> String {
        let allowed = "it may ask for \(client.scopes)"
        guard let text = form[.scope], let asked = ScopeSet(parsing: text) else {
            return "the request has no scope; " + "the client may ask for \(client.scopes)"
        }
        let foreign = asked.subtracting(client.scopes)
        return "\(foreign.count) of the scopes are not the client's; " + allowed
    }
}
