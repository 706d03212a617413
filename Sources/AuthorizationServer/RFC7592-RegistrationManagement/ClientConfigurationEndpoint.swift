public import JSON
public import OAuthTypes
import Stores

/// Client configuration endpoint: RFC 7592 §2, OpenID Connect Registration §4.
///
/// A client reads, replaces and ends its own registration by the token that it got with it.
public struct ClientConfigurationEndpoint: Sendable {
    /// The path below the issuer.
    public static let path = RegistrationEndpoint.path + "/:client"

    private let registration: RegistrationEndpoint
    private var environment: ServerEnvironment { registration.environment }

    /// The endpoint beside the one that registers.
    public init(_ registration: RegistrationEndpoint) {
        self.registration = registration
    }

    static func address(of id: ClientID, at issuer: Issuer) -> String {
        issuer.address(of: RegistrationEndpoint.path) + "/" + FormParameters.encode(id.rawValue)
    }

    /// The registration as it is.
    public func read(_ id: String, token: BearerToken?) async throws -> RegisteredClient {
        let token = try present(token)
        return answer(try await client(id, token), token)
    }

    /// What came of a new description.
    public enum Replacement: Sendable {
        /// It holds from now on.
        case changed(RegisteredClient)
        /// It is the one that held: nothing was written.
        case unchanged(RegisteredClient)
        /// The client was changed too often; after that time it may be again.
        case tooMany(Duration)
    }

    /// Replaces the registration: what is left out falls back to what is said for a client that says nothing (§2.2).
    ///
    /// `admit` counts a change of the client whose token it is; it answers the time to wait where there were too many.
    public func replace(
        _ id: String, with members: JSONObject, token: BearerToken?,
        admitting admit: (ClientID) -> Duration? = { _ in nil }
    ) async throws -> Replacement {
        let token = try present(token)
        let client = try await client(id, token)
        if let pause = admit(client.id) { return .tooMany(pause) }
        // §2.2: what an operator has changed since is theirs to say.
        guard !client.metadata.isManaged else { throw ClientConfigurationEndpoint.managed }
        guard let named = members["client_id"]?.string, named.utf8.elementsEqual(client.id.rawValue.utf8) else {
            throw RegistrationRefusal("client_id", "must be the one of this client")
        }
        for name in ClientConfigurationEndpoint.ours where members[name] != nil {
            throw RegistrationRefusal(name, "is not the client's to say")
        }
        if let secret = members["client_secret"] {
            guard let secret = secret.string, client.hasSecret(secret, at: environment.clock.now) else {
                throw RegistrationRefusal("client_secret", "must be the one that this client has")
            }
        }
        let document = try await registration.checked(members, of: client)
        let changed = try client.described(by: document)
        guard changed != client else { return .unchanged(answer(client, token)) }
        guard try await environment.storage.clients.replace(changed) else {
            throw OAuthError(
                .temporarilyUnavailable, "the client was changed by another request; try again", rule: "RFC 7592 §2.2")
        }
        environment.clients.forget()
        return .changed(answer(changed, token))
    }

    /// Ends the registration, and with it every code, grant and consent of the client (§2.3).
    public func remove(_ id: String, token: BearerToken?) async throws -> ClientID {
        let client = try await client(id, try present(token))
        guard try await environment.storage.clients.remove(client.id) else {
            throw ClientConfigurationEndpoint.noToken
        }
        environment.clients.forget()
        return client.id
    }

    private static let ours = [
        "registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at",
    ]
    private static let managed = OAuthError(
        .insufficientScope, "the operator has taken this registration over; it can be read and removed",
        advice: "martlet client update changes it, since an operator did once", rule: "RFC 7592 §2.2")
    private static let noToken = OAuthError(
        .invalidToken, "the registration access token is not that of this client",
        advice:
            "the token is registration_access_token of the answer that registered the client, for its address alone",
        rule: "RFC 7592 §2.1")

    private func answer(_ client: Client, _ token: BearerToken) -> RegisteredClient {
        RegisteredClient(client, issuer: environment.issuer, secret: nil, registrationToken: token.rawValue)
    }

    private func present(_ token: BearerToken?) throws(OAuthError) -> BearerToken {
        guard let token else { throw ClientConfigurationEndpoint.noToken }
        return token
    }

    /// The client whose token it is; the same refusal for one that is not there (§2.1).
    private func client(_ id: String, _ token: BearerToken) async throws -> Client {
        let presented = TokenDigest(of: token.rawValue)
        // From the store: what was changed on another node a moment ago must not be undone here.
        guard let id = ClientID(id), let client = try await environment.storage.clients.find(id),
            let digest = client.registrationDigest, digest.isSame(as: presented)
        else { throw ClientConfigurationEndpoint.noToken }
        return client
    }
}

extension TokenDigest {
    /// Compared in constant time.
    fileprivate func isSame(as other: TokenDigest) -> Bool {
        zip(bytes, other.bytes).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
