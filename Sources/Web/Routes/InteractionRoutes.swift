import AuthorizationServer
import Federation
import HTTP
import Identity
import OAuthTypes
import Pages
import Stores

/// The pages on which a person deals with an authorization request.
///
/// Every post must carry the token of a form that this browser was shown, and must not come from another site.
struct InteractionRoutes: Sendable {
    let answers: PageAnswers
    let cookies: BrowserCookies
    let sessions: Sessions
    let forms: SignInForms
    let interactions: Interactions
    let environment: ServerEnvironment
    /// Nil for none.
    let challenges: ChallengeGate?
    let audit: AuditTrail
    /// Nil where no mail can be sent.
    private let mail: Site.MailParts?
    private let connectors: ConnectorButtons?

    init(_ parts: Site.Parts, _ answers: PageAnswers) {
        self.answers = answers
        cookies = BrowserCookies(parts.environment.issuer)
        sessions = parts.sessions
        forms = SignInForms(parts)
        interactions = Interactions(parts.environment)
        environment = parts.environment
        challenges = parts.challenges
        audit = parts.audit
        mail = parts.mail
        connectors = parts.federation.map { ConnectorButtons(parts: $0, root: parts.environment.issuer.path) }
    }

    /// The answers in the languages, and for the window, that the client asks for.
    func speaking(_ pending: PendingRequest) -> PageAnswers {
        answers.speaking(pending.request.uiLocales).shown(as: pending.request.display)
    }

    /// The tag of the language of its pages.
    func language(_ pending: PendingRequest, _ request: Request) -> String {
        speaking(pending).language(for: request).tag
    }

    static func path(_ id: String, _ step: String = "") -> String { "/interaction/" + id + step }

    var routes: [Route] {
        [
            Route(.get, "/interaction/:id") { request in
                await guarded(request) { visitor, id in
                    try await show(interactions.step(of: id, from: visitor.browser), request, visitor)
                }
            },
            Route(.get, "/interaction/:id/sign-in") { request in
                await guarded(request) { visitor, id in try await showSignIn(request, visitor, id) }
            },
            Route(.post, "/interaction/:id/sign-in", bodyLimit: OwnForm.contentLimit) { request in
                await guardedForm(request) { visitor, id, form in try await takeSignIn(form, request, visitor, id) }
            },
            Route(.get, "/interaction/:id" + InteractionRoutes.secondFactorStep) { request in
                await guarded(request) { visitor, id in try await showSecondFactor(request, visitor, id) }
            },
            Route(.post, "/interaction/:id" + InteractionRoutes.secondFactorStep, bodyLimit: OwnForm.contentLimit) {
                request in
                await guardedForm(request, purpose: secondFactorPurpose) { visitor, id, form in
                    try await takeSecondFactor(form, request, visitor, id)
                }
            },
            Route(.post, "/interaction/:id/account", bodyLimit: OwnForm.contentLimit) { request in
                await guardedForm(request, purpose: accountPurpose) { visitor, id, form in
                    try await takeAccount(form, request, visitor, id)
                }
            },
            Route(.post, "/interaction/:id/consent", bodyLimit: OwnForm.contentLimit) { request in
                await guardedForm(request, purpose: consentPurpose) { visitor, id, form in
                    try await takeConsent(form, request, visitor, id)
                }
            },
        ]
    }

    // MARK: What is posted

    private func takeSignIn(
        _ form: FormParameters, _ request: Request, _ visitor: Visitor, _ id: String
    ) async throws -> Response {
        if form[Parameter("choice")] == "other" {
            var response = answers.redirect(to: InteractionRoutes.path(id, "/sign-in"))
            if visitor.linkSecret != nil { response.setCookie(cookies.noLink) }
            return response
        }
        // A password is compared only for a request that waits in this very browser.
        let pending: PendingRequest
        switch try await interactions.pending(id, from: visitor.browser) {
        case .over(let end): return over(end, request)
        case .open(let open): pending = open
        }
        let isStaying = SignInForms.isStaying(form)
        switch try await forms.takePasskey(form, visitor, in: language(pending, request), for: pending.client.id) {
        case .signedIn(let start)?: return try await goOn(start, pending, request, visitor)
        case .refused(let refusal)?:
            let account = try await account(pending, visitor)
            return refusal.mark(
                try await signInPage(
                    pending, visitor, request, account, refusal.problem, isStaying: isStaying, status: refusal.status))
        case nil: break
        }
        let email = form[Parameter("email")] ?? ""
        let typed = SignInPage.Account.anyone(email: email)
        if form[Parameter("password")] == nil, try await asksAddressFirst(for: pending.client) {
            // The address came first: it may say where its owner is at home.
            let path = InteractionRoutes.path(id, FederationRoutes.step)
            if let home = try await connectors?.home(
                of: email, path, isStaying ? "?" + ConnectorButton.staying : "", in: visitor.browserDigest,
                for: pending.client.id)
            {
                return answers.redirect(to: home)
            }
            return try await signInPage(pending, visitor, request, typed, nil, isStaying: isStaying, status: .ok)
        }
        let occasion = request.occasion(.signIn, subject: id, browser: visitor.browser.secret)
        if let challenge = await challenges?.obstacle(form, for: occasion, account: email) {
            return try await signInPage(
                pending, visitor, request, typed, challenge.problem.map(SignInPage.Problem.challenge), challenge,
                isStaying: isStaying, status: .forbidden)
        }
        switch try await forms.takePassword(
            form, visitor, at: SignInPurpose(id, visitor).digest,
            trusting: visitor.trust(for: pending), in: language(pending, request),
            for: pending.client.id)
        {
        case .refused(let refusal):
            if refusal.isGuess { challenges?.note(occasion, account: email) }
            return refusal.mark(
                try await signInPage(
                    pending, visitor, request, typed, refusal.problem, isStaying: isStaying, status: refusal.status))
        case .detour(let detour):
            return detour.answer(answers, InteractionRoutes.path(id, "/sign-in"), request)
        case .secondFactorIsDue:
            return forms.keepWish(
                form, visitor, answers.redirect(to: InteractionRoutes.path(id, InteractionRoutes.secondFactorStep)))
        case .signedIn(let start):
            return try await goOn(start, pending, request, visitor)
        }
    }

    private func asksAddressFirst(for client: Client) async throws -> Bool {
        if forms.order == .addressFirst { return true }
        return try await connectors?.asksAddressFirst(for: client.id) ?? false
    }

    private func takeAccount(
        _ form: FormParameters, _ request: Request, _ visitor: Visitor, _ id: String
    ) async throws -> Response {
        guard form[Parameter("choice")] == "continue", let session = visitor.browser.session else {
            return answers.redirect(to: InteractionRoutes.path(id, "/sign-in"))
        }
        let step = try await interactions.choose(session, for: id, from: visitor.browser)
        return try await follow(step, id, request, visitor)
    }

    private func takeConsent(
        _ form: FormParameters, _ request: Request, _ visitor: Visitor, _ id: String
    ) async throws -> Response {
        guard let decision = form[Parameter("decision")].flatMap({ ConsentDecision(rawValue: $0) }) else {
            return answers.redirect(to: InteractionRoutes.path(id))
        }
        let asked = try await interactions.pending(id, from: visitor.browser)
        let step = try await interactions.decide(decision, on: id, from: visitor.browser)
        if case .answer(let answer, let client) = step, case .open(let pending) = asked {
            try await note(decision, answer, client, pending.request.scopes, request, visitor)
        }
        return try await follow(step, id, request, visitor)
    }

    private func note(
        _ decision: ConsentDecision, _ answer: AuthorizationAnswer, _ client: Client, _ scopes: ScopeSet,
        _ request: Request, _ visitor: Visitor
    ) async throws {
        let person = visitor.browser.session?.userID
        if decision == .allow, answer.failure == nil {
            try await audit.note(
                .consent, of: person, with: client.id, from: request.auditOrigin, details: ["scope": scopes.description]
            )
        } else {
            audit.noteLater(
                .consent, .refused, of: person, by: person.map { .person($0) } ?? .stranger, with: client.id,
                from: request.auditOrigin)
        }
    }

    // MARK: What is shown

    /// After a post: the client's answer, or the page of the next step by a redirect, so that reloading posts nothing.
    func follow(
        _ step: InteractionStep, _ id: String, _ request: Request, _ visitor: Visitor
    ) async throws -> Response {
        switch step {
        case .signIn, .selectAccount, .consent: answers.redirect(to: InteractionRoutes.path(id))
        case .answer, .over: try await show(step, request, visitor)
        }
    }

    private func show(_ step: InteractionStep, _ request: Request, _ visitor: Visitor) async throws -> Response {
        switch step {
        case .answer(let answer, let client):
            if let failure = answer.failure { await answers.explanations.note(failure, of: [], client, for: request) }
            return answers.answer(answer, client.name, for: request)
        case .over(let end):
            return over(end, request)
        case .signIn(let pending) where pending.request.prompts.contains(.create) && mail?.signUpMode == .open:
            return answers.redirect(to: SignUpRoutes.path(leadingTo: pending.id))
        case .signIn(let pending):
            let path = InteractionRoutes.path(pending.id, FederationRoutes.step)
            // Whoever comes back from there without success is shown the page, which is another address.
            if visitor.browser.session == nil, visitor.linkSecret == nil,
                let home = try await connectors?.home(of: pending, path)
            {
                return answers.redirect(to: home)
            }
            // What the client wants is out of reach here, and a provider of theirs can do it.
            if let session = visitor.browser.session, visitor.linkSecret == nil,
                try await interactions.isReachedElsewhereOnly(session, for: pending),
                let strong = try await strongConnectors(session.userID, for: pending).first
            {
                return answers.redirect(to: path + strong.rawValue)
            }
            return try await signInPage(
                pending, visitor, request, try await account(pending, visitor), nil, status: .ok)
        case .selectAccount(let pending, let session):
            let user = try await environment.storage.users.find(session.userID)
            let page = SelectAccountPage(
                clientName: pending.client.name(in: language(pending, request)),
                accountName: user?.name ?? "",
                accountEmail: user?.email.rawValue ?? "",
                csrf: accountToken(pending.id, visitor),
                action: environment.issuer.path + InteractionRoutes.path(pending.id, "/account")
            )
            return speaking(pending).page(
                page, formTarget: .client(pending.redirectURI.registered), for: request)
        case .consent(let pending, let session, let new):
            let user = try await environment.storage.users.find(session.userID)
            let page = ConsentPage(
                clientName: pending.client.name(in: language(pending, request)),
                destination: InteractionRoutes.destination(pending.redirectURI.registered),
                // RFC 7591 §5: nobody here has looked at what registered itself.
                verification: pending.client.registrationDigest == nil ? .verified : .unverified,
                scopes: try await naming(
                    ConsentPage.Scope.rows(for: new, resources: try await environment.clients.resources())),
                accountEmail: user?.email.rawValue ?? "",
                csrf: consentToken(pending.id, visitor, session),
                action: environment.issuer.path + InteractionRoutes.path(pending.id, "/consent"),
                card: pending.client.card(in: language(pending, request), below: environment.issuer.path)
            )
            return speaking(pending).page(
                page, formTarget: .client(pending.redirectURI.registered), for: request)
        }
    }

    /// The connectors at which somebody can prove two factors.
    private func strongConnectors(_ user: UserID, for pending: PendingRequest) async throws -> [ConnectorID] {
        guard connectors != nil else { return [] }
        return try await ConnectorStrength(environment.storage).connectors(of: user, for: pending.client.id)
    }

    /// Providers whose tokens a client asks for, by what people call them.
    private func naming(_ rows: [ConsentPage.Scope]) async throws -> [ConsentPage.Scope] {
        guard let connectors else { return rows }
        var names: [String: String] = [:]
        for upstream in try await connectors.parts.federation.upstreams() {
            names["upstream:" + upstream.connector.id.rawValue] = upstream.connector.name
        }
        return rows.map { row in names[row.name].map { ConsentPage.Scope(name: row.name, provider: $0) } ?? row }
    }

    private func showSignIn(_ request: Request, _ visitor: Visitor, _ id: String) async throws -> Response {
        switch try await interactions.pending(id, from: visitor.browser) {
        case .over(let end): over(end, request)
        case .open(let pending):
            try await signInPage(
                pending, visitor, request, .anyone(email: pending.request.loginHint ?? ""), nil, status: .ok)
        }
    }

    /// Whom the page expects: who is signed in and has only to prove it again, or whoever comes.
    private func account(_ pending: PendingRequest, _ visitor: Visitor) async throws -> SignInPage.Account {
        guard let session = visitor.browser.session,
            try await interactions.isExpected(session.userID, in: pending),
            let user = try await environment.storage.users.find(session.userID)
        else { return .anyone(email: pending.request.loginHint ?? "") }
        return .known(email: user.email.rawValue)
    }

    private static func destination(_ uri: RedirectURI) -> ConsentPage.Destination {
        uri.staysOnDevice ? .thisDevice(address: uri.displayHost) : .website(host: uri.displayHost)
    }

    private func signInPage(
        _ pending: PendingRequest, _ visitor: Visitor, _ request: Request, _ account: SignInPage.Account,
        _ problem: SignInPage.Problem?, _ challenge: ShownChallenge? = nil, isStaying: Bool = false, status: Status
    ) async throws -> Response {
        let linking = try await forms.linking(visitor)
        let account = linking.map { SignInPage.Account.known(email: $0.email) } ?? account
        var isAddressFirst = account == .anyone(email: "") && problem == nil && !request.asksForPassword
        if isAddressFirst { isAddressFirst = try await asksAddressFirst(for: pending.client) }
        let occasion = request.occasion(.signIn, subject: pending.id, browser: visitor.browser.secret)
        let challenge = challenge ?? challenges?.shown(for: occasion, account: account.email)
        let page = SignInPage(
            clientName: pending.client.name(in: language(pending, request)),
            account: account,
            problem: problem,
            csrf: token(pending.id, visitor),
            action: environment.issuer.path + InteractionRoutes.path(pending.id, "/sign-in"),
            challenge: challenge?.box,
            forgotURL: mail.map { _ in
                environment.issuer.path + ResetRoutes.forgotPath + ResetRoutes.query(pending.request.uiLocales)
            },
            signUpURL: mail?.signUpMode == .open
                ? environment.issuer.path + SignUpRoutes.path(leadingTo: pending.id) : nil,
            passkey: forms.course.passkeys.map { _ in
                PasskeyRoutes.signInForm(environment, browser: visitor.browser.secret ?? "")
            },
            connectors: (try await connectors?.buttons(
                InteractionRoutes.path(pending.id, FederationRoutes.step), for: pending.client.id,
                last: cookies.lastConnector(of: request)) ?? [])
                .filter { button in linking.map { $0.connectors.contains(button.id) } ?? true },
            connectorProblem: problem == nil ? try await connectors?.problem(of: request) : nil,
            linking: linking?.name,
            asksAddressFirst: isAddressFirst,
            offersStaying: forms.course.sessions.offersStaying,
            isStaying: isStaying,
            passwordURL: environment.issuer.path + InteractionRoutes.path(pending.id, "/sign-in") + "?as=password"
        )
        let uri = pending.redirectURI.registered
        return speaking(pending).page(
            page,
            status: status,
            formTarget: isAddressFirst && connectors != nil ? .providers(uri) : .client(uri),
            challenge: challenge,
            for: request
        )
    }

    func over(_ end: InteractionEnd, _ request: Request) -> Response {
        let (reason, status): (InteractionOverPage.Reason, Status) =
            switch end {
            case .finished: (.finished, .gone)
            case .gone: (.unknown, .notFound)
            case .otherBrowser: (.otherBrowser, .forbidden)
            case .withdrawn: (.expired, .gone)
            }
        return answers.over(reason, status: status, for: request)
    }

    // MARK: What guards them

    private func token(_ id: String, _ visitor: Visitor) -> String {
        environment.formTokens.token(for: formPurpose(id, visitor), browser: visitor.browser.secret ?? "")
    }

    private func consentToken(_ id: String, _ visitor: Visitor, _ session: Session) -> String {
        let purpose = consentPurpose(id, session.id)
        return environment.formTokens.token(for: purpose, browser: visitor.browser.secret ?? "")
    }

    private func accountToken(_ id: String, _ visitor: Visitor) -> String {
        environment.formTokens.token(for: accountPurpose(id, visitor), browser: visitor.browser.secret ?? "")
    }

    /// The account that was shown is the one that goes on, also when another has signed in meanwhile.
    private func accountPurpose(_ id: String, _ visitor: Visitor) -> String {
        "account \(id) \(visitor.browser.session?.id.rawValue ?? "")"
    }

    private func formPurpose(_ id: String, _ visitor: Visitor) -> String { "interaction " + id }

    private func consentPurpose(_ id: String, _ visitor: Visitor) -> String {
        consentPurpose(id, visitor.browser.session?.id)
    }

    /// What one person was asked is not answered by the next who signs in to the same browser.
    private func consentPurpose(_ id: String, _ session: SessionID?) -> String {
        "consent \(id) \(session?.rawValue ?? "")"
    }

    private func guarded(
        _ request: Request, _ body: (Visitor, String) async throws -> Response
    ) async -> Response {
        do {
            let visitor = try await Visitor(request, cookies, sessions)
            return try await body(visitor, request.parameter("id") ?? "")
        } catch {
            return answers.failure(error, for: request)
        }
    }

    private func guardedForm(
        _ request: Request, purpose: ((String, Visitor) -> String)? = nil,
        _ body: (Visitor, String, FormParameters) async throws -> Response
    ) async -> Response {
        await guarded(request) { visitor, id in
            let purpose = (purpose ?? formPurpose)(id, visitor)
            guard let form = OwnForm(request, purpose: purpose, browser: visitor.browser.secret, environment) else {
                return answers.forbidden(for: request)
            }
            return try await body(visitor, id, form.fields)
        }
    }
}

extension ConsentPage.Scope {
    /// What is asked for in rows: a scope each, and what is asked for by name together with what is like it.
    static func rows(for asked: ScopeSet, resources: [Resource] = []) -> [ConsentPage.Scope] {
        var rows: [ConsentPage.Scope] = []
        for scope in asked {
            let claim = StandardClaim.allCases.first { Scope(claim: $0) == scope }
            let resource = scope.resource.flatMap { id in resources.first { $0.id == id } }
            let row =
                claim.map { ConsentPage.Scope(claim: $0) }
                ?? ConsentPage.Scope(name: scope.rawValue, title: resource?.name, explanation: resource?.id.rawValue)
            if !rows.contains(row) { rows.append(row) }
        }
        return rows
    }

    private init(claim: StandardClaim) {
        switch claim {
        case .email, .isEmailVerified, .address, .phoneNumber, .isPhoneNumberVerified:
            self.init(name: claim.scope.rawValue)
        case .name, .givenName, .familyName, .middleName, .nickname, .preferredUsername: self.init(name: "claim:name")
        case .profile, .picture, .website: self.init(name: "claim:picture")
        case .zoneinfo, .locale: self.init(name: "claim:locale")
        case .gender, .birthdate, .updatedAt: self.init(name: "claim:" + claim.rawValue)
        }
    }
}
