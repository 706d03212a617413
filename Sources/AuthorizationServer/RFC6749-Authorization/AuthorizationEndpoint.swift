public import OAuthTypes
public import Stores

/// Authorization endpoint: RFC 6749 §3.1, OpenID Connect Core §3.1.2.
///
/// Until client and redirect URI are proven a failure is a page; from then on it goes back to the client.
public struct AuthorizationEndpoint: Sendable {
    /// The path below the issuer.
    public static let path = "/authorize"

    /// The longest request that is read, in bytes.
    static let requestLimit = 8_192

    let environment: ServerEnvironment

    /// The endpoint in an environment.
    public init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// What becomes of a request that has just come in.
    public enum Decision: Sendable {
        /// Shown to the person: nothing proves where an answer could go.
        case page(OAuthError)
        /// Sent to the client without a page in between.
        case answer(AuthorizationAnswer, Client)
        /// Nothing is kept: too many requests came from there. After that time the next one is.
        case tooMany(Duration)
        /// A page of the interaction with that identifier follows; the browser keeps the secret in its cookie.
        case interact(id: String, browserSecret: String)
    }

    /// Judges a request by its query or form body (§3.1.2.1: both mean the same).
    ///
    /// `admit` counts a request that is to be kept until a person has dealt with it; it answers the time to wait where it is
    /// not.
    public func respond(
        to form: [UInt8], from browser: Browser, admitting admit: () -> Duration? = { nil }
    ) async throws -> Decision {
        let arrival: Arrival
        switch try await Arrival.check(form, in: environment) {
        case .page(let error): return .page(error)
        case .answer(let answer, let client): return .answer(answer, client)
        case .arrived(let good): arrival = good
        }
        do {
            return try await decide(form, arrival, from: browser, admit)
        } catch {
            // RFC 6749 §4.1.2.1: a status of 500 would not reach the client.
            return .answer(arrival.address.answer(OAuthError(breakage: error)), arrival.client)
        }
    }

    private func decide(
        _ form: [UInt8], _ arrival: Arrival, from browser: Browser, _ admit: () -> Duration?
    ) async throws -> Decision {
        let step = try await Interactions(environment).need(of: arrival, session: browser.session, interaction: nil)
        if step == .unmet { return .answer(arrival.address.answer(StepRule.unmet), arrival.client) }
        if arrival.request.prompts.contains(.none), let refusal = AuthorizationEndpoint.silentRefusal(step) {
            return .answer(arrival.address.answer(refusal), arrival.client)
        }
        if step == .nothing, let session = browser.session {
            let answer = try await CodeIssue(environment).answer(arrival, for: session)
            return .answer(answer, arrival.client)
        }
        if let wait = admit() { return .tooMany(wait) }
        return try await begin(form, arrival, from: browser)
    }

    private func begin(_ form: [UInt8], _ arrival: Arrival, from browser: Browser) async throws -> Decision {
        let id = environment.newSecret()
        let secret = browser.secret ?? environment.newSecret()
        let now = environment.clock.now
        try await environment.storage.interactions.insert(
            Interaction(
                digest: TokenDigest(of: id),
                browser: TokenDigest(of: secret),
                clientID: arrival.client.id,
                request: arrival.kept,
                createdAt: now,
                expiresAt: now + environment.policy.interactionLifetime,
                sessionID: nil,
                finishedAt: nil
            )
        )
        return .interact(id: id, browserSecret: secret)
    }

    /// What `prompt=none` answers where a page would be needed: OpenID Connect Core §3.1.2.6.
    private static func silentRefusal(_ need: StepRule.Need) -> OAuthError? {
        switch need {
        case .nothing: nil
        case .signIn:
            OAuthError(
                .loginRequired, "the person is not signed in, or not recently enough",
                advice: "prompt=none shows no page: send the person without it, so that they can sign in",
                rule: "OpenID Connect Core §3.1.2.6")
        case .selectAccount:
            OAuthError(
                .accountSelectionRequired, "the person has to choose an account",
                advice: "prompt=none shows no page: send the person without it, so that they can choose",
                rule: "OpenID Connect Core §3.1.2.6")
        case .unmet: StepRule.unmet
        case .consent:
            OAuthError(
                .consentRequired, "the person has not allowed this yet",
                advice: "prompt=none shows no page: send the person without it, so that they can allow it",
                rule: "OpenID Connect Core §3.1.2.6")
        }
    }
}

/// A request whose client, redirect URI and parameters are in order.
struct Arrival: Sendable {
    let client: Client
    let address: ReturnAddress
    let request: AuthorizationRequest
    /// What is spent with its code.
    let once: OneTimeObject?
    private let parameters: FormParameters

    /// What an interaction keeps: the parameters that mean something, so that a stranger's ballast fills no disk.
    var kept: String {
        let form = parameters.encoded(only: Arrival.meaningful)
        return once.map { "\(form)&\(OneTimeObject.parameter.rawValue)=\($0.kept)" } ?? form
    }

    private static let meaningful: Set<Parameter> = [
        .clientID, .redirectURI, .responseType, .responseMode, .scope, .state, .nonce, .prompt, .maxAge, .loginHint,
        .uiLocales, .idTokenHint, .claims, .acrValues, .claimsLocales, .codeChallenge, .codeChallengeMethod, .resource,
        .domainHint, .display,
    ]

    enum Outcome: Sendable {
        case page(OAuthError)
        case answer(AuthorizationAnswer, Client)
        case arrived(Arrival)
    }

    /// Where a request comes from: the browser, or our own records, which keep what its request object said.
    enum Stage {
        case arriving, kept
    }

    /// Checks a request from its bytes; done when it comes and again at each step, since a client may change meanwhile.
    static func check(
        _ form: [UInt8], in environment: ServerEnvironment, as stage: Stage = .arriving
    ) async throws -> Outcome {
        guard form.count <= AuthorizationEndpoint.requestLimit, var parameters = try? FormParameters(decoding: form)
        else {
            return .page(
                OAuthError(
                    .invalidRequest, "the request is malformed or too long",
                    advice:
                        "a request is form-encoded in UTF-8, of \(AuthorizationEndpoint.requestLimit) bytes at most",
                    rule: "RFC 6749 §3.1, §4.1.1"))
        }
        guard !parameters.repeated.contains(.clientID), !parameters.repeated.contains(.redirectURI) else {
            return .page(
                OAuthError(
                    .invalidRequest, "client_id or redirect_uri was sent more than once",
                    advice: "each parameter comes once", rule: "RFC 6749 §3.1"))
        }
        guard let id = parameters[.clientID].flatMap({ ClientID($0) }),
            let client = try await environment.clients.find(id)
        else {
            return .page(
                OAuthError(
                    .invalidRequest, "client_id is missing or names no client", nearest: .client,
                    rule: "RFC 6749 §2.2, §4.1.1"))
        }
        // RFC 9101 §5: what follows looks at what the object says; where it cannot be believed, at where to say so.
        var object = RequestObject.Use.none
        if stage == .arriving, RequestObject.concerns(parameters, client) {
            object = await RequestObject.use(in: &parameters, from: client, in: environment)
        }
        guard object.mayBeToldToTheOnlyAddress || parameters[.redirectURI] != nil,
            let redirectURI = VerifiedRedirectURI(parameters, for: client)
        else {
            let error = OAuthError(
                .invalidRequest, "redirect_uri is missing or is not registered for this client", nearest: .redirectURI,
                rule: "RFC 6749 §3.1.2.3, RFC 9700 §4.1.3")
            return .page(object.refusal ?? object.explaining(error, parameters, client))
        }
        // From here on a failure may be told to the client.
        let asked = parameters[.responseMode]
        let mode = asked.flatMap { ResponseMode(rawValue: $0) }
        let type = parameters[.responseType].flatMap { ResponseType($0, allowedTo: client) } ?? .code
        // Multiple Response Types §2.1: a token in a query ends up in logs.
        let isLeak = type != .code && mode == .query
        let address = ReturnAddress(
            redirectURI: redirectURI,
            mode: isLeak ? type.defaultMode : mode ?? type.defaultMode,
            state: parameters.repeated.contains(.state) ? nil : parameters[.state],
            issuer: environment.issuer
        )
        do throws(OAuthError) {
            if let refusal = object.refusal { throw refusal }
            guard asked == nil || mode != nil else {
                throw OAuthError(
                    .invalidRequest, "response_mode must be query, fragment or form_post",
                    advice: "response_mode may be left out, or be query, fragment or form_post",
                    rule: "OAuth 2.0 Multiple Response Types §2.1")
            }
            guard !isLeak else {
                throw OAuthError(
                    .invalidRequest, "response_mode must not be query where an ID token is in the answer",
                    advice: "for this response_type, response_mode is fragment, form_post or left out",
                    rule: "OAuth 2.0 Multiple Response Types §3")
            }
            let request = try AuthorizationRequest(
                parameters,
                from: client,
                knownScopes: try await reading { try await environment.clients.knownScopes() },
                resources: parameters[.resource] == nil
                    ? [] : try await reading { try await environment.clients.resources() },
                in: environment
            )
            // What a browser sends under that name is not looked at.
            let once =
                stage == .kept
                ? parameters[OneTimeObject.parameter].flatMap(OneTimeObject.init(kept:)) : object.once
            return .arrived(
                Arrival(client: client, address: address, request: request, once: once, parameters: parameters))
        } catch {
            return .answer(address.answer(object.explaining(error, parameters, client)), client)
        }
    }

    /// A store that fails once the address is known is told to the client (RFC 6749 §4.1.2.1).
    private static func reading<Value>(_ read: () async throws -> Value) async throws(OAuthError) -> Value {
        do {
            return try await read()
        } catch {
            throw OAuthError(breakage: error)
        }
    }
}

extension OAuthError {
    /// What a client is told of a failure of ours; the cause is for the log alone.
    init(breakage error: any Error) {
        self =
            error is StorageError
            ? OAuthError(
                .temporarilyUnavailable, "the server cannot reach its records; try again", cause: "\(error)",
                rule: "RFC 6749 §4.1.2.1")
            : OAuthError(
                .serverError, "the server failed; its log knows why", cause: "\(error)", rule: "RFC 6749 §4.1.2.1")
    }
}
