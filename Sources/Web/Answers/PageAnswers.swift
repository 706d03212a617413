import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages

/// Turns pages into answers with the headers that every page needs.
struct PageAnswers: Sendable {
    let pages: PageSet
    let issuer: Issuer
    let report: FailureReport
    let explanations: Explanations
    private let cookies: BrowserCookies
    /// The languages that the client asks for.
    private var wishes: LanguageRanges?
    /// The window that the client asks for.
    private var format = PageFormat.page

    init(_ parts: Site.Parts) {
        pages = parts.pages
        issuer = parts.environment.issuer
        report = parts.report
        explanations = Explanations(parts)
        cookies = BrowserCookies(parts.environment.issuer)
    }

    /// The same answers, in the languages that a client asks for: `ui_locales`.
    func speaking(_ uiLocales: String?) -> PageAnswers {
        guard let uiLocales else { return self }
        var answers = self
        answers.wishes = LanguageRanges(uiLocales: uiLocales)
        return answers
    }

    /// The same answers, for the window that a client asks for: `display`.
    func shown(as display: Display?) -> PageAnswers {
        guard display == .popup else { return self }
        var answers = self
        answers.format = .popup
        return answers
    }

    /// The language of an answer: what the person chose at the foot of a page, what the client asks for, what the browser
    /// does, or the default.
    ///
    /// `ui_locales` in an address counts on every page, so that links can carry it on.
    func language(for request: Request) -> Language {
        if let chosen = cookies.language(of: request), let language = pages.languages.first(where: { $0.tag == chosen })
        {
            return language
        }
        let asked =
            wishes ?? (try? request.queryParameters()[.uiLocales]).flatMap { $0.map { LanguageRanges(uiLocales: $0) } }
        if let asked, let language = pages.language(for: asked) { return language }
        let field = request.headers.values(of: "Accept-Language").joined(separator: ",")
        return pages.language(for: LanguageRanges(acceptLanguage: field)) ?? pages.defaultLanguage
    }

    /// What the choice of a language leads back to; nil where the page cannot be opened again.
    ///
    /// Nor is there one on pages of errors: they repeat nothing of the request.
    private func choice(for request: Request, _ status: Status) -> LanguageChoice? {
        guard request.method == .get, status == .ok else { return nil }
        var back = request.path
        if request.hasQuery { back += "?" + String(decoding: request.query, as: UTF8.self) }
        guard LanguageRoutes.leadsBack(back, below: issuer) else { return nil }
        return LanguageChoice(action: issuer.path + LanguageRoutes.path, back: back)
    }

    /// A page; `formTarget` is what its form may lead to beside ourselves, `challenge` what it shows, `framed` the origins
    /// that it frames.
    func page(
        _ page: some Page, status: Status = .ok, formTarget: FormTarget = .ourselves,
        challenge: ShownChallenge? = nil, framed: [String] = [], for request: Request
    ) -> Response {
        do {
            return try self.page(
                page, in: language(for: request), choice(for: request, status), status: status, formTarget,
                challenge?.sources ?? [], framed)
        } catch {
            report(request.id, error)
            return .text("The page could not be made. Support code: \(request.id)\n", status: .internalServerError)
        }
    }

    private func page(
        _ page: some Page, in language: Language, _ choice: LanguageChoice? = nil, status: Status,
        _ formTarget: FormTarget = .ourselves, _ foreign: [String] = [], _ framed: [String] = []
    ) throws -> Response {
        var response = Response.html(
            try pages.render(page, in: language, choice: choice, format: format), status: status)
        response.headers.set("Content-Language", language.tag)
        response.headers.set("Vary", "Accept-Language")
        response.headers.set(
            "Content-Security-Policy", SecurityHeaders.policy(formTarget, foreign, framed: framed, of: issuer))
        SecurityHeaders.page(issuer).forEach { response.headers.set($0.name, $0.value) }
        return response
    }

    /// The answers to people's requests that nobody looks at, made in advance; without a support code, since nothing of
    /// them is in the log.
    var busyPages: [Language: Response] {
        var answers: [Language: Response] = [:]
        for language in pages.languages {
            guard
                var response = try? page(ErrorPage(.busy, supportCode: nil), in: language, status: .serviceUnavailable)
            else { continue }
            response.headers.set("Retry-After", Failure.retryAfter)
            response.notes.isRefusedForLoad = true
            answers[language] = response
        }
        return answers
    }

    /// A page for a protocol error that nobody can be sent back with.
    func error(_ error: OAuthError, for request: Request) -> Response {
        page(
            ErrorPage(
                .unanswerable, supportCode: request.id.description, code: error.code.rawValue,
                developerMessage: error.summary.description),
            status: .badRequest,
            for: request
        )
    }

    /// A page for a form that did not come from our own page.
    func forbidden(for request: Request) -> Response {
        error(.forbidden, status: .forbidden, for: request)
    }

    /// A page for a failure of ours; the cause goes to the log alone.
    func failure(_ error: any Error, for request: Request) -> Response {
        report(request.id, error)
        let isBusy = Failure.isTemporary(error)
        var response = self.error(
            isBusy ? .busy : .failure, status: isBusy ? .serviceUnavailable : .internalServerError, for: request)
        if isBusy { response.headers.set("Retry-After", Failure.retryAfter) }
        return response
    }

    /// A page for somebody whose sign-in cannot go on here.
    func over(_ reason: InteractionOverPage.Reason, status: Status, for request: Request) -> Response {
        explanations.note(Explanation(of: reason), for: request)
        return page(
            InteractionOverPage(reason: reason, supportCode: request.id.description), status: status, for: request)
    }

    /// A page that counts down for somebody of whom, or of whose network, too much came.
    func tooMany(_ wait: Duration, for request: Request) -> Response {
        let seconds = Failure.seconds(wait)
        return error(.tooMany(seconds: seconds), status: .tooManyRequests, for: request).retrying(after: seconds)
    }

    /// A page for somebody who sent more than a page takes.
    func tooLarge(for request: Request) -> Response {
        error(.tooLarge, status: .contentTooLarge, for: request)
    }

    /// A page for a person who was asked whether to sign out and chose not to.
    func stayed(for request: Request) -> Response {
        error(.stayed, status: .ok, for: request)
    }

    /// A request that no route takes.
    func miss(_ miss: RouteMiss, of request: Request) -> Response {
        error(miss == .notFound ? .notFound : .wrongMethod, status: miss.status, for: request)
    }

    private func error(_ kind: ErrorPage.Kind, status: Status, for request: Request) -> Response {
        if let explanation = Explanation(of: kind) { explanations.note(explanation, for: request) }
        return page(ErrorPage(kind, supportCode: request.id.description), status: status, for: request)
    }

    /// A text to keep as a file.
    func file(_ file: some TextFile, named name: String, for request: Request) -> Response {
        do {
            var response = Response.text(try pages.render(file, in: language(for: request)))
            SecurityHeaders.page(issuer).forEach { response.headers.set($0.name, $0.value) }
            response.headers.set("Content-Disposition", "attachment; filename=\"\(name)\"")
            return response
        } catch {
            return failure(error, for: request)
        }
    }

    /// The client's answer, by redirect or by a page that posts it.
    func answer(_ answer: AuthorizationAnswer, _ client: String, for request: Request) -> Response {
        // What the client did wrong is between us and the client; what we could not do is for the log.
        if let failure = answer.failure, failure.cause != nil { report(request.id, failure) }
        guard answer.mode == .formPost else {
            // 303, never 307: what was posted to us is not posted on (RFC 9700 §4.12).
            return leave(to: answer.location)
        }
        return page(
            FormPostPage(
                action: answer.redirectURI.rawValue,
                fields: answer.parameters.map { FormPostPage.Field(name: $0.name.rawValue, value: $0.value) },
                clientName: client
            ),
            formTarget: .client(answer.redirectURI.registered),
            for: request
        )
    }

    /// The way to the issuer, where a request of development mode came by another name.
    ///
    /// Cookies would not come back there; and a name that a stranger points at this machine must not show secrets.
    func elsewhere(_ request: Request) -> Response? {
        guard let host = request.headers["Host"], "//" + host != issuer.origin.drop(while: { $0 != "/" }) else {
            return nil
        }
        return leave(to: issuer.address(of: String(request.path.dropFirst(issuer.path.count))))
    }

    /// Another page of ours.
    func redirect(to path: String) -> Response {
        leave(to: issuer.path + path)
    }

    /// An address that was proven to be the client's.
    func leave(to location: String) -> Response {
        var response = Response.redirect(to: location)
        SecurityHeaders.page(issuer).forEach { response.headers.set($0.name, $0.value) }
        return response
    }
}
