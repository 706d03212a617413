import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Stores

/// Signing out: OpenID Connect RP-Initiated Logout §2, GET and POST, and the page that asks first.
struct SignOutRoutes: Sendable {
    private static let confirmPath = EndSessionEndpoint.path + "/confirm"

    let answers: PageAnswers
    let cookies: BrowserCookies
    let sessions: Sessions
    let endpoint: EndSessionEndpoint
    let environment: ServerEnvironment

    init(_ parts: Site.Parts, _ answers: PageAnswers) {
        self.answers = answers
        cookies = BrowserCookies(parts.environment.issuer)
        sessions = parts.sessions
        endpoint = EndSessionEndpoint(parts.environment)
        environment = parts.environment
    }

    var routes: [Route] {
        [
            Route(.get, EndSessionEndpoint.path) { await respond($0, to: $0.query, .unasked) },
            Route(.post, EndSessionEndpoint.path) { request in
                await respond(request, to: request.hasForm ? request.body : [], .unasked)
            },
            Route(.post, SignOutRoutes.confirmPath) { await confirm($0) },
        ]
    }

    /// The confirmation carries the client's request in its address, and its own token in the form.
    private func confirm(_ request: Request) async -> Response {
        let (secret, _) = cookies.read(request)
        guard let form = try? request.form(), form.repeated.isEmpty, !request.comesFromElsewhere(than: answers.issuer),
            let secret, let presented = form[Parameter("csrf")],
            environment.formTokens.verifies(presented, for: "sign-out", browser: secret)
        else { return answers.forbidden(for: request) }
        guard form[Parameter("decision")] == "sign-out" else {
            return answers.stayed(for: request)
        }
        return await respond(request, to: request.query, .confirmed)
    }

    private func respond(
        _ request: Request, to form: [UInt8], _ consent: EndSessionEndpoint.Consent
    ) async -> Response {
        do {
            let visitor = try await Visitor(request, cookies, sessions)
            let decision = try await endpoint.respond(to: form, session: visitor.browser.session, consent: consent)
            switch decision {
            case .page(let error):
                return answers.error(error, for: request)
            case .confirm(let session, let client):
                let secret = visitor.browser.secret ?? environment.newSecret()
                let user = try await environment.storage.users.find(session.userID)
                let page = SignOutPage(
                    accountEmail: user?.email.rawValue,
                    clientName: client?.name,
                    csrf: environment.formTokens.token(for: "sign-out", browser: secret),
                    action: environment.issuer.path + SignOutRoutes.confirmPath + "?"
                        + String(decoding: form, as: UTF8.self)
                )
                let target = client?.postLogoutRedirectURIs.first
                var response = answers.page(
                    page,
                    formTarget: target.map { .client($0) } ?? .ourselves,
                    for: request
                )
                response.setCookie(cookies.browser(secret))
                return response
            case .signedOut(let location, let client):
                var response =
                    location.map { answers.leave(to: $0) }
                    ?? answers.page(
                        SignedOutPage(returnURL: nil, clientName: client?.name),
                        for: request
                    )
                response.setCookie(cookies.noSession)
                return response
            }
        } catch {
            return answers.failure(error, for: request)
        }
    }
}
