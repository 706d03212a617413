import JOSE
public import OAuthTypes
import Stores

extension Upstream {
    /// What a sign-in asks of the provider beyond the usual.
    public struct Wishes: Sendable {
        /// The address that the person has typed, if any: `login_hint`.
        public var loginHint: String?
        /// Whether the provider shall ask the person again: `prompt=login`, `max_age=0`.
        public var isFresh = false
        /// Whether two factors are wanted there: `acr_values`, as far as the connector says by what name (`second_factor_acr`).
        public var wantsSecondFactor = false
        /// The languages that the person reads: `ui_locales`.
        public var languages: String?

        /// None.
        public init() {}
    }

    /// Where to send the person: OpenID Connect Core §3.1.2.1, RFC 6749 §4.1.1.
    ///
    /// `purpose` comes back with the answer, and with nobody else's: it is sealed, and bound to the browser.
    public func authorizationAddress(
        for purpose: String, in browser: TokenDigest, _ wishes: Wishes = Wishes()
    ) async throws(UpstreamFault) -> String {
        if isResting { throw .unavailable(.circuitOpen) }
        let metadata = try await metadata()
        let request = SignInState(
            to: connector.id, in: browser, for: purpose, isFresh: wishes.isFresh, at: parts.clock.now,
            random: parts.random)
        guard let state = try? request.sealed(by: parts.masterKey) else { throw .misconfigured(.noSecret) }
        var fields: [(String, String)] = [
            ("response_type", "code"), ("client_id", settings.clientID ?? ""), ("redirect_uri", redirectURI),
            ("state", state),
        ]
        if let scopes = settings.scopes, !scopes.isEmpty { fields.append(("scope", scopes.joined(separator: " "))) }
        if settings.usesPKCE != false {
            fields += [("code_challenge", request.challenge), ("code_challenge_method", "S256")]
        }
        if settings.responseMode == .formPost { fields.append(("response_mode", "form_post")) }
        if connector.kind == .openID { fields += openIDFields(request, wishes) }
        fields += (settings.parameters ?? [:]).sorted { $0.key < $1.key }
            .filter { own in !fields.contains { $0.0 == own.key } }.map { ($0.key, $0.value) }
        let query = fields.map { "\($0)=\(FormParameters.encode($1))" }.joined(separator: "&")
        let address = metadata.authorizationEndpoint
        return address + (address.contains("?") ? "&" : "?") + query
    }

    private func openIDFields(_ request: SignInState, _ wishes: Wishes) -> [(String, String)] {
        var fields = [("nonce", request.nonce)]
        if let hint = wishes.loginHint, !hint.isEmpty { fields.append(("login_hint", hint)) }
        if let languages = wishes.languages, !languages.isEmpty { fields.append(("ui_locales", languages)) }
        let contexts = settings.policy.secondFactorContexts ?? []
        if wishes.wantsSecondFactor, !contexts.isEmpty {
            fields.append(("acr_values", contexts.joined(separator: " ")))
        }
        // A word of our own: providers that do not know max_age still know the prompt.
        if wishes.isFresh { fields += [("prompt", "login"), ("max_age", "0")] }
        return fields
    }

    /// What came back at this connector's address: RFC 6749 §4.1.2.
    public struct Answer: Sendable {
        let form: FormParameters

        /// The parameters of the address or of the form.
        public init(_ form: FormParameters) { self.form = form }
    }

    /// The state of an answer that belongs to this browser; changes nothing.
    public func state(of answer: Answer, in browser: TokenDigest) throws(UpstreamFault) -> SignInState {
        try SignInState(of: answer, from: connector.id, in: browser, parts)
    }
}

extension SignInState {
    /// The state that an answer of a connector brings back to the browser that it is of.
    init(
        of answer: Upstream.Answer, from connector: ConnectorID, in browser: TokenDigest, _ parts: Upstream.Parts
    ) throws(UpstreamFault) {
        guard answer.form.repeated.isEmpty else { throw .foreignAnswer(.malformedAnswer) }
        guard let text = answer.form[Parameter("state")],
            let state = SignInState(text, from: connector, parts.masterKey)
        else { throw .foreignAnswer(.unknownState) }
        // Whoever starts a sign-in and has somebody else end it would sign them in as himself.
        guard constantTimeEquals(state.browser.bytes, browser.bytes) else { throw .foreignAnswer(.otherBrowser) }
        guard parts.clock.now < state.issuedAt + SignInState.lifetime else { throw .foreignAnswer(.expiredState) }
        self = state
    }
}
