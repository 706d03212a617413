import AuthorizationServer
import HTTP
import OAuthTypes

/// The endpoints that clients call with a form: authenticates the client, then asks the endpoint.
struct TokenRoutes: Sendable {
    let answers: JSONAnswers
    let authentication: ClientAuthentication
    let token: TokenEndpoint

    init(_ parts: Site.Parts) {
        answers = JSONAnswers(parts)
        authentication = ClientAuthentication(parts.environment)
        token = TokenEndpoint(parts.environment)
    }

    var routes: [Route] { mount(token) }

    private func mount<E: Endpoint>(_ endpoint: E) -> [Route] {
        [
            Route(.post, E.path) { request in
                do {
                    let form = try request.form()
                    try form.requireNoRepetition()
                    let credentials = try ClientCredentials(authorization: try request.authorization(), form: form)
                    let client = try await authentication.authenticate(credentials)
                    return answers.success(try await endpoint.respond(to: form, from: client))
                } catch {
                    return answers.refusal(error, challenge: .basic, for: request)
                }
            },
            Route(.options, E.path) { [answer = answers.preflight("POST")] _ in answer },
        ]
    }
}
