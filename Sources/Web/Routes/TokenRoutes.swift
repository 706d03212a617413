import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Stores

/// The token endpoint over HTTP: RFC 6749 §3.2.
struct TokenRoutes: Sendable {
<<<<<<< HEAD
    let answers: JSONAnswers
    let authentication: ClientAuthentication
    let token: TokenEndpoint
    let audit: AuditTrail
    private let environment: ServerEnvironment
    private let explanations: Explanations
=======
    private let answers: JSONAnswers
    private let entrance: ClientEntrance
    private let token: TokenEndpoint
>>>>>>> 2ec37986d0df24e4dc886c94f5297697aa2b66ee

    init(_ parts: Site.Parts) {
        answers = JSONAnswers(parts)
        entrance = ClientEntrance(parts)
        token = TokenEndpoint(parts.environment)
<<<<<<< HEAD
        audit = parts.audit
        environment = parts.environment
        explanations = Explanations(parts)
    }

    var routes: [Route] { mount(token) }

    /// What was used before is in two hands, and whoever does not prove to be the client is another one.
    ///
    /// A replay has revoked what was issued, and takes a token that was good once: no flood of strangers' attempts shall
    /// crowd it out of the log, so it is there before the answer.
    private func note(_ refusal: OAuthError, _ client: ClientID?, _ request: Request) async throws {
        if let grant = refusal.revokedGrant {
            // Who loses by it is told where the grant can still be read.
            let person = try? await environment.storage.grants
                .find(GrantID(rawValue: grant), at: environment.clock.now)?.userID
            let isRefresh = (try? request.form()[.grantType]) == GrantType.refreshToken.rawValue
            try await audit.note(
                isRefresh ? .refreshReplayed : .codeReplayed, .refused, of: person, by: .stranger, with: client,
                from: request.auditOrigin)
        } else if refusal.code == .invalidClient {
            audit.noteLater(.clientRefused, .refused, from: request.auditOrigin)
        }
    }

    private func mount<E: Endpoint>(_ endpoint: E) -> [Route] {
        [
            Route(.post, E.path) { request in
                var known: Client?
                var response: Response
                do {
                    let form = try request.form()
                    try form.requireNoRepetition()
                    let credentials = try ClientCredentials(authorization: try request.authorization(), form: form)
                    let client = try await authentication.authenticate(credentials)
                    known = client
                    response = answers.success(try await endpoint.respond(to: form, from: client))
                    if let grant = form[.grantType].flatMap({ GrantType(rawValue: $0) }) {
                        if audit.notesTokens {
                            try await audit.note(
                                .tokensIssued, by: .client, with: client.id, from: request.auditOrigin,
                                details: ["grant_type": grant.rawValue])
                        }
                        response = response.noting(.issued(grant))
                    }
                } catch {
                    var reason = error
                    do {
                        if let refusal = error as? OAuthError { try await note(refusal, known?.id, request) }
                    } catch {
                        reason = error
                    }
                    await explanations.note(error, of: request.hasForm ? request.body : [], known, for: request)
                    response = answers.refusal(reason, challenge: .basic, for: request)
                }
                response.notes.client = known?.id.rawValue
                return response
=======
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
>>>>>>> 2ec37986d0df24e4dc886c94f5297697aa2b66ee
            },
            Route(.options, TokenEndpoint.path) { [answer = answers.preflight("POST")] _ in answer },
        ]
    }
}
