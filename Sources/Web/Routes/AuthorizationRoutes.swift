import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Stores

/// The authorization endpoint over HTTP: RFC 6749 §3.1, GET and POST.
struct AuthorizationRoutes: Sendable {
    /// The longest form that is moved into an address; with the rest of the line it stays below the server's limit.
    private static let movableForm = 6 * 1024

    let answers: PageAnswers
    let cookies: BrowserCookies
    let sessions: Sessions
    let endpoint: AuthorizationEndpoint

    init(_ parts: Site.Parts, _ answers: PageAnswers) {
        self.answers = answers
        cookies = BrowserCookies(parts.environment.issuer)
        sessions = parts.sessions
        endpoint = AuthorizationEndpoint(parts.environment)
    }

    var routes: [Route] {
        [
            Route(.get, AuthorizationEndpoint.path) { await respond($0, to: $0.query) },
            Route(.post, AuthorizationEndpoint.path) { await post($0) },
        ]
    }

    private func post(_ request: Request) async -> Response {
        guard request.hasForm else {
            let error = OAuthError(.invalidRequest, "the content type must be application/x-www-form-urlencoded")
            return answers.error(error, for: request)
        }
        // A form posted by another site comes without our cookies (SameSite); the same request as an address has them.
        let (browser, session) = cookies.read(request)
        if browser == nil, session == nil, request.body.count <= AuthorizationRoutes.movableForm,
            request.body.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        {
            return answers.redirect(
                to: AuthorizationEndpoint.path + "?" + String(decoding: request.body, as: UTF8.self)
            )
        }
        return await respond(request, to: request.body)
    }

    private func respond(_ request: Request, to form: [UInt8]) async -> Response {
        do {
            let visitor = try await Visitor(request, cookies, sessions)
            switch try await endpoint.respond(to: form, from: visitor.browser) {
            case .page(let error):
                return answers.error(error, for: request)
            case .answer(let answer, let client):
                return answers.answer(answer, client.name, for: request)
            case .interact(let id, let browserSecret):
                var response = answers.redirect(to: InteractionRoutes.path(id))
                response.setCookie(cookies.browser(browserSecret))
                return response
            }
        } catch {
            return answers.failure(error, for: request)
        }
    }
}
