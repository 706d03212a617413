import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Stores

/// What clients do with tokens over HTTP besides getting them: revocation (RFC 7009) and introspection (RFC 7662, RFC 9701).
struct TokenCareRoutes: Sendable {
    private let answers: JSONAnswers
    private let entrance: ClientEntrance
    private let revocation: RevocationEndpoint
    private let introspection: IntrospectionEndpoint

    init(_ parts: Site.Parts) {
        answers = JSONAnswers(parts)
        entrance = ClientEntrance(parts)
        revocation = RevocationEndpoint(parts.environment)
        introspection = IntrospectionEndpoint(parts.environment)
    }

    var routes: [Route] {
        [
            Route(.post, RevocationEndpoint.path) { request in
                await entrance.answer(request, at: RevocationEndpoint.path) { form, client in
                    let response = try await revocation.respond(to: form, from: client)
                    switch response {
                    case .grant(_, let user):
                        try await entrance.audit.note(
                            .grantRevoked, of: user, by: .client, with: client.id, from: request.auditOrigin)
                    case .token:
                        try await entrance.audit.note(
                            .tokenRevoked, by: .client, with: client.id, from: request.auditOrigin)
                    case .nothing: break
                    }
                    return answers.success(response)
                }
            },
            Route(.options, RevocationEndpoint.path) { [answer = answers.preflight("POST")] _ in answer },
            Route(.post, IntrospectionEndpoint.path) { request in
                await entrance.answer(request, at: IntrospectionEndpoint.path) { form, client in
                    let response = try await introspection.respond(to: form, from: client)
                    guard request.accepts(IntrospectionEndpoint.signedType) else { return answers.success(response) }
                    return answers.success(
                        try await introspection.sign(response, for: client), as: IntrospectionEndpoint.signedType)
                }
            },
        ]
    }
}

extension Request {
    /// Whether the caller names a media type as one that it takes: RFC 9110 §12.5.1, without wildcards.
    func accepts(_ type: String) -> Bool {
        headers.values(of: "Accept").contains { value in
            value.split(separator: ",").contains { element in
                let parts = element.split(separator: ";").map { $0.trimmed.lowercased() }
                return parts.first == type && !parts.dropFirst().contains { $0 == "q=0" || $0.hasPrefix("q=0.0") }
            }
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
