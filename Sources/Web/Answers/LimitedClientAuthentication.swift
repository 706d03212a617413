import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Stores

/// Authenticates clients wherever they come in, as often as their network may be wrong.
struct LimitedClientAuthentication: Sendable {
    /// No secret of this client is looked at from there, for a while.
    struct TooMany: Error {
        let wait: Duration
    }

    private let authentication: ClientAuthentication
    private let failures: ClientFailures
    private let clock: any TimeSource

    init(_ parts: Site.Parts) {
        authentication = ClientAuthentication(parts.environment)
        failures = parts.clientFailures
        clock = parts.environment.clock
    }

    /// The client; throws `OAuthError`, and `TooMany` whether the secret is right or not.
    func authenticate(
        _ credentials: ClientCredentials, at path: String = TokenEndpoint.path, _ request: Request
    ) async throws -> Client {
        guard credentials.isSecret else { return try await authentication.authenticate(credentials, at: path) }
        let address = request.peer.number
        if let wait = failures.pause(credentials.id, from: address, at: clock.now) { throw TooMany(wait: wait) }
        do {
            let client = try await authentication.authenticate(credentials, at: path)
            failures.noteProof(of: client.id, from: address)
            return client
        } catch let refusal as OAuthError where refusal.code == .invalidClient {
            failures.note(credentials.id, from: address, at: clock.now)
            throw refusal
        }
    }
}
