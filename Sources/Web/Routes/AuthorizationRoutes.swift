import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Stores

/// The authorization endpoint over HTTP: RFC 6749 §3.1, GET and POST.
struct AuthorizationRoutes: Sendable {
    let answers: PageAnswers
    let cookies: BrowserCookies
    let sessions: Sessions
    let endpoint: AuthorizationEndpoint
    let signIn: LimitedSignIn
    private let explanations: Explanations

    init(_ parts: Site.Parts, _ answers: PageAnswers) {
        self.answers = answers
        cookies = BrowserCookies(parts.environment.issuer)
        sessions = parts.sessions
        endpoint = AuthorizationEndpoint(parts.environment)
        signIn = parts.signIn
        explanations = Explanations(parts)
    }

    var routes: [Route] {
        [
            Route(.get, AuthorizationEndpoint.path) { await respond($0, to: $0.query) },
            Route(.post, AuthorizationEndpoint.path) { await post($0) },
        ]
    }

    private func post(_ request: Request) async -> Response {
        guard request.hasForm else {
            let error = OAuthError(
                .invalidRequest, "the content type must be application/x-www-form-urlencoded",
                advice: "the request needs Content-Type: application/x-www-form-urlencoded",
                rule: "RFC 6749 §3.1, appendix B")
            return answers.error(error, for: request)
        }
        let own = cookies.read(request)
        if own.browser == nil, own.session == nil {
            guard let address = request.moved(to: AuthorizationEndpoint.path) else {
                let error = OAuthError(
                    .invalidRequest, "the request is malformed or too long",
                    advice: "a request is form-encoded in UTF-8, of 8192 bytes at most", rule: "RFC 6749 §3.1, §4.1.1")
                return answers.error(error, for: request)
            }
            return answers.redirect(to: address)
        }
        return await respond(request, to: request.body)
    }

    private func respond(_ request: Request, to form: [UInt8]) async -> Response {
        do {
            let visitor = try await Visitor(request, cookies, sessions)
            let decision = try await endpoint.respond(
                to: form, from: visitor.browser, admitting: { signIn.admitRequest(from: visitor.origin) })
            switch decision {
            case .tooMany(let wait):
                return answers.tooMany(wait, for: request)
            case .page(let error):
                await explanations.note(error, of: form, for: request)
                return answers.error(error, for: request)
            case .answer(let answer, let client):
                if let failure = answer.failure { await explanations.note(failure, of: form, client, for: request) }
                var response = answers.answer(answer, client.name, for: request)
                response.notes.client = client.id.rawValue
                return response
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
