import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Reactor
import Stores

/// Making an account, alone or on the way to a client: what was typed, the code or the link from the mail, the account.
///
/// Whether an address has an account shows in none of its answers.
struct SignUpRoutes: Sendable {
    static let path = "/sign-up"
    private static let waitingPath = path + "/waiting/"

    let answers: PageAnswers
    let cookies: BrowserCookies
    let sessions: Sessions
    let course: SignInCourse
    let environment: ServerEnvironment
    let mail: Site.MailParts
    let interactions: InteractionRoutes
    let passwords: PasswordMeter?
    let challenges: ChallengeGate?
    let audit: AuditTrail

    init(_ parts: Site.Parts, _ mail: Site.MailParts, _ answers: PageAnswers) {
        self.answers = answers
        cookies = BrowserCookies(parts.environment.issuer)
        sessions = parts.sessions
        course = SignInCourse(parts)
        environment = parts.environment
        self.mail = mail
        passwords = parts.passwords
        challenges = parts.challenges
        audit = parts.audit
        interactions = InteractionRoutes(parts, answers)
    }

    var routes: [Route] {
        let open = [
            Route(.get, SignUpRoutes.path) { request in
                await visit(request) { visit, request in
                    let interaction = try request.queryParameters()[Parameter("interaction")] ?? ""
                    return try await signUpPage(visit, request, interaction: interaction)
                }
            },
            post(SignUpRoutes.path) { try await begin($0, $1) },
            Route(.get, SignUpRoutes.waitingPath + ":id") { request in
                await visit(request) { try await showWaiting($0, $1) }
            },
            post(SignUpRoutes.waitingPath + ":id") { try await takeCode($0, $1) },
            post(SignUpRoutes.waitingPath + ":id/mail") { try await resend($0, $1) },
        ]
        let links = [EmailProof.Purpose.signUp, .invitation].flatMap { purpose in
            [
                Route(.get, SignUpRoutes.path(of: purpose)) { request in
                    await visit(request) { try await openLink($0, $1, purpose) }
                },
                post(SignUpRoutes.path(of: purpose)) { try await takeLink($0, $1, purpose) },
            ]
        }
        switch mail.signUpMode {
        case .open: return open + links
        // Who was invited, or had begun before the mode was changed, comes to the end.
        case .invitation: return links
        case .closed: return []
        }
    }

    /// The form of a person on the way to a client.
    static func path(leadingTo interaction: String) -> String { path + "?interaction=" + interaction }

    static func path(of purpose: EmailProof.Purpose) -> String {
        purpose == .invitation ? MailTexts.Path.invitation : MailTexts.Path.signUp
    }

    // MARK: What is typed

    private func begin(_ visit: OwnVisit, _ request: Request) async throws -> Response {
        guard let form = visit.form(request, "sign up") else { return answers.forbidden(for: request) }
        let interaction = form[Parameter("interaction")] ?? ""
        let (email, name) = (form[Parameter("email")] ?? "", form[Parameter("name")] ?? "")
        let password = form[Parameter("password")] ?? ""
        func again(
            _ status: Status, _ challenge: ShownChallenge? = nil, _ mark: (inout SignUpPage.Problems) -> Void
        ) async throws -> Response {
            var problems = SignUpPage.Problems()
            problems.terms = !hasAccepted(form)
            mark(&problems)
            let refused = problems.password ? (password, PasswordOwner(name: name, email: email)) : nil
            return try await signUpPage(
                visit, request, interaction: interaction, email: email, name: name, problems, refused: refused,
                challenge, status: status)
        }
        let occasion = request.occasion(.signUp, browser: visit.secret)
        if let challenge = await challenges?.obstacle(form, for: occasion, account: "") {
            return try await again(.forbidden, challenge) { $0.challenge = challenge.problem }
        }
        guard hasAccepted(form) else { return try await again(.unprocessableContent) { _ in } }
        let pending = try await pending(interaction, visit)
        do {
            let begun = try await mail.signUp.begin(
                email: email, name: name, password: password, browser: visit.secret,
                interaction: pending == nil ? nil : interaction, from: cookies.origin(of: request),
                language: answers.speaking(pending?.request.uiLocales).language(for: request).tag)
            switch begun {
            case .waiting(let id):
                challenges?.note(occasion, account: "")
                return answers.redirect(to: SignUpRoutes.waitingPath + id)
            case .limited(let wait):
                audit.noteLater(.signUp, .limited, from: request.auditOrigin)
                let seconds = Failure.seconds(wait)
                return try await again(.tooManyRequests) { $0.tooMany = seconds }.retrying(after: seconds)
            case .refused(let found):
                return try await again(.unprocessableContent) { problems in
                    problems.email = found.email
                    problems.name = found.name
                    problems.password = found.password
                }
            }
        } catch is WorkerPoolError {
            var response = try await again(.serviceUnavailable) { $0.busy = true }
            response.headers.set("Retry-After", Failure.retryAfter)
            return response
        }
    }

    private func takeCode(_ visit: OwnVisit, _ request: Request) async throws -> Response {
        let id = request.parameter("id") ?? ""
        guard let form = visit.form(request, "code " + id) else { return answers.forbidden(for: request) }
        guard let proof = try await mail.signUp.waiting(id, browser: visit.secret) else {
            return over(.signUp, request)
        }
        let finished = try await mail.signUp.finish(
            id, code: form[Parameter("code")] ?? "", browser: visit.secret,
            language: try await language(proof.interaction, visit, request))
        switch finished {
        case .wrongCode(let left):
            audit.noteLater(.signUp, .refused, from: request.auditOrigin)
            return try await codePage(visit, request, id, proof, .wrongCode(left: left), status: .unprocessableContent)
        case .codeIsOver:
            return try await codePage(visit, request, id, proof, .codeIsOver, status: .unprocessableContent)
        case .refused, .over: return over(.signUp, request)
        case .created(let user, let interaction):
            try await note(user, request)
            return try await enter(user, interaction, visit, request)
        }
    }

    private func resend(_ visit: OwnVisit, _ request: Request) async throws -> Response {
        let id = request.parameter("id") ?? ""
        guard visit.form(request, "code " + id) != nil else { return answers.forbidden(for: request) }
        guard let proof = try await mail.signUp.waiting(id, browser: visit.secret) else {
            return over(.signUp, request)
        }
        let again = try await mail.signUp.resend(
            id, browser: visit.secret, from: cookies.origin(of: request),
            language: try await language(proof.interaction, visit, request))
        return try await codePage(
            visit, request, id, proof, SignUpCodePage.Remark(again),
            status: again == .sent ? .ok : .tooManyRequests
        ).retrying(after: again.seconds)
    }

    // MARK: What a link opens

    private func openLink(
        _ visit: OwnVisit, _ request: Request, _ purpose: EmailProof.Purpose
    ) async throws -> Response {
        let link = try request.queryParameters()[Parameter("link")] ?? ""
        guard let proof = try await mail.signUp.proof(of: link, for: purpose) else { return over(purpose, request) }
        return confirmPage(visit, request, proof, link, leadingTo: try await pending(proof.interaction, visit))
    }

    private func takeLink(
        _ visit: OwnVisit, _ request: Request, _ purpose: EmailProof.Purpose
    ) async throws -> Response {
        guard let link = try? request.form()[Parameter("link")], let form = visit.form(request, "confirm " + link)
        else { return answers.forbidden(for: request) }
        guard let proof = try await mail.signUp.proof(of: link, for: purpose) else { return over(purpose, request) }
        let pending = try await pending(proof.interaction, visit)
        func again(_ status: Status, _ mark: (inout SignUpPage.Problems) -> Void) -> Response {
            var problems = SignUpPage.Problems()
            mark(&problems)
            let owner = PasswordOwner(name: form[Parameter("name")] ?? proof.name, email: proof.email.rawValue)
            let refused = problems.password ? (form[Parameter("password")] ?? "", owner) : nil
            return confirmPage(
                visit, request, proof, link, leadingTo: pending, name: form[Parameter("name")], problems,
                refused: refused, status: status)
        }
        // Who signed up in this browser has accepted them; whoever was invited, or reads the mail elsewhere, has not seen them.
        if asksPassword(proof, visit), !hasAccepted(form) { return again(.unprocessableContent) { $0.terms = true } }
        do {
            let finished = try await mail.signUp.finish(
                link: link, for: purpose, browser: visit.visitor.browser.secret, name: form[Parameter("name")],
                password: form[Parameter("password")],
                language: answers.speaking(pending?.request.uiLocales).language(for: request).tag)
            switch finished {
            case .refused(let found):
                return again(.unprocessableContent) { problems in
                    problems.name = found.name
                    problems.password = found.password
                }
            case .wrongCode, .codeIsOver, .over: return over(purpose, request)
            case .created(let user, let interaction):
                try await note(user, request)
                guard mail.signUp.isTyped(in: visit.visitor.browser.secret, proof) else {
                    // Somebody else may have sent the link: nobody is signed in to an account by following it.
                    return answers.page(AccountDonePage(deed: .created, email: user.email.rawValue), for: request)
                }
                return try await enter(user, interaction, visit, request)
            }
        } catch is WorkerPoolError {
            var response = again(.serviceUnavailable) { $0.busy = true }
            response.headers.set("Retry-After", Failure.retryAfter)
            return response
        }
    }

    private func note(_ user: User, _ request: Request) async throws {
        try await audit.note(
            .signUp, of: user.id, from: request.auditOrigin, personal: ["email": user.email.rawValue],
            details: mail.termsURL.map { ["terms": $0] } ?? [:])
    }

    // MARK: What is shown

    /// Signs the new person in, in the browser in which the password was typed, and goes on where a client waits.
    private func enter(
        _ user: User, _ interaction: String?, _ visit: OwnVisit, _ request: Request
    ) async throws -> Response {
        let place = visit.visitor.place(
            TokenDigest(of: "sign-up"), trusting: .nobody, in: user.language ?? answers.language(for: request).tag)
        let start = try await course.enter(user, at: place)
        let session = start.session
        let browser = Browser(secret: visit.visitor.browser.secret, session: session)
        var response: Response
        if let interaction, case .open = try await interactions.interactions.pending(interaction, from: browser) {
            let step = try await interactions.interactions.choose(session, for: interaction, from: browser)
            response = try await interactions.follow(step, interaction, request, visit.visitor)
        } else {
            response = answers.page(AccountDonePage(deed: .created, email: user.email.rawValue), for: request)
        }
        response.setCookie(cookies.session(start.secret, for: sessions.cookieLifetime(of: session)))
        response.setCookie(cookies.known(start.known))
        return response
    }

    private func showWaiting(_ visit: OwnVisit, _ request: Request) async throws -> Response {
        let id = request.parameter("id") ?? ""
        guard let proof = try await mail.signUp.waiting(id, browser: visit.secret) else {
            return over(.signUp, request)
        }
        return try await codePage(visit, request, id, proof, nil)
    }

    /// The authorization request on whose way this is; nil where there is none, or none any more.
    private func pending(_ interaction: String?, _ visit: OwnVisit) async throws -> PendingRequest? {
        guard let interaction, !interaction.isEmpty,
            case .open(let pending) = try await interactions.interactions.pending(
                interaction, from: visit.visitor.browser)
        else { return nil }
        return pending
    }

    /// The tag of the language of its pages.
    private func language(_ interaction: String?, _ visit: OwnVisit, _ request: Request) async throws -> String {
        answers.speaking(try await pending(interaction, visit)?.request.uiLocales).language(for: request).tag
    }

    /// Where the last form of a sign-up leads: browsers apply the policy of its page to the client's answer as well.
    private func target(of pending: PendingRequest?) -> FormTarget {
        pending.map { .client($0.redirectURI.registered) } ?? .ourselves
    }

    private func signUpPage(
        _ visit: OwnVisit, _ request: Request, interaction: String, email: String = "", name: String = "",
        _ problems: SignUpPage.Problems = .init(), refused: (String, PasswordOwner)? = nil,
        _ challenge: ShownChallenge? = nil, status: Status = .ok
    ) async throws -> Response {
        let occasion = request.occasion(.signUp, browser: visit.secret)
        let challenge = challenge ?? challenges?.shown(for: occasion, account: "")
        let root = environment.issuer.path
        let pending = try await pending(interaction, visit)
        let page = SignUpPage(
            clientName: pending?.client.name, email: email, name: name, problems: problems, termsURL: mail.termsURL,
            interaction: pending == nil ? "" : interaction,
            signInURL: pending.map { _ in root + InteractionRoutes.path(interaction, "/sign-in") },
            csrf: visit.token("sign up"), action: root + SignUpRoutes.path,
            advice: passwords?.advice(visit, environment, refused: refused), challenge: challenge?.box)
        let answers = answers.speaking(pending?.request.uiLocales)
        return visit.answer(answers.page(page, status: status, challenge: challenge, for: request))
    }

    private func codePage(
        _ visit: OwnVisit, _ request: Request, _ id: String, _ proof: EmailProof, _ remark: SignUpCodePage.Remark?,
        status: Status = .ok
    ) async throws -> Response {
        let action = environment.issuer.path + SignUpRoutes.waitingPath + id
        let page = SignUpCodePage(
            email: proof.email.rawValue, code: ShownPeriod(mail.signUp.lifetimes.code),
            link: ShownPeriod(mail.signUp.lifetimes.link), remark: remark, csrf: visit.token("code " + id),
            action: action, resendAction: action + "/mail",
            inboxURL: mail.inbox.map { _ in environment.issuer.path + InboxRoutes.path })
        let pending = try await pending(proof.interaction, visit)
        return answers.speaking(pending?.request.uiLocales).page(
            page, status: status, formTarget: target(of: pending), for: request)
    }

    private func confirmPage(
        _ visit: OwnVisit, _ request: Request, _ proof: EmailProof, _ link: String, leadingTo pending: PendingRequest?,
        name: String? = nil,
        _ problems: SignUpPage.Problems = .init(), refused: (String, PasswordOwner)? = nil, status: Status = .ok
    ) -> Response {
        let page = SignUpConfirmPage(
            email: proof.email.rawValue, name: name ?? proof.name,
            asksPassword: asksPassword(proof, visit), problems: problems,
            termsURL: asksPassword(proof, visit) ? mail.termsURL : nil, link: link,
            csrf: visit.token("confirm " + link),
            action: environment.issuer.path + SignUpRoutes.path(of: proof.purpose),
            advice: passwords?.advice(visit, environment, refused: refused))
        let answers = answers.speaking(pending?.request.uiLocales)
        return visit.answer(answers.page(page, status: status, formTarget: target(of: pending), for: request))
    }

    /// Whether the reader of the mail may be another person than who typed the address.
    private func asksPassword(_ proof: EmailProof, _ visit: OwnVisit) -> Bool {
        !mail.signUp.isTyped(in: visit.visitor.browser.secret, proof)
    }

    private func over(_ purpose: EmailProof.Purpose, _ request: Request) -> Response {
        let isOpen = purpose == .signUp && mail.signUpMode == .open
        let page = LinkOverPage(
            purpose: purpose == .invitation ? .invitation : .signUp,
            againURL: isOpen ? environment.issuer.path + SignUpRoutes.path : nil)
        return answers.page(page, status: .gone, for: request)
    }

    private func hasAccepted(_ form: FormParameters) -> Bool {
        mail.termsURL == nil || form[Parameter("terms")] == "accepted"
    }

    private func post(
        _ path: String, _ body: @escaping @Sendable (OwnVisit, Request) async throws -> Response
    ) -> Route {
        Route(.post, path, bodyLimit: OwnForm.contentLimit) { request in await visit(request, body) }
    }

    private func visit(
        _ request: Request, _ body: (OwnVisit, Request) async throws -> Response
    ) async -> Response {
        do {
            return try await body(try await OwnVisit(request, cookies, sessions, environment), request)
        } catch {
            return answers.failure(error, for: request)
        }
    }
}

extension SignUpCodePage.Remark {
    /// What to say to somebody who asked for one more mail.
    init(_ again: MailLimits.Again) {
        self = again == .sent ? .sentAgain : .tooManyMails(seconds: again.seconds)
    }
}
