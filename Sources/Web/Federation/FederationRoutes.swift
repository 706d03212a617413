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
    /// Whether who makes an account must accept terms, which an answer of a provider does not.
    private let hasTerms: Bool

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
        hasTerms = site.mail?.termsURL != nil
    }

    /// What follows the path of a sign-in page, before the connector.
    static let step = "/with/"

    var routes: [Route] {
        [
            Route(.get, "/interaction/:id" + FederationRoutes.step + ":connector") { request in
                await guarded(request) { visitor, upstream in try await leaveInteraction(request, visitor, upstream) }
            },
            Route(.get, AccountPlace.signIn + FederationRoutes.step + ":connector") { request in
                await guarded(request) { visitor, upstream in
                    try await leave(
                        for: .account(AccountPlace(of: request)), freshly: true, request, visitor, upstream)
                }
            },
            Route(.get, "/federation/:connector/callback") { request in
                await guarded(request) { visitor, upstream in try await comeBack(request, visitor, upstream) }
            },
            Route(.get, "/federation/:connector/signed-out") { request in
                await guarded(request) { visitor, _ in signedOut(request, visitor) }
            },
            // Posted by the provider's page, and so without our cookies: the same as an address has them.
            Route(.post, "/federation/:connector/callback", bodyLimit: OwnForm.contentLimit) { request in
                await guarded(request) { _, upstream in
                    guard let path = request.moved(to: Upstream.callbackPath(upstream.connector.id)) else {
                        return answers.forbidden(for: request)
                    }
                    return answers.redirect(to: path)
                }
            },
        ]
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
            for: .interaction(id), freshly: isFresh, hint: pending.request.loginHint, in: pending.request.uiLocales,
            request, visitor, upstream)
    }

    /// Sends somebody to the provider, or back to where they come from where it does not answer.
    func leave(
        for purpose: FederationPurpose, freshly isFresh: Bool, hint: String? = nil, in languages: String? = nil,
        _ request: Request, _ visitor: Visitor, _ upstream: Upstream
    ) async throws -> Response {
        // Who comes without a cookie gets one, for nothing that comes back counts without it.
        let secret = visitor.browser.secret ?? environment.newSecret()
        var wishes = Upstream.Wishes()
        wishes.isFresh = isFresh
        wishes.loginHint = hint
        wishes.languages = languages
        var response: Response
        do throws(UpstreamFault) {
            response = answers.leave(
                to: try await upstream.authorizationAddress(
                    for: purpose.text, in: TokenDigest(of: secret), wishes))
        } catch {
            response = trouble(ConnectorTrouble(error), purpose, upstream, error, request)
        }
        if visitor.browser.secret == nil { response.setCookie(cookies.browser(secret)) }
        return response
    }

    // MARK: Back from the provider

    private func comeBack(_ request: Request, _ visitor: Visitor, _ upstream: Upstream) async throws -> Response {
        guard let form = try? request.queryParameters() else { return answers.forbidden(for: request) }
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
            return answers.page(InteractionOverPage(reason: reason), status: .forbidden, for: request)
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
            return trouble(ConnectorTrouble(fault), purpose, upstream, fault, request)
        }
        let proven = ProvenIdentity(identity, at: upstream, hasTerms ? .closed : parts.signUpMode)
        switch purpose {
        case .interaction(let id): return try await signIn(proven, identity, to: id, request, visitor, upstream)
        case .account(let goal): return try await signIn(proven, identity, to: goal, request, visitor, upstream)
        case .link(let session):
            return try await account.link(proven, in: session, request, visitor) { trouble in
                answers.redirect(
                    to: AccountPlace.security.path + "?" + ConnectorButtons.query(trouble, upstream.connector.id))
            }
        }
    }

    /// Goes on with a client's request.
    private func signIn(
        _ proven: ProvenIdentity, _ identity: UpstreamIdentity, to id: String, _ request: Request, _ visitor: Visitor,
        _ upstream: Upstream
    ) async throws -> Response {
        let pending: PendingRequest
        switch try await interactions.interactions.pending(id, from: visitor.browser) {
        case .over(let end): return interactions.over(end, request)
        case .open(let open): pending = open
        }
        guard upstream.settings.policy.serves(client: pending.client.id.rawValue) else {
            return answers.miss(.notFound, of: request)
        }
        let place = visitor.place(
            SignInPurpose(id, visitor).digest, trusting: pending.wantsSecondFactor ? .nobody : .remembered,
            in: interactions.language(pending, request), for: pending.client.id)
        switch try await forms.takeIdentity(identity, proven, visitor, at: place) {
        case .step(.signedIn(let start)):
            return remembering(upstream, try await interactions.goOn(start, pending, request, visitor))
        case .step(.secondFactorIsDue):
            let path = InteractionRoutes.path(id, InteractionRoutes.secondFactorStep)
            return remembering(upstream, try await goOn(identity, at: path, visitor))
        case .step: return trouble(.failed, .interaction(id), upstream, nil, request)
        case .proofNeeded(let user):
            return askForProof(
                PendingLink(identity, to: user.id), at: InteractionRoutes.path(id, "/sign-in"), visitor)
        case .refused(let refusal):
            return trouble(self.trouble(of: refusal, upstream), .interaction(id), upstream, nil, request)
        }
    }

    /// Goes on to a page of the person's own account.
    private func signIn(
        _ proven: ProvenIdentity, _ identity: UpstreamIdentity, to goal: AccountPlace, _ request: Request,
        _ visitor: Visitor, _ upstream: Upstream
    ) async throws -> Response {
        let place = visitor.place(
            SignInPurpose("", visitor).digest, trusting: .nobody, in: answers.language(for: request).tag)
        switch try await forms.takeIdentity(identity, proven, visitor, at: place) {
        case .step(.signedIn(let start)):
            return remembering(upstream, accountSignIn.enter(start, goal, request, visitor))
        case .step(.secondFactorIsDue):
            let path = AccountSignInRoutes.secondFactorPath + goal.query
            return remembering(upstream, try await goOn(identity, at: path, visitor))
        case .step: return trouble(.failed, .account(goal), upstream, nil, request)
        case .proofNeeded(let user):
            return askForProof(PendingLink(identity, to: user.id), at: AccountPlace.signIn + goal.query, visitor)
        case .refused(let refusal):
            return trouble(self.trouble(of: refusal, upstream), .account(goal), upstream, nil, request)
        }
    }

    private func trouble(of refusal: LinkedAccounts.Refusal, _ upstream: Upstream) -> ConnectorTrouble {
        let isByTerms = hasTerms && parts.signUpMode == .open && upstream.settings.policy.mayCreate ?? true
        return refusal == .noAccount && isByTerms ? .terms : ConnectorTrouble(refusal)
    }

    /// Back from signing out there: RP-Initiated Logout §3.
    private func signedOut(_ request: Request, _ visitor: Visitor) -> Response {
        let state = (try? request.queryParameters())?[Parameter("state")]
        let target = state.flatMap { parts.federation.target(afterFarewell: $0, in: visitor.browserDigest) }
        return target.map { answers.leave(to: $0) }
            ?? answers.page(SignedOutPage(returnURL: nil, clientName: nil), for: request)
    }

    /// Goes on to the second factor; by which connector the session begins waits in this browser.
    private func goOn(_ identity: UpstreamIdentity, at path: String, _ visitor: Visitor) async throws -> Response {
        let link = try await environment.storage.links.find(identity.connector, subject: identity.subject)
        guard let link else { return answers.redirect(to: path) }
        return askForProof(PendingLink(identity, to: link.userID, isLinked: true), at: path, visitor)
    }

    /// The way of this time comes first the next time.
    private func remembering(_ upstream: Upstream, _ response: Response) -> Response {
        var response = response
        response.setCookie(cookies.lastConnector(upstream.connector.id.rawValue))
        return response
    }

    /// Has the owner of the account sign in to it; who they are at the connector waits in this browser.
    private func askForProof(_ pending: PendingLink, at path: String, _ visitor: Visitor) -> Response {
        var response = answers.redirect(to: path)
        if let sealed = parts.federation.sealed(pending, in: visitor.browserDigest) {
            response.setCookie(cookies.link(sealed))
        }
        return response
    }

    /// Back to where they come from, which says what went wrong and what to do.
    private func trouble(
        _ trouble: ConnectorTrouble, _ purpose: FederationPurpose, _ upstream: Upstream, _ fault: UpstreamFault?,
        _ request: Request
    ) -> Response {
        if let fault, fault != .declined { answers.report(request.id, fault) }
        let query = ConnectorButtons.query(trouble, upstream.connector.id)
        let path =
            switch purpose {
            case .interaction(let id): InteractionRoutes.path(id, "/sign-in") + "?" + query
            case .account(let goal): AccountPlace.signIn + goal.query + "&" + query
            case .link: AccountPlace.security.path + "?" + query
            }
        return answers.redirect(to: path)
    }

    private func guarded(
        _ request: Request, _ body: (Visitor, Upstream) async throws -> Response
    ) async -> Response {
        do {
            let id = ConnectorID(rawValue: request.parameter("connector") ?? "")
            // One that is disabled is as good as none, in every flow.
            guard let upstream = try await parts.federation.find(id) else {
                return answers.miss(.notFound, of: request)
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

    var text: String {
        switch self {
        case .interaction(let id): "interaction " + id
        case .account(let place): "account " + place.rawValue
        case .link(let session): "link " + session.rawValue
        }
    }

    init?(_ text: String) {
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
