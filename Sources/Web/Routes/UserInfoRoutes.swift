import AuthorizationServer
import HTTP
import OAuthTypes

/// The UserInfo endpoint over HTTP: OpenID Connect Core §5.3.1, GET and POST.
struct UserInfoRoutes: Sendable {
    let answers: JSONAnswers
    let endpoint: UserInfoEndpoint
    private let explanations: Explanations
    private let challenge: JSONAnswers.Challenge

    init(_ parts: Site.Parts) {
        answers = JSONAnswers(parts)
        endpoint = UserInfoEndpoint(parts.environment)
        explanations = Explanations(parts)
        challenge = parts.environment.issuer.userInfoMetadata.map { .resource(metadata: $0) } ?? .bearer
    }

    var routes: [Route] {
        [
            Route(.get, UserInfoEndpoint.path) { await respond($0) },
            Route(.post, UserInfoEndpoint.path) { await respond($0) },
            Route(.options, UserInfoEndpoint.path) { [answer = answers.preflight("GET, POST")] _ in answer },
        ]
    }

    private func respond(_ request: Request) async -> Response {
        do {
            let form = request.method == .post && request.hasForm ? try request.form() : nil
            let token = try BearerToken(
                authorization: try request.authorization(),
                form: form,
                query: try request.queryParameters()
            )
            guard let token else { return answers.missingToken(challenge) }
            switch try await endpoint.answer(to: token) {
            case .claims(let response): return answers.success(response)
            case .token(let text): return answers.token(text)
            }
        } catch {
            await explanations.note(error, for: request)
            return answers.refusal(error, challenge: challenge, for: request)
        }
    }
}
