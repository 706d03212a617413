import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Stores

/// How a client comes in on the back channel: a form, and credentials in it or before it.
struct ClientEntrance: Sendable {
    let audit: AuditTrail
    private let answers: JSONAnswers
    private let authentication: ClientAuthentication
    private let grants: any GrantStore
    private let environment: ServerEnvironment

    init(_ parts: Site.Parts) {
        audit = parts.audit
        answers = JSONAnswers(parts)
        authentication = ClientAuthentication(parts.environment)
        grants = parts.environment.storage.grants
        environment = parts.environment
    }

    /// Authenticates the client and answers as `respond` does, or with what either of them refuses.
    func answer(
        _ request: Request, at path: String, _ respond: (FormParameters, Client) async throws -> Response
    ) async -> Response {
        var known: ClientID?
        var response: Response
        do {
            let form = try request.form()
            try form.requireNoRepetition()
            let credentials = try ClientCredentials(authorization: try request.authorization(), form: form)
            let client = try await authentication.authenticate(credentials, at: path)
            known = client.id
            response = try await respond(form, client)
        } catch {
            if let refusal = error as? OAuthError { await note(refusal, known, request) }
            response = answers.refusal(error, challenge: .basic, for: request)
        }
        response.notes.client = known?.rawValue
        return response
    }

    /// What was used before is in two hands, and whoever does not prove to be the client is another one.
    private func note(_ refusal: OAuthError, _ client: ClientID?, _ request: Request) async {
        if let grant = refusal.revokedGrant {
            // Who loses by it is told where the grant can still be read.
            let person = try? await grants.find(GrantID(rawValue: grant), at: environment.clock.now)?.userID
            let isRefresh = (try? request.form()[.grantType]) == GrantType.refreshToken.rawValue
            audit.noteLater(
                isRefresh ? .refreshReplayed : .codeReplayed, .refused, of: person, with: client,
                from: request.auditOrigin)
        } else if refusal.code == .invalidClient {
            audit.noteLater(.clientRefused, .refused, from: request.auditOrigin)
        }
    }
}
