import AuthorizationServer
public import OAuthTypes
public import Stores

extension Client {
    /// A client with a secret that may do everything.
    public static func confidential(
        _ id: String = "shop", secret: String = "shop secret",
        redirectURIs: [String] = ["https://shop.example/callback"],
        grantTypes: Set<GrantType> = Set(GrantType.allCases),
        scopes: ScopeSet = [.openid, .profile, .email, .offlineAccess, Scope("orders:read")!, Scope("orders:write")!],
        party: Party = .third
    ) -> Client {
        Client(
            id: ClientID(id)!, name: id, secretDigest: TokenDigest(of: secret),
            authenticationMethods: [.clientSecretBasic, .clientSecretPost],
            redirectURIs: redirectURIs.map(RedirectURI.registered),
            postLogoutRedirectURIs: [.registered("https://shop.example/bye")],
            grantTypes: grantTypes, scopes: scopes, party: party, createdAt: .noon
        )
    }

    /// A client without a secret.
    public static func open(
        _ id: String = "app", redirectURIs: [String] = ["https://app.example/callback"],
        grantTypes: Set<GrantType> = [.authorizationCode, .refreshToken],
        scopes: ScopeSet = [.openid, .profile, .email, .offlineAccess], party: Party = .third
    ) -> Client {
        Client(
            id: ClientID(id)!, name: id, secretDigest: nil, authenticationMethods: [.none],
            redirectURIs: redirectURIs.map(RedirectURI.registered),
            postLogoutRedirectURIs: [.registered("https://app.example/bye")],
            grantTypes: grantTypes, scopes: scopes, party: party, createdAt: .noon
        )
    }
}

extension RedirectURI {
    /// A URI that is known to be fit for registration.
    public static func registered(_ text: String) -> RedirectURI {
        (try? RedirectURI(registering: text))!
    }
}
