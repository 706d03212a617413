import OAuthTypes
import Stores

/// When a request for `offline_access` counts: OpenID Connect Core §11.
///
/// What it brings is that refresh tokens outlive the sign-out; without it they end with the session.
enum OfflineAccess {
    /// The scopes, without `offline_access` where nobody is asked for it: then it is ignored.
    ///
    /// Somebody is asked where the request says so (`prompt=consent`), and whenever a client is a third party: its consent
    /// page names `offline_access`, and what was allowed there before counts as §11 lets it. People are not asked about the
    /// operator's own clients; for one of these the operator may say that it counts all the same.
    static func judged(
        _ scopes: ScopeSet, _ prompts: Set<Prompt>, of client: Client
    ) throws(OAuthError) -> ScopeSet {
        guard scopes.contains(.offlineAccess), client.party == .first, !prompts.contains(.consent),
            !client.allows(.offlineWithoutConsent)
        else { return scopes }
        let rest = scopes.subtracting([.offlineAccess])
        guard !rest.isEmpty else {
            throw OAuthError(
                .invalidScope, "offline_access needs prompt=consent, or another scope beside it",
                advice: "add prompt=consent, or ask for another scope beside offline_access",
                rule: "OpenID Connect Core §11")
        }
        return rest
    }
}

extension Client {
    func allows(_ exception: Compatibility) -> Bool { metadata.allows(exception) }

    /// Whether what it was granted comes with refresh tokens: with every grant of a client that may use them, unless it is
    /// registered to get them with `offline_access` alone.
    func getsRefreshTokens(for scopes: ScopeSet) -> Bool {
        guard grantTypes.contains(.refreshToken) else { return false }
        return metadata.refreshTokens != .offlineAccess || scopes.contains(.offlineAccess)
    }

    /// How long one of its refresh tokens lives unused.
    func refreshIdleLifetime(_ policy: Policy) -> Duration {
        metadata.refreshIdleLifetime.map { .seconds($0) } ?? policy.refreshIdleLifetime
    }
}
