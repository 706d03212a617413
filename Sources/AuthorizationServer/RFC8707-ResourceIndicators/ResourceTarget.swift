import JOSE
import OAuthTypes
import Stores

/// A resource as one client may ask for it: a configured one, or this server itself.
///
/// The server, by its issuer identifier, is the resource of whatever has no other, and its tokens have every scope. Its
/// UserInfo endpoint alone is one by its address (RFC 9728 §3.3).
struct ResourceTarget: Sendable {
    let id: ResourceIdentifier
    /// Nil for every scope.
    let scopes: ScopeSet?
    let format: AccessTokenFormat
    let tokenLifetime: Duration?
    let grantLifetime: Duration?
    let algorithm: SignatureAlgorithm?

    /// What means something to the UserInfo endpoint: OpenID Connect Core §5.4.
    static let userInfoScopes: ScopeSet = [.openid, .profile, .email, .address, .phone]

    init?(_ id: ResourceIdentifier, for client: Client, among known: [Resource], at issuer: Issuer) {
        self.id = id
        let isUserInfo = id == issuer.userInfoResource
        guard !isUserInfo, !id.rawValue.utf8.elementsEqual(issuer.url.utf8) else {
            scopes = isUserInfo ? ResourceTarget.userInfoScopes : nil
            format = client.metadata.accessTokenFormat ?? .jwt
            (tokenLifetime, grantLifetime, algorithm) = (nil, nil, nil)
            return
        }
        guard let resource = known.first(where: { $0.id == id }), resource.isOpen(to: client) else { return nil }
        scopes = resource.scopes
        format = resource.format
        tokenLifetime = resource.tokenLifetime.map { .seconds($0) }
        grantLifetime = resource.grantLifetime.map { .seconds($0) }
        algorithm = resource.algorithm
    }

    /// Whether a token with these scopes says something to it: a resource that has no scopes asks for none.
    func fits(_ granted: ScopeSet) -> Bool {
        guard let scopes, !scopes.isEmpty else { return true }
        return !scopes.intersection(granted).isEmpty
    }

    /// Whether one token can be for both.
    func goes(with other: ResourceTarget) -> Bool {
        format == other.format && (format == .opaque || algorithm == other.algorithm)
    }
}

extension Resource {
    /// Whether a client may ask for it.
    ///
    /// Where it has no scopes, which would have to be allowed to a client, a stranger's that registered itself must be named.
    fileprivate func isOpen(to client: Client) -> Bool {
        clients.contains(client.id) || clients.isEmpty && !(scopes.isEmpty && client.isSelfRegistered)
    }
}

extension [ResourceTarget] {
    /// What of these scopes means something at one of them.
    func narrowed(_ scopes: ScopeSet) -> ScopeSet {
        guard allSatisfy({ $0.scopes != nil }) else { return scopes }
        return scopes.intersection(reduce(into: []) { $0 = $0.union($1.scopes ?? []) })
    }
}
