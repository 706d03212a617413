import Stores

extension Preset {
    /// Keycloak: `issuer` is the realm, such as `https://login.example.com/realms/staff`.
    static let keycloak = Preset(
        "keycloak", .openID, title: "Keycloak", registration: "the realm, Clients, with client authentication on",
        fixed: { (settings: inout ConnectorSettings) in
            settings.scopes = ["openid", "profile", "email"]
            settings.authentication = .basic
        })
}
