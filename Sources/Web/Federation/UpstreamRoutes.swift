import AuthorizationServer
import Federation
import HTTP
import Identity
import JSON
import OAuthTypes
import Stores

/// What programs ask below a connector's address: the provider, which says whom it signed out, and our clients, which
/// get its tokens.
struct UpstreamRoutes: Sendable {
    let parts: Site.FederationParts
    let answers: JSONAnswers
    let environment: ServerEnvironment
    let sessions: Sessions
    let audit: AuditTrail
    let explanations: Explanations

    init(_ parts: Site.FederationParts, _ site: Site.Parts) {
        self.parts = parts
        answers = JSONAnswers(site)
        environment = site.environment
        sessions = site.sessions
        audit = site.audit
        explanations = Explanations(site)
    }

    /// Room for a logout token.
    private static let bodyLimit = 32 * 1024
    /// A person with more sessions than this many hundreds keeps the rest until the next logout token.
    private static let rounds = 10

    var routes: [Route] {
        [
            Route(.post, "/federation/:connector/logout", bodyLimit: UpstreamRoutes.bodyLimit) { request in
                // Also where people no longer sign in by it: who did so before is still to be signed out.
                await guarded(request, .basic, parts.federation.findToEnd) { upstream in
                    try await signOut(request, upstream)
                }
            },
            Route(.get, "/federation/:connector/token") { request in
                await guarded(request, .bearer, parts.federation.find) { upstream in try await token(request, upstream)
                }
            },
        ]
    }

    /// OpenID Connect Back-Channel Logout §2.5 to §2.8.
    private func signOut(_ request: Request, _ upstream: Upstream) async throws -> Response {
        guard let token = try request.form()[Parameter("logout_token")] else {
            throw OAuthError(
                .invalidRequest, "logout_token is missing", advice: "the form has the one parameter logout_token",
                rule: "OpenID Connect Back-Channel Logout §2.5")
        }
        let end: UpstreamSignOut
        do {
            end = try await upstream.signOut(by: token)
        } catch let fault as UpstreamFault {
            audit.noteLater(
                .signOut, .refused, from: request.auditOrigin,
                details: [
                    "connector": upstream.connector.id.rawValue, "reason": fault.reason?.rawValue ?? "declined",
                ])
            if case .unavailable = fault {
                throw OAuthError(
                    .temporarilyUnavailable, "the keys cannot be had",
                    advice: "the provider's jwks_uri does not answer; it tells the end again",
                    rule: "OpenID Connect Back-Channel Logout §2.6")
            }
            throw OAuthError(
                .invalidRequest, "the logout token is not valid here",
                advice: fault.reason.map { "\($0.rawValue): \($0.remedy)" },
                rule: "OpenID Connect Back-Channel Logout §2.6")
        }
        // Whoever is only on the way in is signed out there too.
        _ = try await environment.storage.pendingIdentities.end(
            end.connector, subject: end.subject, providerSession: end.subject == nil ? end.providerSession : nil,
            since: end.latest)
        let store = environment.storage.upstreamSessions
        for _ in 0..<UpstreamRoutes.rounds {
            let found = try await end.sessions(in: store, at: environment.clock.now)
            var ended = 0
            for session in found where try await sessions.end(session.sessionID, of: session.userID) {
                ended += 1
                try await audit.note(
                    .signOut, of: session.userID, from: request.auditOrigin,
                    details: ["connector": end.connector.rawValue])
            }
            guard ended > 0 else { break }
        }
        return answers.success(JSONObject())
    }

    /// The provider's access token, for a client with the scope `upstream:ID` in a session that began there.
    private func token(_ request: Request, _ upstream: Upstream) async throws -> Response {
        let token = try BearerToken(
            authorization: try request.authorization(), form: nil, query: try request.queryParameters())
        guard let token else { return answers.missingToken() }
        let id = upstream.connector.id
        guard let scope = Scope("upstream:" + id.rawValue) else { return answers.missingToken() }
        let access = try await GrantAccess(token, needing: scope, at: environment.clock.now, in: environment)
        let tokens: UpstreamTokens?
        do {
            tokens = try await parts.federation.tokens(
                of: access.grant.sessionID, at: id, in: environment.storage.upstreamSessions,
                environment.storage.links)
        } catch let fault as UpstreamFault {
            throw OAuthError(
                .temporarilyUnavailable, "the provider gives no new token at the moment",
                advice: fault.reason.map { "\($0.rawValue): \($0.remedy)" }, rule: "RFC 6749 §6")
        }
        guard let tokens, let text = tokens.accessToken else {
            throw OAuthError(
                .invalidRequest, "the session did not begin there, has ended, or no token of it is kept",
                advice: "the connector needs keep_tokens, and the person must have come by it", rule: "RFC 6750 §3.1")
        }
        // Noted whatever the operator has said of our own tokens: with this one somebody acts for the person elsewhere.
        try await audit.note(
            .upstreamTokenGiven, of: access.grant.userID, by: .client, with: access.clientID,
            from: request.auditOrigin, details: ["connector": id.rawValue])
        var content: JSONObject = ["access_token": .string(text), "token_type": "Bearer"]
        if let scope = tokens.scope { content["scope"] = .string(scope) }
        if let end = tokens.expiresAt {
            content["expires_in"] = .integer(max(0, (end - environment.clock.now).components.seconds))
        }
        return answers.success(content)
    }

    private func guarded(
        _ request: Request, _ challenge: JSONAnswers.Challenge,
        _ find: (ConnectorID) async throws -> Upstream?, _ body: (Upstream) async throws -> Response
    ) async -> Response {
        do {
            let id = ConnectorID(rawValue: request.parameter("connector") ?? "")
            guard let upstream = try await find(id) else {
                throw OAuthError(
                    .invalidRequest, "there is no such connector",
                    advice: "martlet connector list names them; one that is disabled is as good as none",
                    rule: "RFC 9110 §15.5.5")
            }
            return try await body(upstream)
        } catch {
            await explanations.note(error, for: request)
            return answers.refusal(error, challenge: challenge, for: request)
        }
    }
}
