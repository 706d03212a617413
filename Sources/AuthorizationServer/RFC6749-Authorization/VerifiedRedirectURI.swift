public import OAuthTypes
import Stores

/// A redirect URI of a request that was found among the client's registered ones: only such a one ever gets an answer.
public struct VerifiedRedirectURI: Sendable, Hashable {
    /// The text of the request, byte for byte (the port of a loopback address may differ from the registered one).
    public let rawValue: String
    /// The registered entry that it matched.
    public let registered: RedirectURI

    /// Nil where the request's value, or the lack of one, does not settle on a registered entry.
    ///
    /// RFC 6749 §3.1.2.3; OpenID Connect Core §3.1.2.1 requires the parameter.
    init?(_ parameters: FormParameters, for client: Client) {
        guard let requested = parameters[.redirectURI] else {
            let isOpenID = ScopeSet(parsing: parameters[.scope] ?? "")?.contains(.openid) ?? false
            guard !isOpenID, client.redirectURIs.count == 1, let only = client.redirectURIs.first else { return nil }
            rawValue = only.rawValue
            registered = only
            return
        }
        guard let match = client.redirectURIs.first(where: { $0.matches(requested) }) else { return nil }
        rawValue = requested
        registered = match
    }
}
