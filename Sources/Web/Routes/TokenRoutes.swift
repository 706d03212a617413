import AuthorizationServer
import HTTP
import OAuthTypes
import Stores

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
                var known: ClientID?
                var response: Response
                do {
                    let form = try request.form()
                    try form.requireNoRepetition()
                    let credentials = try ClientCredentials(authorization: try request.authorization(), form: form)
                    let client = try await authentication.authenticate(credentials)
                    known = client.id
                    response = answers.success(try await endpoint.respond(to: form, from: client))
                    if let grant = form[.grantType].flatMap({ GrantType(rawValue: $0) }) {
                        response = response.noting(.issued(grant))
                    }
                } catch {
                    response = answers.refusal(error, challenge: .basic, for: request)
                }
                response.notes.client = known?.rawValue
                return response
            },
            Route(.options, E.path) { [answer = answers.preflight("POST")] _ in answer },
        ]
    }
}
