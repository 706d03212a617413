import AuthorizationServer
import Federation
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
    let audit: AuditTrail
    private let explanations: Explanations
    private let federation: Federation?

    init(_ parts: Site.Parts, _ answers: PageAnswers) {
        self.answers = answers
        cookies = BrowserCookies(parts.environment.issuer)
        sessions = parts.sessions
        endpoint = EndSessionEndpoint(parts.environment)
        environment = parts.environment
        audit = parts.audit
        explanations = Explanations(parts)
        federation = parts.federation?.federation
    }

    var routes: [Route] {
        [
            Route(.get, EndSessionEndpoint.path) { await respond($0, to: $0.query, .unasked) },
            Route(.post, EndSessionEndpoint.path) { await post($0) },
            Route(.post, SignOutRoutes.confirmPath, bodyLimit: OwnForm.contentLimit) { await confirm($0) },
        ]
    }

    private func post(_ request: Request) async -> Response {
        let own = cookies.read(request)
        if own.browser == nil, own.session == nil, let address = request.moved(to: EndSessionEndpoint.path) {
            return answers.redirect(to: address)
        }
        return await respond(request, to: request.hasForm ? request.body : [], .unasked)
    }

    /// The confirmation carries the client's request in its address, and its own token in the form.
    private func confirm(_ request: Request) async -> Response {
        let secret = cookies.read(request).browser
        guard let form = OwnForm(request, purpose: "sign-out", browser: secret, environment) else {
            return answers.forbidden(for: request)
        }
        guard form.fields[Parameter("decision")] == "sign-out" else { return answers.stayed(for: request) }
        return await respond(request, to: request.query, .confirmed)
    }

    private func respond(
        _ request: Request, to form: [UInt8], _ consent: EndSessionEndpoint.Consent
    ) async -> Response {
        do {
            let visitor = try await Visitor(request, cookies, sessions)
            let farewell = try await federation?.farewell(
                of: visitor.browser.session, in: environment.storage.upstreamSessions)
            let lapsed = try await lapsedSession(of: visitor)
            switch try await endpoint.respond(
                to: form, session: visitor.browser.session, lapsed: lapsed, consent: consent)
            {
            case .page(let error, let client):
                await explanations.note(error, of: form, client, for: request)
                return answers.error(error, for: request)
            case .confirm(let session, let client, let target):
                return try await ask(session, client, target, about: form, leading: farewell, visitor, request)
            case .signedOut(let target, let client, let frames):
                // The session at the provider ends on the way to where the client wants people.
                let location = farewell?.address(leadingTo: target, in: visitor.browserDigest) ?? target
                if let session = visitor.browser.session ?? lapsed {
                    try await audit.note(
                        .signOut, of: session.userID, with: client?.id, from: request.auditOrigin)
                }
                var response = signedOut(to: location, client, frames, request)
                // Another site can bring a browser here without its cookie: what it did not send is not taken away.
                if visitor.sessionSecret != nil { response.setCookie(cookies.noSession) }
                return response
            }
        } catch {
            return answers.failure(error, for: request)
        }
    }

    /// The session of a cookie that does not let this browser in, while its clients still take it for one.
    private func lapsedSession(of visitor: Visitor) async throws -> Session? {
        guard visitor.browser.session == nil, let secret = visitor.sessionSecret else { return nil }
        return try await sessions.findToEnd(secret)
    }

    /// Clients that have something to drop in this browser do so first, in frames of the page.
    private func signedOut(
        to location: String?, _ client: Client?, _ frames: [LogoutFrame], _ request: Request
    ) -> Response {
        if let location, frames.isEmpty { return answers.leave(to: location) }
        let page = SignedOutPage(returnURL: location, clientName: client?.name, frames: frames.map(\.address))
        var response = answers.page(page, framed: frames.map(\.origin), for: request)
        // Without a script: on, a second after the last frame has loaded.
        if let location { response.headers.set("Refresh", "1; url=\(location)") }
        return response
    }

    private func ask(
        _ session: Session, _ client: Client?, _ target: RedirectURI?, about form: [UInt8], leading farewell: Farewell?,
        _ visitor: Visitor, _ request: Request
    ) async throws -> Response {
        let secret = visitor.browser.secret ?? environment.newSecret()
        // Whoever the session does not let in learns nothing of whose it is.
        let user = visitor.browser.session == nil ? nil : try await environment.storage.users.find(session.userID)
        let parameters = (try? FormParameters(decoding: form)) ?? FormParameters()
        let page = SignOutPage(
            accountEmail: user?.email.rawValue,
            clientName: client?.name,
            csrf: environment.formTokens.token(for: "sign-out", browser: secret),
            action: environment.issuer.path + SignOutRoutes.confirmPath + "?" + parameters.encoded
        )
        let formTarget: FormTarget = farewell != nil ? .providers(target) : target.map { .client($0) } ?? .ourselves
        var response = answers.page(page, formTarget: formTarget, for: request)
        response.setCookie(cookies.browser(secret))
        return response
    }
}
