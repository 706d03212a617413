import AuthorizationServer
import HTTP
import Identity
import JSON
import OAuthTypes
import Stores

/// Registration of clients over HTTP: RFC 7591, RFC 7592.
struct RegistrationRoutes: Sendable {
    private let answers: JSONAnswers
    private let registration: RegistrationEndpoint
    private let configuration: ClientConfigurationEndpoint
    private let audit: AuditTrail
    private let explanations: Explanations
    private let rate: RegistrationRate
    private let clock: any TimeSource

    /// Nil where the operator lets nobody register a client.
    init?(_ parts: Site.Parts) {
        guard let policy = parts.registration else { return nil }
        answers = JSONAnswers(parts)
        registration = RegistrationEndpoint(parts.environment, policy: policy)
        configuration = ClientConfigurationEndpoint(registration)
        audit = parts.audit
        explanations = Explanations(parts)
        clock = parts.environment.clock
        rate = RegistrationRate(parts.requestRates)
    }

    var routes: [Route] {
        let one = ClientConfigurationEndpoint.path
        var all = [
            Route(.post, RegistrationEndpoint.path, bodyLimit: RegistrationEndpoint.largest) { request in
                await answer(request) {
                    let token = try request.bearer()
                    if token == nil, let pause = rate.take(request.auditOrigin, at: clock.now) {
                        return answers.tooMany(after: pause)
                    }
                    let registered = try await registration.register(try request.jsonObject(), token: token)
                    try await note(.clientAdded, registered.client.id, token == nil ? .stranger : .client, request)
                    return answers.success(registered, status: .created)
                }
            },
            Route(.get, one) { request in
                await answer(request) {
                    answers.success(try await configuration.read(request.client, token: try request.bearer()))
                }
            },
            Route(.put, one, bodyLimit: RegistrationEndpoint.largest) { request in
                await answer(request) {
                    let replacement = try await configuration.replace(
                        request.client, with: try request.jsonObject(), token: try request.bearer()
                    ) { rate.takeChange(of: $0, at: clock.now) }
                    switch replacement {
                    case .tooMany(let pause):
                        return answers.tooMany("the client changed its registration too often", after: pause)
                    case .unchanged(let client): return answers.success(client)
                    case .changed(let client):
                        try await note(.clientChanged, client.client.id, .client, request)
                        return answers.success(client)
                    }
                }
            },
            Route(.delete, one) { request in
                await answer(request) {
                    let id = try await configuration.remove(request.client, token: try request.bearer())
                    try await note(.clientRemoved, id, .client, request)
                    return answers.nothing()
                }
            },
        ]
        for (path, methods) in [(RegistrationEndpoint.path, "POST"), (one, "GET, PUT, DELETE")] {
            all.append(Route(.options, path) { [answer = answers.preflight(methods)] _ in answer })
        }
        return all
    }

    private func answer(_ request: Request, _ respond: () async throws -> Response) async -> Response {
        do {
            return try await respond()
        } catch let refusal as RegistrationRefusal {
            explanations.note(Explanation(of: refusal, to: try? request.jsonObject()), for: request)
            return answers.refusal(refusal)
        } catch {
            await explanations.note(error, for: request)
            return answers.refusal(error, challenge: .bearer, for: request)
        }
    }

    private func note(
        _ action: AuditAction, _ client: ClientID, _ actor: AuditEvent.Actor, _ request: Request
    ) async throws {
        try await audit.note(action, by: actor, with: client, from: request.auditOrigin)
    }
}

extension Request {
    fileprivate var client: String { parameter("client") ?? "" }

    fileprivate func bearer() throws -> BearerToken? {
        try BearerToken(authorization: try authorization(), form: nil, query: try queryParameters())
    }

    /// The content as a JSON object: RFC 7591 §3.1.
    fileprivate func jsonObject() throws(RegistrationRefusal) -> JSONObject {
        let type = headers["Content-Type"]?.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard type == "application/json", let object = try? JSONObject(parsing: body) else {
            throw RegistrationRefusal("the document", "must be a JSON object of the type application/json")
        }
        return object
    }
}
