import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Stores

/// The token endpoint over HTTP: RFC 6749 §3.2.
struct TokenRoutes: Sendable {
    private let answers: JSONAnswers
    private let entrance: ClientEntrance
    private let token: TokenEndpoint

    init(_ parts: Site.Parts) {
        answers = JSONAnswers(parts)
        entrance = ClientEntrance(parts)
        token = TokenEndpoint(parts.environment)
    }

    var routes: [Route] {
        [
            Route(.post, TokenEndpoint.path) { request in
                await entrance.answer(request, at: TokenEndpoint.path) { form, client in
                    let response = answers.success(try await token.respond(to: form, from: client))
                    guard let grant = form[.grantType].flatMap({ GrantType(rawValue: $0) }) else { return response }
                    if entrance.audit.notesTokens {
                        try await entrance.audit.note(
                            .tokensIssued, by: .client, with: client.id, from: request.auditOrigin,
                            details: ["grant_type": grant.rawValue])
                    }
                    return response.noting(.issued(grant))
                }
            },
            Route(.options, TokenEndpoint.path) { [answer = answers.preflight("POST")] _ in answer },
        ]
    }
}
