public import AuthorizationServer
public import HTTP
import OAuthTypes
import Stores

/// Takes for the log why a request was refused, in words for the operator alone.
///
/// The support code is the identifier of the request, which every answer has in `X-Request-Id`.
public typealias RefusalReport = @Sendable (RequestID, Explanation) -> Void

/// Explains refusals to the log.
struct Explanations: Sendable {
    private let environment: ServerEnvironment
    /// Nil where nobody listens.
    private let report: RefusalReport?

    init(_ parts: Site.Parts) {
        environment = parts.environment
        report = parts.refusals
    }

    /// Explains the refusal of a form; `client` is who it came from, where that was proven or is known, and `named` whom
    /// the request names otherwise than in its form.
    func note(
        _ error: any Error, of form: [UInt8] = [], _ client: Client? = nil, naming named: ClientID? = nil,
        for request: Request
    ) async {
        guard let report, let refusal = error as? OAuthError, refusal.cause == nil else { return }
        let parameters = (try? FormParameters(decoding: form)) ?? FormParameters()
        var client = client
        if client == nil, let id = named ?? parameters[.clientID].flatMap({ ClientID($0) }) {
            // Of a client that is there the cache knows; a stranger's name costs the look-up that was made before.
            client = try? await environment.clients.find(id)
        }
        report(request.id, Explanation(of: refusal, to: parameters, from: client))
    }

    /// Explains a refusal in other words.
    func note(_ explanation: Explanation, for request: Request) { report?(request.id, explanation) }
}
