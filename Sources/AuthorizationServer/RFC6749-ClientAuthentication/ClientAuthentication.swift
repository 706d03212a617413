import JOSE
import OAuthTypes
public import Stores

/// Client authentication: RFC 6749 §2.3, the same for every endpoint that clients call.
public struct ClientAuthentication: Sendable {
    private let environment: ServerEnvironment
    private let assertions: AssertionVerifier

    /// Client authentication in an environment.
    public init(_ environment: ServerEnvironment) {
        self.environment = environment
        assertions = AssertionVerifier(environment)
    }

    /// The client that the credentials prove; one refusal for every reason, so that no client can be guessed at.
    ///
    /// `path`: of the endpoint that was called, below the issuer.
    public func authenticate(
        _ credentials: ClientCredentials, at path: String = TokenEndpoint.path
    ) async throws -> Client {
        let client = try await environment.clients.find(credentials.id)
        guard let client, client.authenticationMethods.contains(credentials.method) else {
            // An unknown client costs the same work as a wrong secret.
            if case .secret(let secret) = credentials.proof { _ = SHA256.digest(of: secret) }
            throw ClientAuthentication.refusal(credentials.advice(for: client))
        }
        switch credentials.proof {
        case .nothing:
            guard client.isPublic else { throw ClientAuthentication.refusal("the client has to prove who it is") }
        case .secret(let secret):
            guard client.hasSecret(secret, at: environment.clock.now) else {
                throw ClientAuthentication.refusal(client.advice(onSecret: secret))
            }
        case .assertion(let assertion): try await assertions.verify(assertion, of: client, at: path)
        }
        return client
    }

    /// What every refusal looks like from outside; advice and rule are for the operator.
    static func refusal(_ advice: String, _ rule: StaticString = "RFC 6749 §2.3.1") -> OAuthError {
        OAuthError(.invalidClient, "client authentication failed", advice: advice, rule: rule)
    }
}

extension ClientCredentials {
    /// Why they are none of a client's.
    fileprivate func advice(for client: Client?) -> String {
        guard let client else { return "no client has this client_id" }
        let registered = client.authenticationMethods.map(\.rawValue).sorted().joined(separator: ", ")
        return "the client came by \(method.rawValue), and is registered for \(registered)"
    }
}

extension Client {
    /// Why a secret that came is not a good one.
    fileprivate func advice(onSecret secret: String) -> String {
        let isFormer = formerSecret.flatMap { SHA256Digest($0.digest.bytes) } == SHA256.digest(of: secret)
        return isFormer
            ? "the secret is the one before, and its time is over: use the newest" : "the secret is not the client's"
    }
}

extension Client {
    /// Whether a secret is the client's: the newest one, or the one before while that is still good.
    func hasSecret(_ secret: String, at now: Timestamp) -> Bool {
        let presented = SHA256.digest(of: secret)
        var digests = [secretDigest]
        if let former = formerSecret, now < former.expiresAt { digests.append(former.digest) }
        // In constant time; both are looked at, so that nobody learns which it was.
        return digests.compactMap { $0.flatMap { SHA256Digest($0.bytes) } }
            .reduce(false) { found, digest in digest == presented || found }
    }

    /// Its sealed secrets that are good now, the newest first.
    func readableSecrets(at now: Timestamp) -> [[UInt8]] {
        let former = formerSecret.flatMap { now < $0.expiresAt ? $0.sealed : nil }
        return [sealedSecret, former].compactMap(\.self)
    }
}
