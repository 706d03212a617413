import AuthorizationServer
import Federation
import HTTP
import Identity
import OAuthTypes
import Pages
import Stores

/// Signing in by connectors: to the provider, and back at an address of each connector's own.
///
/// Which account a person opens, and what else is asked of them, is decided by the one course of signing in.
struct FederationRoutes: Sendable {
    let parts: Site.FederationParts
    let answers: PageAnswers
    let cookies: BrowserCookies
    let sessions: Sessions
    let environment: ServerEnvironment
    let forms: SignInForms
    let interactions: InteractionRoutes
    let accountSignIn: AccountSignInRoutes
    let account: AccountRoutes
    /// What who makes an account must accept, which an answer of a provider does not; nil for nothing.
    let termsURL: String?
    private let audit: AuditTrail

    init(_ parts: Site.FederationParts, _ site: Site.Parts, _ answers: PageAnswers) {
        self.parts = parts
        self.answers = answers
        cookies = BrowserCookies(site.environment.issuer)
        sessions = site.sessions
        environment = site.environment
        forms = SignInForms(site)
        interactions = InteractionRoutes(site, answers)
        accountSignIn = AccountSignInRoutes(site, answers)
        account = AccountRoutes(site, answers)
        termsURL = site.mail?.termsURL
        audit = site.audit
    }

    /// What follows the path of a sign-in page, before the connector.
    static let step = "/with/"

    var routes: [Route] {
        [
            Route(.get, "/interaction/:id" + FederationRoutes.step + ":connector") { request in
                await guarded(request) { visitor, upstream in
                    try await leaveInteraction(request, visitor, upstream)
                } orGone: { visitor, connector in
                    try await leaveInteractionInVain(request, visitor, connector)
                }
            },
            Route(.get, AccountPlace.signIn + FederationRoutes.step + ":connector") { request in
                await guarded(request) { visitor, upstream in
                    // By a page of somebody else's people get the page with the button, and no account.
                    if request.headers["Sec-Fetch-Site"] == "cross-site" {
                        return answers.redirect(to: AccountPlace.signIn + AccountPlace(of: request).query)
                    }
                    return try await leave(
                        for: .account(AccountPlace(of: request)), freshly: true, request, visitor, upstream)
                } orGone: { _, connector in
                    gone(connector, .account(AccountPlace(of: request)), request)
                }
            },
            Route(.get, "/federation/:connector/callback") { request in
                await guarded(request) { visitor, upstream in
                    try await comeBack(request, visitor, upstream)
                } orGone: { visitor, connector in
                    comeBackTooLate(request, visitor, connector)
                }
            },
            // Asks nothing of the connector, and leads on whatever has become of it.
            Route(.get, "/federation/:connector/signed-out") { request in
                do {
                    return signedOut(request, try await Visitor(request, cookies, sessions))
                } catch {
                    return answers.failure(error, for: request)
                }
            },
            // Posted by the provider's page, and so without our cookies: an address of ours has them.
            Route(.post, "/federation/:connector/callback", bodyLimit: OwnForm.contentLimit) { request in
                await guarded(request) { _, upstream in
                    guard request.hasForm, let answer = PostedAnswer(request.body, to: upstream) else {
                        return answers.forbidden(for: request)
                    }
                    let path = Upstream.callbackPath(upstream.connector.id)
                    var response = answers.redirect(to: path + "?state=" + FormParameters.encode(answer.state))
                    response.setCookie(cookies.answer(answer.sealed))
                    return response
                } orGone: { _, connector in
                    moveTooLate(request, connector)
                }
            },
        ] + newAccountRoutes
    }

    // MARK: To the provider

    private func leaveInteraction(
        _ request: Request, _ visitor: Visitor, _ upstream: Upstream
    ) async throws -> Response {
        let id = request.parameter("id") ?? ""
        let pending: PendingRequest
        switch try await interactions.interactions.pending(id, from: visitor.browser) {
        case .over(let end): return interactions.over(end, request)
        case .open(let open): pending = open
        }
        guard upstream.settings.policy.serves(client: pending.client.id.rawValue) else {
            return answers.miss(.notFound, of: request)
        }
        // Whoever is signed in and still asked for more shall prove it anew, or be somebody else.
        let isFresh =
            visitor.browser.session != nil || pending.request.prompts.contains(.login) || pending.request.maxAge != nil
        return try await leave(
            for: .interaction(id), freshly: isFresh, strongly: pending.wantsSecondFactor,
            hint: pending.request.loginHint, in: pending.request.uiLocales, request, visitor, upstream)
    }

    /// Sends somebody to the provider, or back to where they come from where it does not answer.
    func leave(
        for purpose: FederationPurpose, freshly isFresh: Bool, strongly isStrong: Bool = false, hint: String? = nil,
        in languages: String? = nil,
        _ request: Request, _ visitor: Visitor, _ upstream: Upstream
    ) async throws -> Response {
        // Who comes without a cookie gets one, for nothing that comes back counts without it.
        let secret = visitor.browser.secret ?? environment.newSecret()
        var wishes = Upstream.Wishes()
        wishes.isFresh = isFresh
        wishes.wantsSecondFactor = isStrong
        wishes.loginHint = typed(request, visitor) ?? hint
        wishes.languages = languages
        var response: Response
        do throws(UpstreamFault) {
            response = answers.leave(
                to: try await upstream.authorizationAddress(
                    for: purpose.text(isStaying: isStaying(request)), in: TokenDigest(of: secret), wishes))
        } catch {
            response = trouble(ConnectorTrouble(error), purpose, upstream, error, request)
        }
        if visitor.browser.secret == nil { response.setCookie(cookies.browser(secret)) }
        return response
    }

    /// Whether they wish to stay signed in, as they said on our page.
    private func isStaying(_ request: Request) -> Bool {
        (try? request.queryParameters()).map(SignInForms.isStaying) ?? false
    }

    /// The address that they typed on our page.
    private func typed(_ request: Request, _ visitor: Visitor) -> String? {
        let hint = (try? request.queryParameters())?[Parameter("hint")]
        return hint.flatMap { parts.federation.hint($0, in: visitor.browserDigest) }?.rawValue
    }

    // MARK: Back from the provider

    private func comeBack(_ request: Request, _ visitor: Visitor, _ upstream: Upstream) async throws -> Response {
        guard let form = try? request.queryParameters() else { return answers.forbidden(for: request) }
        guard let posted = cookies.answer(of: request) else {
            return try await comeBack(with: form, request, visitor, upstream)
        }
        let state = form[Parameter("state")] ?? ""
        var response = try await comeBack(
            with: PostedAnswer.parameters(posted, for: state, at: upstream) ?? form, request, visitor, upstream)
        response.setCookie(cookies.answer("").removal())
        return response
    }

    private func comeBack(
        with form: FormParameters, _ request: Request, _ visitor: Visitor, _ upstream: Upstream
    ) async throws -> Response {
        let answer = Upstream.Answer(form)
        let state: SignInState
        do throws(UpstreamFault) {
            state = try upstream.state(of: answer, in: visitor.browserDigest)
        } catch {
            // Nothing of it is known to be this browser's, so nothing of it is followed; nor does it fill the log, which
            // anybody could do by it.
            let reason: InteractionOverPage.Reason =
                switch error.reason {
                case .otherBrowser: .otherBrowser
                case .expiredState: .expired
                default: .unknown
                }
            return answers.over(reason, status: .forbidden, for: request)
        }
        guard let purpose = FederationPurpose(state.purpose) else { return answers.forbidden(for: request) }
        // Before anything is asked of the provider, in whose eyes all of these are ours.
        if let wait = parts.rates.takeAnswer(from: visitor.origin, at: environment.clock.now) {
            return answers.tooMany(wait, for: request)
        }
        let identity: UpstreamIdentity
        do {
            identity = try await upstream.identity(answer, state)
        } catch let fault as UpstreamFault {
            note(fault, purpose, upstream, request)
            return trouble(ConnectorTrouble(fault), purpose, upstream, fault, request)
        }
        // A session that somebody has left open there must not become a way into this account.
        if case .link = purpose, identity.isStale { return trouble(.unasked, purpose, upstream, nil, request) }
        let proven = ProvenIdentity(identity, at: upstream, parts.signUpMode)
        if case .link(let session) = purpose {
            return try await account.link(proven, in: session, request, visitor) { trouble in
                answers.trouble(trouble, at: upstream.connector.id, shownOn: AccountPlace.security.path, request)
            }
        }
        return try await signIn(
            proven, identity, for: purpose, isStaying: FederationPurpose.isStaying(state.purpose),
            newcomers: termsURL == nil ? .made : .asked, request, visitor, upstream)
    }

    /// Nobody got in by what came back, whoever is to blame.
    private func note(
        _ fault: UpstreamFault, _ purpose: FederationPurpose, _ upstream: Upstream, _ request: Request
    ) {
        let action: AuditAction = if case .link = purpose { .identityLinked } else { .signIn }
        audit.noteLater(
            action, .refused, from: request.auditOrigin,
            details: [
                "connector": upstream.connector.id.rawValue, "reason": fault.reason?.rawValue ?? "declined",
            ])
    }

    /// Goes on with a client's request, or to a page of the person's own account.
    func signIn(
        _ proven: ProvenIdentity, _ identity: UpstreamIdentity, for purpose: FederationPurpose, isStaying: Bool,
        newcomers: LinkedAccounts.Newcomers, _ request: Request, _ visitor: Visitor, _ upstream: Upstream
    ) async throws -> Response {
        switch purpose {
        case .interaction(let id):
            let pending: PendingRequest
            switch try await interactions.interactions.pending(id, from: visitor.browser) {
            case .over(let end): return interactions.over(end, request)
            case .open(let open): pending = open
            }
            guard upstream.settings.policy.serves(client: pending.client.id.rawValue) else {
                return answers.miss(.notFound, of: request)
            }
            var place = visitor.place(
                SignInPurpose(id, visitor).digest, trusting: visitor.trust(for: pending),
                in: interactions.language(pending, request), for: pending.client.id, isStaying: isStaying)
            place.freshSince = try await freshSince(pending.freshSince, visitor)
            let outcome = try await forms.takeIdentity(
                identity, proven, for: purpose, newcomers: newcomers, visitor, at: place)
            return try await answer(
                outcome, purpose, isStaying, request, visitor, upstream, signIn: InteractionRoutes.path(id, "/sign-in"),
                secondFactor: InteractionRoutes.path(id, InteractionRoutes.secondFactorStep)
            ) { start in
                if let trouble = try await shortfall(of: start, for: pending) {
                    return forms.mark(self.trouble(trouble, purpose, upstream, nil, request), with: start)
                }
                return try await interactions.goOn(start, pending, request, visitor)
            }
        case .account(let goal):
            var place = visitor.place(
                SignInPurpose("", visitor).digest, trusting: .nobody, in: answers.language(for: request).tag,
                isStaying: isStaying)
            let since = goal.needsFreshProof ? environment.clock.now - SecondFactor.freshness : nil
            place.freshSince = try await freshSince(since, visitor)
            let outcome = try await forms.takeIdentity(
                identity, proven, for: purpose, newcomers: newcomers, visitor, at: place)
            return try await answer(
                outcome, purpose, isStaying, request, visitor, upstream, signIn: AccountPlace.signIn + goal.query,
                secondFactor: AccountSignInRoutes.secondFactorPath + goal.query
            ) { start in
                let isFresh = try await forms.secondFactor.isFresh(
                    start.user.id, provenAt: start.session.authenticatedAt, by: start.session.methods)
                guard goal.needsFreshProof, !isFresh, start.leavesAt == nil else {
                    return accountSignIn.enter(start, goal, request, visitor)
                }
                return forms.mark(trouble(.stale, purpose, upstream, nil, request), with: start)
            }
        case .link: return answers.forbidden(for: request)
        }
    }

    /// Since when a proof is fresh enough where another provider waits to be linked besides: that wants a fresh one.
    private func freshSince(_ moment: Timestamp?, _ visitor: Visitor) async throws -> Timestamp? {
        guard try await forms.linking(visitor) != nil else { return moment }
        let since = environment.clock.now - SecondFactor.freshness
        return moment.map { max($0, since) } ?? since
    }

    /// What a client's request lacks after the provider has said all that it says: the page says so, and has the other ways.
    private func shortfall(of start: SignInForms.Start, for pending: PendingRequest) async throws -> ConnectorTrouble? {
        guard start.leavesAt == nil else { return nil }
        if let since = pending.freshSince, start.session.authenticatedAt < since { return .stale }
        return try await interactions.interactions.isReachedElsewhereOnly(start.session, for: pending) ? .weak : nil
    }

    /// The answer to who came back; what waits does so under the secret of a cookie.
    private func answer(
        _ outcome: SignInForms.IdentityOutcome, _ purpose: FederationPurpose, _ isStaying: Bool, _ request: Request,
        _ visitor: Visitor, _ upstream: Upstream, signIn: String, secondFactor: String,
        enter: (SignInForms.Start) async throws -> Response
    ) async throws -> Response {
        func goOn(to path: String, _ secret: String) -> Response {
            var response = answers.redirect(to: path)
            response.setCookie(cookies.link(secret))
            return response
        }
        switch outcome {
        case .signedIn(let start): return remembering(upstream, try await enter(start))
        case .secondFactorIsDue:
            // Whoever has wished to stay here before may be somebody else.
            let response = forms.keepWish(isStaying: isStaying, visitor, answers.redirect(to: secondFactor))
            return remembering(upstream, response)
        case .proofNeeded(let secret): return goOn(to: signIn, secret)
        case .acceptanceNeeded(let secret):
            return forms.keepWish(
                isStaying: isStaying, visitor, goOn(to: FederationRoutes.newAccountPath(upstream.connector.id), secret))
        case .unasked: return trouble(.unasked, purpose, upstream, nil, request)
        case .refused(let refusal): return trouble(ConnectorTrouble(refusal), purpose, upstream, nil, request)
        }
    }

    /// Back from signing out there: RP-Initiated Logout §3.
    private func signedOut(_ request: Request, _ visitor: Visitor) -> Response {
        let state = (try? request.queryParameters())?[Parameter("state")]
        let target = state.flatMap { parts.federation.target(afterFarewell: $0, in: visitor.browserDigest) }
        return target.map { answers.leave(to: $0) }
            ?? answers.page(SignedOutPage(returnURL: nil, clientName: nil), for: request)
    }

    /// The way of this time comes first the next time.
    private func remembering(_ upstream: Upstream, _ response: Response) -> Response {
        var response = response
        response.setCookie(cookies.lastConnector(upstream.connector.id.rawValue))
        return response
    }

    /// Back to where they come from, which says what went wrong and what to do.
    private func trouble(
        _ trouble: ConnectorTrouble, _ purpose: FederationPurpose, _ upstream: Upstream, _ fault: UpstreamFault?,
        _ request: Request
    ) -> Response {
        if let fault, fault != .declined { answers.report(request.id, fault) }
        return answers.trouble(trouble, at: upstream.connector.id, fault, shownOn: purpose.page, request)
    }

    func guarded(
        _ request: Request, _ body: (Visitor, Upstream) async throws -> Response,
        orGone: ((Visitor, ConnectorID) async throws -> Response)? = nil
    ) async -> Response {
        do {
            let id = ConnectorID(rawValue: request.parameter("connector") ?? "")
            // One that is disabled is as good as none, in every flow.
            guard let upstream = try await parts.federation.find(id) else {
                guard let orGone else { return answers.miss(.notFound, of: request) }
                return try await orGone(try await Visitor(request, cookies, sessions), id)
            }
            return try await body(try await Visitor(request, cookies, sessions), upstream)
        } catch {
            return answers.failure(error, for: request)
        }
    }
}

/// What somebody is sent to a provider for: what the sealed state says in words.
enum FederationPurpose: Sendable, Equatable {
    /// A client's request.
    case interaction(String)
    /// A page of their own account.
    case account(AccountPlace)
    /// To link who they are there to the account of a session.
    case link(SessionID)

    /// The page that they come from.
    var page: String {
        switch self {
        case .interaction(let id): InteractionRoutes.path(id, "/sign-in")
        case .account(let goal): AccountPlace.signIn + goal.query
        case .link: AccountPlace.security.path
        }
    }

    var text: String {
        switch self {
        case .interaction(let id): "interaction " + id
        case .account(let place): "account " + place.rawValue
        case .link(let session): "link " + session.rawValue
        }
    }

    /// What the state says of it, with the wish to stay signed in.
    func text(isStaying: Bool) -> String { (isStaying ? FederationPurpose.staying : "") + text }

    /// Whether a state says that.
    static func isStaying(_ text: String) -> Bool { text.hasPrefix(staying) }

    private static let staying = "stay "

    init?(_ state: String) {
        let text = FederationPurpose.isStaying(state) ? String(state.dropFirst(FederationPurpose.staying.count)) : state
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2 else { return nil }
        switch words[0] {
        case "interaction": self = .interaction(words[1])
        case "account":
            guard let place = AccountPlace(rawValue: words[1]) else { return nil }
            self = .account(place)
        case "link": self = .link(SessionID(rawValue: words[1]))
        default: return nil
        }
    }
}
