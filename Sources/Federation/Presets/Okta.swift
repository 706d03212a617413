import Stores

extension Preset {
    /// Okta: `tenant` is the host of the organization, such as `example.okta.com`.
    ///
    /// `issuer` names another authorization server of it, such as `https://example.okta.com/oauth2/default`.
    static let okta = Preset(
        "okta", .openID, title: "Okta", registration: "the Okta console, Applications, OIDC web application",
        completing: { (settings: inout ConnectorSettings) throws(SettingsFault) in
            var own = ConnectorSettings()
            if settings.issuer == nil { own.issuer = "https://" + (try settings.requiredTenant()) }
            own.scopes = ["openid", "profile", "email"]
            own.authentication = .basic
            settings.fill(from: own)
        })
}
