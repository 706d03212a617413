import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Stores

/// The pages that links in mails about an account open: each has one button, and only that spends the link.
struct RecourseRoutes: Sendable {
    let answers: PageAnswers
    let cookies: BrowserCookies
    let sessions: Sessions
    let signIn: LimitedSignIn
    let environment: ServerEnvironment
    let mail: Site.MailParts
    let audit: AuditTrail

    init(_ parts: Site.Parts, _ mail: Site.MailParts, _ answers: PageAnswers) {
        self.answers = answers
        cookies = BrowserCookies(parts.environment.issuer)
        sessions = parts.sessions
        signIn = parts.signIn
        environment = parts.environment
        self.mail = mail
        audit = parts.audit
    }

    var routes: [Route] {
        Recourse.Purpose.allCases.flatMap { purpose in
            pair(
                purpose.path, open: { try await open(purpose, $0, $1) },
                spend: { try await spend(purpose, $0, $1, $2) })
        }
            + pair(
                MailTexts.Path.changeEmail, open: { try await openChange($0, $1) },
                spend: { try await spendChange($0, $1, $2) })
    }

    // MARK: Ways back from a change

    private func open(
        _ purpose: Recourse.Purpose, _ visit: OwnVisit, _ request: Request
    ) async throws -> Response {
        let link = try request.queryParameters()[Parameter("link")] ?? ""
        guard let recourse = try await mail.recourses.recourse(of: link, for: purpose) else { return over(request) }
        let page = FollowLinkPage(
            deed: purpose.deed, email: recourse.email.rawValue, link: link, csrf: visit.token(token(link)),
            action: environment.issuer.path + purpose.path)
        return visit.answer(answers.page(page, for: request))
    }

    private func spend(
        _ purpose: Recourse.Purpose, _ visit: OwnVisit, _ request: Request, _ link: String
    ) async throws -> Response {
        guard let recourse = try await mail.recourses.recourse(of: link, for: purpose) else { return over(request) }
        let language = answers.language(for: request).tag
        let hadMoved = try await mail.recourses.hasMoved(recourse)
        let links = try await environment.storage.links.list(of: recourse.userID)
        let isDone =
            switch purpose {
            case .restoreEmail: try await mail.recourses.restoreEmail(link, language: language)
            case .disown: try await mail.recourses.disown(link, language: language)
            case .keepAccount: try await mail.recourses.keepAccount(link)
            }
        guard isDone else { return over(request) }
        try await audit.note(purpose.action, of: recourse.userID, from: request.auditOrigin)
        try await audit.noteGone(
            links, now: try await environment.storage.links.list(of: recourse.userID), of: recourse.userID,
            from: request.auditOrigin)
        if purpose == .disown, hadMoved, try await !mail.recourses.hasMoved(recourse) {
            try await audit.note(.emailChangeUndone, of: recourse.userID, from: request.auditOrigin)
        }
        var response = answers.page(
            AccountDonePage(deed: purpose.done, email: recourse.email.rawValue), for: request)
        if purpose != .keepAccount, visit.visitor.sessionSecret != nil { response.setCookie(cookies.noSession) }
        return response
    }

    // MARK: Another address

    private func openChange(_ visit: OwnVisit, _ request: Request) async throws -> Response {
        let link = try request.queryParameters()[Parameter("link")] ?? ""
        guard let proof = try await mail.emailChange.proof(of: link) else { return changeIsOver(request) }
        return changePage(visit, request, proof, link)
    }

    private func changePage(
        _ visit: OwnVisit, _ request: Request, _ proof: EmailProof, _ link: String, status: Status = .ok
    ) -> Response {
        let isOwner = visit.visitor.browser.session?.userID == proof.userID
        let root = environment.issuer.path
        let page = FollowLinkPage(
            deed: .changeEmail, email: proof.email.rawValue,
            signInURL: isOwner ? nil : root + AccountPlace.signIn + AccountPlace.overview.query, link: link,
            csrf: visit.token(token(link)), action: root + MailTexts.Path.changeEmail)
        return visit.answer(answers.page(page, status: status, for: request))
    }

    private func spendChange(_ visit: OwnVisit, _ request: Request, _ link: String) async throws -> Response {
        guard let proof = try await mail.emailChange.proof(of: link) else { return changeIsOver(request) }
        guard let session = visit.visitor.browser.session, session.userID == proof.userID,
            let user = try await environment.storage.users.find(session.userID)
        else { return changePage(visit, request, proof, link, status: .forbidden) }
        let finished = try await mail.emailChange.finish(
            link: link, for: user, language: answers.language(for: request).tag)
        guard case .changed(let changed) = finished else { return changeIsOver(request) }
        try await audit.note(
            .emailChanged, of: changed.id, from: request.auditOrigin,
            personal: ["email": changed.email.rawValue, "before": user.email.rawValue])
        let page = AccountDonePage(
            deed: .emailChanged, email: changed.email.rawValue,
            continueURL: environment.issuer.path + AccountPlace.security.path)
        var response = answers.page(page, for: request)
        // Browsers are known by the address.
        let ended = try await environment.storage.users.signedOutAt(changed.id)
        response.setCookie(cookies.known(signIn.mark(for: changed, from: visit.visitor.origin, since: ended)))
        return response
    }

    // MARK: What they share

    /// A page that says what a link does, and the form of its button.
    private func pair(
        _ path: String, open: @escaping @Sendable (OwnVisit, Request) async throws -> Response,
        spend: @escaping @Sendable (OwnVisit, Request, String) async throws -> Response
    ) -> [Route] {
        [
            Route(.get, path) { request in await visit(request) { try await open($0, request) } },
            Route(.post, path, bodyLimit: OwnForm.contentLimit) { request in
                await visit(request) { visit in
                    // The link is the proof: the token alone would be that of any other link in this browser.
                    guard let link = try? request.form()[Parameter("link")], visit.form(request, token(link)) != nil
                    else { return answers.forbidden(for: request) }
                    return try await spend(visit, request, link)
                }
            },
        ]
    }

    private func token(_ link: String) -> String { "follow " + link }

    private func over(_ request: Request) -> Response {
        let page = LinkOverPage(
            purpose: .recourse, againURL: environment.issuer.path + ResetRoutes.forgotPath)
        return answers.page(page, status: .gone, for: request)
    }

    private func changeIsOver(_ request: Request) -> Response {
        let page = LinkOverPage(
            purpose: .changeEmail, againURL: environment.issuer.path + AccountPlace.email.path)
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

extension Recourse.Purpose {
    /// What the log of events calls it.
    fileprivate var action: AuditAction {
        switch self {
        case .restoreEmail: .emailChangeUndone
        case .disown: .signInDisowned
        case .keepAccount: .deletionUndone
        }
    }

    fileprivate var path: String {
        switch self {
        case .restoreEmail: MailTexts.Path.restoreEmail
        case .disown: MailTexts.Path.disown
        case .keepAccount: MailTexts.Path.keepAccount
        }
    }

    fileprivate var deed: FollowLinkPage.Deed {
        switch self {
        case .restoreEmail: .restoreEmail
        case .disown: .disown
        case .keepAccount: .keepAccount
        }
    }

    fileprivate var done: AccountDonePage.Deed {
        switch self {
        case .restoreEmail: .emailRestored
        case .disown: .disowned
        case .keepAccount: .kept
        }
    }
}
