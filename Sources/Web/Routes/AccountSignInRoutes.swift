import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Stores

/// Signing in to one's own account pages: no client asks, so there is no interaction, and the two factors are bound to
/// the browser alone.
///
/// The same pages ask a person who is signed in for fresh proof. A remembered browser counts for nothing here.
struct AccountSignInRoutes: Sendable {
    static let secondFactorPath = AccountPlace.signIn + "/second-factor"
    private static let purpose = "account sign-in"
    private static let secondFactorPurpose = "account second factor"

    let answers: PageAnswers
    let cookies: BrowserCookies
    let sessions: Sessions
    let forms: SignInForms
    let challenges: ChallengeGate?
    let hasMail: Bool
    let environment: ServerEnvironment
    private let connectors: ConnectorButtons?

    init(_ parts: Site.Parts, _ answers: PageAnswers) {
        self.answers = answers
        cookies = BrowserCookies(parts.environment.issuer)
        sessions = parts.sessions
        forms = SignInForms(parts)
        challenges = parts.challenges
        hasMail = parts.mail != nil
        environment = parts.environment
        connectors = parts.federation.map { ConnectorButtons(parts: $0, root: parts.environment.issuer.path) }
    }

    var routes: [Route] {
        [
            Route(.get, AccountPlace.signIn) { request in
                await guarded(request) { visitor in try await showSignIn(request, visitor) }
            },
            Route(.post, AccountPlace.signIn, bodyLimit: OwnForm.contentLimit) { request in
                await guardedForm(request, AccountSignInRoutes.purpose) { visitor, form in
                    try await takeSignIn(form, request, visitor)
                }
            },
            Route(.get, AccountSignInRoutes.secondFactorPath) { request in
                await guarded(request) { visitor in
                    try await secondFactorPage(request, visitor, request.asksForRecoveryCode, nil, status: .ok)
                }
            },
            Route(.post, AccountSignInRoutes.secondFactorPath, bodyLimit: OwnForm.contentLimit) { request in
                await guardedForm(request, AccountSignInRoutes.secondFactorPurpose) { visitor, form in
                    try await takeSecondFactor(form, request, visitor)
                }
            },
        ]
    }

    // MARK: What is posted

    private func takeSignIn(
        _ form: FormParameters, _ request: Request, _ visitor: Visitor
    ) async throws -> Response {
        let goal = AccountPlace(of: request)
        if form[Parameter("choice")] == "other" {
            var response = answers.redirect(to: AccountPlace.signIn + goal.query + "&as=other")
            if visitor.linkSecret != nil { response.setCookie(cookies.noLink) }
            return response
        }
        let isStaying = SignInForms.isStaying(form)
        switch try await forms.takePasskey(form, visitor, in: answers.language(for: request).tag) {
        case .signedIn(let start)?: return enter(start, goal, request, visitor)
        case .refused(let refusal)?:
            let account = try await account(visitor)
            return refusal.mark(
                try await signInPage(
                    request, visitor, account, refusal.problem, isStaying: isStaying, status: refusal.status))
        case nil: break
        }
        let email = form[Parameter("email")] ?? ""
        let typed = SignInPage.Account.anyone(email: email)
        if form[Parameter("password")] == nil, try await asksAddressFirst() {
            // The address came first: it may say where its owner is at home.
            let path = AccountPlace.signIn + FederationRoutes.step
            let query = goal.query + (isStaying ? "&" + ConnectorButton.staying : "")
            if let home = try await connectors?.home(of: email, path, query, in: visitor.browserDigest) {
                return answers.redirect(to: home)
            }
            return try await signInPage(request, visitor, typed, nil, isStaying: isStaying, status: .ok)
        }
        let occasion = occasion(of: request, visitor)
        if let challenge = await challenges?.obstacle(form, for: occasion, account: email) {
            let problem = challenge.problem.map(SignInPage.Problem.challenge)
            return try await signInPage(
                request, visitor, typed, problem, challenge, isStaying: isStaying, status: .forbidden)
        }
        switch try await forms.takePassword(
            form, visitor, at: place(visitor).digest, trusting: .nobody, in: answers.language(for: request).tag)
        {
        case .refused(let refusal):
            if refusal.isGuess { challenges?.note(occasion, account: email) }
            return refusal.mark(
                try await signInPage(
                    request, visitor, typed, refusal.problem, isStaying: isStaying, status: refusal.status))
        case .detour(let detour):
            return detour.answer(answers, AccountPlace.signIn + goal.query, request)
        case .secondFactorIsDue:
            return forms.keepWish(
                form, visitor, answers.redirect(to: AccountSignInRoutes.secondFactorPath + goal.query))
        case .signedIn(let start):
            return enter(start, goal, request, visitor)
        }
    }

    private func takeSecondFactor(
        _ form: FormParameters, _ request: Request, _ visitor: Visitor
    ) async throws -> Response {
        let goal = AccountPlace(of: request)
        switch try await forms.takeSecondFactor(
            form, visitor, at: place(visitor).digest, in: answers.language(for: request).tag)
        {
        case .gone:
            return answers.redirect(to: AccountPlace.signIn + goal.query)
        case .sentAgain:
            return try await secondFactorPage(request, visitor, false, nil, isSentAgain: true, status: .ok)
        case .refused(let refusal):
            let isRecovery = form[Parameter("way")] == SecondFactor.Way.recoveryCode.rawValue
            let page = try await secondFactorPage(
                request, visitor, isRecovery, refusal.problem, status: refusal.status)
            return refusal.mark(page)
        case .signedIn(let start):
            guard start.leavesAt == nil, let left = start.recoveryCodesLeft else {
                return enter(start, goal, request, visitor)
            }
            let root = environment.issuer.path
            let page = RecoveryCodeUsedPage(
                left: left, continueURL: root + goal.path, securityURL: root + AccountPlace.security.path)
            return forms.mark(answers.page(page, for: request), with: start)
        }
    }

    /// Where the sign-in leads: to its goal; or first to whether an account that is to be deleted is kept.
    func enter(
        _ start: SignInForms.Start, _ goal: AccountPlace, _ request: Request, _ visitor: Visitor
    ) -> Response {
        guard let moment = start.leavesAt else { return forms.mark(answers.redirect(to: goal.path), with: start) }
        let page = forms.leavingPage(start, at: moment, "", continuing: goal.path, visitor, environment)
        return forms.mark(answers.page(page, for: request), with: start)
    }

    private func asksAddressFirst() async throws -> Bool {
        if forms.order == .addressFirst { return true }
        return try await connectors?.asksAddressFirst() ?? false
    }

    // MARK: What is shown

    private func showSignIn(_ request: Request, _ visitor: Visitor) async throws -> Response {
        let isOther = (try? request.queryParameters())?[Parameter("as")] == "other"
        let account: SignInPage.Account = isOther ? .anyone(email: "") : try await account(visitor)
        return try await signInPage(request, visitor, account, nil, status: .ok)
    }

    /// Whom the page expects: who is signed in and has only to prove it again, or whoever comes.
    private func account(_ visitor: Visitor) async throws -> SignInPage.Account {
        guard let session = visitor.browser.session,
            let user = try await environment.storage.users.find(session.userID)
        else { return .anyone(email: "") }
        return .known(email: user.email.rawValue)
    }

    private func signInPage(
        _ request: Request, _ visitor: Visitor, _ account: SignInPage.Account, _ problem: SignInPage.Problem?,
        _ challenge: ShownChallenge? = nil, isStaying: Bool = false, status: Status
    ) async throws -> Response {
        let linking = try await forms.linking(visitor)
        let account = linking.map { SignInPage.Account.known(email: $0.email) } ?? account
        var isAddressFirst = account == .anyone(email: "") && problem == nil && !request.asksForPassword
        if isAddressFirst { isAddressFirst = try await asksAddressFirst() }
        let secret = visitor.browser.secret ?? environment.newSecret()
        let challenge =
            challenge ?? challenges?.shown(for: occasion(of: request, secret), account: account.email)
        let page = SignInPage(
            clientName: nil,
            account: account,
            problem: problem,
            csrf: environment.formTokens.token(for: AccountSignInRoutes.purpose, browser: secret),
            action: environment.issuer.path + AccountPlace.signIn + AccountPlace(of: request).query,
            challenge: challenge?.box,
            forgotURL: hasMail ? environment.issuer.path + ResetRoutes.forgotPath : nil,
            passkey: forms.course.passkeys.map { _ in PasskeyRoutes.signInForm(environment, browser: secret) },
            connectors: (try await connectors?.buttons(
                AccountPlace.signIn + FederationRoutes.step, AccountPlace(of: request).query,
                last: cookies.lastConnector(of: request)) ?? [])
                .filter { button in linking.map { $0.connectors.contains(button.id) } ?? true },
            connectorProblem: problem == nil ? try await connectors?.problem(of: request) : nil,
            linking: linking?.name,
            asksAddressFirst: isAddressFirst,
            offersStaying: sessions.offersStaying,
            isStaying: isStaying,
            passwordURL: environment.issuer.path + AccountPlace.signIn + AccountPlace(of: request).query
                + "&as=password"
        )
        var response = answers.page(
            page, status: status, formTarget: isAddressFirst && connectors != nil ? .providers(nil) : .ourselves,
            challenge: challenge,
            for: request)
        response.setCookie(cookies.browser(secret))
        return response
    }

    private func secondFactorPage(
        _ request: Request, _ visitor: Visitor, _ isRecovery: Bool, _ problem: SecondFactorPage.Problem?,
        isSentAgain: Bool = false, status: Status
    ) async throws -> Response {
        let goal = AccountPlace(of: request)
        let place = place(visitor)
        guard let secret = visitor.browser.secret,
            let waiting = try await forms.secondFactor.waiting(at: place.digest, in: visitor.browserDigest)
        else { return answers.redirect(to: AccountPlace.signIn + goal.query) }
        let root = environment.issuer.path
        let path = root + AccountSignInRoutes.secondFactorPath + goal.query
        let ways = try await forms.ways(of: waiting, at: place, visitor, environment)
        let page = SecondFactorPage(
            clientName: nil,
            accountEmail: waiting.user.email.rawValue,
            way: ways.way(isRecovery: isRecovery && !ways.ways.isForFreshness),
            problem: problem,
            // Whoever comes to these pages is asked each time.
            mayRemember: false,
            otherWayURL: ways.ways.isForFreshness ? nil : isRecovery ? path : path + "&with=recovery",
            restartURL: root + AccountPlace.signIn + goal.query + "&as=other",
            alternative: ways.alternative,
            isSentAgain: isSentAgain,
            isForFreshness: ways.ways.isForFreshness,
            passkey: isRecovery ? nil : ways.passkey,
            csrf: environment.formTokens.token(for: AccountSignInRoutes.secondFactorPurpose, browser: secret),
            action: path
        )
        return answers.page(page, status: status, for: request)
    }

    // MARK: What guards them

    private func occasion(of request: Request, _ visitor: Visitor) -> ChallengeOccasion {
        occasion(of: request, visitor.browser.secret)
    }

    private func occasion(of request: Request, _ browser: String?) -> ChallengeOccasion {
        request.occasion(.signIn, subject: AccountSignInRoutes.purpose, browser: browser)
    }

    /// What a password that waits for its second factor is for.
    private func place(_ visitor: Visitor) -> SignInPurpose { SignInPurpose("", visitor) }

    private func guarded(_ request: Request, _ body: (Visitor) async throws -> Response) async -> Response {
        do {
            return try await body(try await Visitor(request, cookies, sessions))
        } catch {
            return answers.failure(error, for: request)
        }
    }

    private func guardedForm(
        _ request: Request, _ purpose: String, _ body: (Visitor, FormParameters) async throws -> Response
    ) async -> Response {
        await guarded(request) { visitor in
            guard let form = OwnForm(request, purpose: purpose, browser: visitor.browser.secret, environment) else {
                return answers.forbidden(for: request)
            }
            return try await body(visitor, form.fields)
        }
    }
}
