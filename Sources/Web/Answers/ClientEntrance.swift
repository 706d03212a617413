import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Stores

/// How a client comes in on the back channel: a form, and credentials in it or before it.
struct ClientEntrance: Sendable {
    let audit: AuditTrail
    private let answers: JSONAnswers
    private let authentication: LimitedClientAuthentication
    private let grants: any GrantStore
    private let environment: ServerEnvironment
    private let explanations: Explanations

    init(_ parts: Site.Parts) {
        audit = parts.audit
        answers = JSONAnswers(parts)
        authentication = LimitedClientAuthentication(parts)
        grants = parts.environment.storage.grants
        environment = parts.environment
        explanations = Explanations(parts)
    }

    /// Authenticates the client and answers as `respond` does, or with what either of them refuses.
    func answer(
        _ request: Request, at path: String, _ respond: (FormParameters, Client) async throws -> Response
    ) async -> Response {
        var known: Client?
        var named: ClientID?
        var response: Response
        do {
            let form = try request.form()
            try form.requireNoRepetition()
            let credentials = try ClientCredentials(authorization: try request.authorization(), form: form)
            named = credentials.id
            let client = try await authentication.authenticate(credentials, at: path, request)
            known = client
            response = try await respond(form, client)
        } catch let refusal as LimitedClientAuthentication.TooMany {
            return tooMany(after: refusal.wait, request)
        } catch {
            var reason = error
            do {
                if let refusal = error as? OAuthError { try await note(refusal, known?.id, request) }
            } catch {
                reason = error
            }
            await explanations.note(
                error, of: request.hasForm ? request.body : [], known, naming: named, for: request)
            response = answers.refusal(reason, challenge: .basic, for: request)
        }
        response.notes.client = known?.id.rawValue
        return response
    }

    /// A client whose secret this network guesses at, as it seems: no secret is looked at for a while.
    private func tooMany(after pause: Duration, _ request: Request) -> Response {
        explanations.note(
            Explanation(
                code: "too_many", check: "too many wrong secrets of this client came from this network",
                section: "RFC 6749 §2.3.1, §10.10",
                advice: "the limit is MARTLET_CLIENT_FAILURES_PER_NETWORK, by the minute"), for: request)
        return answers.tooMany("too many wrong secrets of this client came from this network", after: pause)
    }

    /// What was used before is in two hands, and whoever does not prove to be the client is another one.
    ///
    /// A replay has revoked what was issued, and takes a token that was good once: no flood of strangers' attempts shall
    /// crowd it out of the log, so it is there before the answer.
    private func note(_ refusal: OAuthError, _ client: ClientID?, _ request: Request) async throws {
        if let grant = refusal.revokedGrant {
            // Who loses by it is told where the grant can still be read.
            let person = try? await grants.find(GrantID(rawValue: grant), at: environment.clock.now)?.userID
            let isRefresh = (try? request.form()[.grantType]) == GrantType.refreshToken.rawValue
            try await audit.note(
                isRefresh ? .refreshReplayed : .codeReplayed, .refused, of: person, by: .stranger, with: client,
                from: request.auditOrigin)
        } else if refusal.code == .invalidClient {
            audit.noteLater(.clientRefused, .refused, from: request.auditOrigin)
        }
    }
}
