import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Stores

/// A new password for who forgot theirs: ASVS 6.4.3.
///
/// Who asks gets the same page in the same time, whether there is an account or not.
struct ResetRoutes: Sendable {
    static let forgotPath = MailTexts.Path.forgotPassword
    static let resetPath = MailTexts.Path.resetPassword

    /// What carries the languages that a client asks for from its own page to these.
    static func query(_ uiLocales: String?) -> String {
        uiLocales.map { "?" + Parameter.uiLocales.rawValue + "=" + FormParameters.encode($0) } ?? ""
    }

    let answers: PageAnswers
    let cookies: BrowserCookies
    let sessions: Sessions
    let environment: ServerEnvironment
    let mail: Site.MailParts
    let passwords: PasswordMeter?
    let audit: AuditTrail
    let challenges: ChallengeGate?
    private let signIn: LimitedSignIn

    init(_ parts: Site.Parts, _ mail: Site.MailParts, _ answers: PageAnswers) {
        self.answers = answers
        cookies = BrowserCookies(parts.environment.issuer)
        sessions = parts.sessions
        environment = parts.environment
        self.mail = mail
        passwords = parts.passwords
        audit = parts.audit
        challenges = parts.challenges
        signIn = parts.signIn
    }

    var routes: [Route] {
        [
            Route(.get, ResetRoutes.forgotPath) { request in
                await visit(request) { forgotPage($0, request) }
            },
            Route(.post, ResetRoutes.forgotPath, bodyLimit: OwnForm.contentLimit) { request in
                await visit(request) { try await ask($0, request) }
            },
            Route(.get, ResetRoutes.resetPath) { request in
                await visit(request) { try await open($0, request) }
            },
            Route(.post, ResetRoutes.resetPath, bodyLimit: OwnForm.contentLimit) { request in
                await visit(request) { try await finish($0, request) }
            },
        ]
    }

    private func ask(_ visit: OwnVisit, _ request: Request) async throws -> Response {
        guard let form = visit.form(request, "forgot password") else { return answers.forbidden(for: request) }
        let email = form[Parameter("email")] ?? ""
        let occasion = request.occasion(.mail, browser: visit.secret)
        if let challenge = await challenges?.obstacle(form, for: occasion, account: email) {
            return forgotPage(visit, request, email, .challenge, challenge, status: .forbidden)
        }
        switch try await mail.reset.request(
            email, from: cookies.origin(of: request), language: answers.language(for: request).tag)
        {
        // Whether or not anybody has the address: the next one may have to show that it comes from a person.
        case .taken: challenges?.note(occasion, account: email)
        case .invalidEmail:
            return forgotPage(visit, request, email, .invalidEmail, status: .unprocessableContent)
        case .limited(let wait):
            audit.noteLater(.resetAsked, .limited, email: email, from: request.auditOrigin)
            let seconds = Failure.seconds(wait)
            return forgotPage(visit, request, email, .tooMany(seconds: seconds), status: .tooManyRequests)
                .retrying(after: seconds)
        }
        audit.noteLater(.resetAsked, .succeeded, email: email, from: request.auditOrigin)
        let root = environment.issuer.path
        let page = MailSentPage(
            email: email, lifetime: ShownPeriod(mail.signUp.lifetimes.reset),
            againURL: root + ResetRoutes.forgotPath + query(of: request),
            inboxURL: mail.inbox.map { _ in root + InboxRoutes.path })
        return answers.page(page, for: request)
    }

    /// The page behind the link: to open it spends nothing.
    private func open(_ visit: OwnVisit, _ request: Request) async throws -> Response {
        let link = try request.queryParameters()[Parameter("link")] ?? ""
        guard let user = try await mail.reset.account(of: link) else { return over(request) }
        return try await resetPage(visit, request, user, link)
    }

    private func finish(_ visit: OwnVisit, _ request: Request) async throws -> Response {
        // The link is the proof: the token alone would be that of any other link in this browser.
        guard let posted = try? request.form()[Parameter("link")],
            let form = visit.form(request, purpose(posted))
        else { return answers.forbidden(for: request) }
        guard let user = try await mail.reset.account(of: posted) else { return over(request) }
        let links = try await environment.storage.links.list(of: user.id)
        switch try await mail.reset.finish(
            posted, password: form[Parameter("password")] ?? "", language: answers.language(for: request).tag)
        {
        case .over: return over(request)
        case .unfitPassword:
            return try await resetPage(
                visit, request, user, posted, refused: form[Parameter("password")] ?? "", status: .unprocessableContent)
        case .changed: break
        }
        try await audit.note(.passwordReset, of: user.id, from: request.auditOrigin)
        try await audit.noteGone(
            links, now: try await environment.storage.links.list(of: user.id), of: user.id, from: request.auditOrigin)
        var response = answers.page(
            AccountDonePage(deed: .passwordChanged, email: user.email.rawValue), for: request)
        if visit.visitor.sessionSecret != nil { response.setCookie(cookies.noSession) }
        // Whoever reads the mail gets in, however many others fail.
        try await signIn.forgive(user)
        let ended = try await environment.storage.users.signedOutAt(user.id)
        response.setCookie(cookies.known(signIn.mark(for: user, from: visit.visitor.origin, since: ended)))
        return response
    }

    private func forgotPage(
        _ visit: OwnVisit, _ request: Request, _ email: String = "", _ problem: ForgotPasswordPage.Problem? = nil,
        _ challenge: ShownChallenge? = nil, status: Status = .ok
    ) -> Response {
        let occasion = request.occasion(.mail, browser: visit.secret)
        let challenge = challenge ?? challenges?.shown(for: occasion, account: email)
        let page = ForgotPasswordPage(
            email: email, problem: problem, csrf: visit.token("forgot password"),
            action: environment.issuer.path + ResetRoutes.forgotPath + query(of: request), challenge: challenge?.box)
        return visit.answer(answers.page(page, status: status, challenge: challenge, for: request))
    }

    private func resetPage(
        _ visit: OwnVisit, _ request: Request, _ user: User, _ link: String, refused: String? = nil,
        status: Status = .ok
    ) async throws -> Response {
        let owner = try await mail.reset.owner(user)
        let page = ResetPasswordPage(
            email: user.email.rawValue, isUnfit: refused != nil, link: link, csrf: visit.token(purpose(link)),
            action: environment.issuer.path + ResetRoutes.resetPath,
            advice: passwords?.advice(owner, environment, browser: visit.secret, refused: refused))
        return visit.answer(answers.page(page, status: status, for: request))
    }

    private func query(of request: Request) -> String {
        ResetRoutes.query((try? request.queryParameters())?[.uiLocales])
    }

    private func purpose(_ link: String) -> String { "reset password " + link }

    private func over(_ request: Request) -> Response {
        let page = LinkOverPage(
            purpose: .resetPassword, againURL: environment.issuer.path + ResetRoutes.forgotPath)
        return answers.page(page, status: .gone, for: request)
    }

    private func visit(_ request: Request, _ body: (OwnVisit) async throws -> Response) async -> Response {
        do {
            return try await body(try await OwnVisit(request, cookies, sessions, environment))
        } catch {
            return answers.failure(error, for: request)
        }
    }
}
