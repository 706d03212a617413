import JOSE
import JSON
public import OAuthTypes
public import Stores
import TokenVerifier

/// Whom a provider has signed out: OpenID Connect Back-Channel Logout §2.5, seen from the client.
public struct UpstreamSignOut: Sendable, Equatable {
    /// At which connector.
    public let connector: ConnectorID
    /// The person; nil where the session says it alone.
    public let subject: String?
    /// The session at the provider; nil for all of the person.
    public let providerSession: String?

    /// The sessions here that it ends, the first hundred.
    public func sessions(in store: some UpstreamSessionStore, at now: Timestamp) async throws -> [UpstreamSession] {
        if let providerSession {
            let all = try await store.list(connector, providerSession: providerSession, at: now)
            // A session of somebody else under the same name is not meant.
            return all.filter { $0.subject.utf8.elementsEqual((subject ?? $0.subject).utf8) }
        }
        guard let subject else { return [] }
        return try await store.list(connector, subject: subject, at: now)
    }
}

extension Upstream {
    /// Verifies a logout token: OpenID Connect Back-Channel Logout §2.6; each counts once.
    public func signOut(by token: String) async throws -> UpstreamSignOut {
        let metadata = try await metadata()
        guard connector.kind == .openID, let address = metadata.keySetAddress else {
            throw UpstreamFault.untrusted(.noKeys)
        }
        var rules = TokenRules(issuer: try issuer.expected(of: token), audience: settings.clientID ?? "")
        rules.leeway = Upstream.leeway
        let verifier = LogoutTokenVerifier(rules, keys: keys(at: address), clock: parts.verifierClock)
        let verified: VerifiedLogoutToken
        do throws(TokenRefusal) {
            verified = try await verifier.verify(token)
        } catch {
            throw UpstreamFault(error)
        }
        let digest = SHA256.digest(of: Array("logout \(connector.id.rawValue) \(verified.id)".utf8))
        // As long as its verifier would take it, but not for as long as its maker pleases.
        let end = min(verified.expiresAt, parts.clock.now.seconds + 86_400) + Upstream.leeway.components.seconds
        guard let digest = TokenDigest(bytes: digest.bytes),
            try await parts.spent.spend(digest, expiresAt: Timestamp(seconds: end))
        else { throw UpstreamFault.foreignAnswer(.replayedState) }
        // Where people are known by another claim, a token that lacks it names nobody.
        let subject =
            settings.claims.subject.map { verified.claims.members.value(at: $0)?.string } ?? verified.subject
        return UpstreamSignOut(
            connector: connector.id, subject: subject.map { issuer.subject($0, in: verified.claims) },
            providerSession: verified.sessionID)
    }
}
