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
    /// When the provider said so: what begins later is not meant, also where the token is shown once more.
    public let saidAt: Timestamp

    /// What began here until then is meant.
    public var latest: Timestamp { saidAt + Upstream.leeway }

    /// The sessions here that it ends, the first hundred.
    public func sessions(in store: some UpstreamSessionStore, at now: Timestamp) async throws -> [UpstreamSession] {
        var found: [UpstreamSession] = []
        if let providerSession {
            let all = try await store.list(connector, providerSession: providerSession, at: now)
            // A session of somebody else under the same name is not meant.
            found = all.filter { $0.subject.utf8.elementsEqual((subject ?? $0.subject).utf8) }
        }
        if let subject {
            let all = try await store.list(connector, subject: subject, at: now)
            // One of which the provider never said which of its own it belongs to may belong to this one.
            found += all.filter { providerSession == nil || $0.providerSession == nil }
        }
        return found.filter { $0.createdAt <= latest }
    }
}

extension Upstream {
    /// Verifies a logout token: OpenID Connect Back-Channel Logout §2.6.
    ///
    /// It may come again, as after an error of ours: whom it ends is ended once, and who signs in later is not meant.
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
        guard let saidAt = verified.claims["iat"]?.integer else { throw UpstreamFault.untrusted(.malformedToken) }
        // Where people are known by another claim, a token that lacks it names nobody.
        let subject =
            settings.claims.subject.map { Profile.identifier(verified.claims.members.value(at: $0)) }
            ?? verified.subject
        // One that ends nothing must not look as if it had.
        guard subject != nil || verified.sessionID != nil else { throw UpstreamFault.untrusted(.noSubject) }
        return UpstreamSignOut(
            connector: connector.id, subject: subject.map { issuer.subject($0, in: verified.claims) },
            providerSession: verified.sessionID, saidAt: Timestamp(seconds: saidAt))
    }
}
