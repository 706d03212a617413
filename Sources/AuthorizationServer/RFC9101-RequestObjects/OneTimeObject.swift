import JOSE
import OAuthTypes
import Stores

/// A request object that is good for one code: RFC 7519 §4.1.7, for clients that must sign their requests.
///
/// It is spent with the code and not with the page, which people load again; and an object by reference is none, since
/// its client publishes it for as many requests as it likes. Without a `jti` there is nothing to tell two apart by.
struct OneTimeObject: Sendable {
    /// Under which it is remembered that it was used.
    let digest: TokenDigest
    /// When the last interaction that it can have begun ends, after which it need not be.
    let expiresAt: Timestamp

    /// Nil for one that is good as often as its client likes.
    init?(_ object: RequestObject, of client: Client, in environment: ServerEnvironment) {
        guard client.mustSignRequests, let name = object.claims.jwtID, let end = object.claims.expiresAt else {
            return nil
        }
        digest = TokenDigest(of: "request object \(client.id.rawValue) \(name)")
        expiresAt =
            Timestamp(seconds: end) + environment.policy.clockLeeway
            + environment.policy.interactionLifetime + .seconds(1)
    }

    static let refusal = OAuthError(
        .invalidRequestObject, "the request object was used before",
        advice: "a code was issued for a request object with this jti; each request needs a new one",
        rule: "RFC 7519 §4.1.7, FAPI 2.0 Message Signing §5.3.1")

    /// Throws where a code came of it: nobody is asked to sign in for nothing.
    func requireUnused(in environment: ServerEnvironment) async throws(OAuthError) {
        do {
            guard try await !environment.storage.spent.isSpent(digest) else { throw OneTimeObject.refusal }
        } catch let error as OAuthError {
            throw error
        } catch {
            throw OAuthError(breakage: error)
        }
    }

    /// Spends it; false where it was spent before.
    func spend(in environment: ServerEnvironment) async throws -> Bool {
        try await environment.storage.spent.spend(digest, expiresAt: expiresAt)
    }
}

extension OneTimeObject {
    /// The name in what an interaction keeps; what a browser sends under it counts for nothing.
    static let parameter = Parameter("martlet_request_object")

    /// As an interaction keeps it.
    var kept: String { Base64URL.encode(digest.bytes) + "." + String(expiresAt.microseconds) }

    init?(kept text: String) {
        let parts = text.split(separator: ".")
        guard parts.count == 2, let bytes = Base64URL.decode(String(parts[0])), let digest = TokenDigest(bytes: bytes),
            let end = Int64(parts[1])
        else { return nil }
        self.digest = digest
        expiresAt = Timestamp(microseconds: end)
    }
}
