import Stores

extension Preset {
    /// Auth0: `tenant` is the host, such as `example.eu.auth0.com`; its issuer ends with a slash.
    static let auth0 = Preset(
        "auth0", .openID, title: "Auth0", registration: "manage.auth0.com, Applications, Regular Web Application",
        completing: { (settings: inout ConnectorSettings) throws(SettingsFault) in
            var own = ConnectorSettings()
            if settings.issuer == nil { own.issuer = "https://" + (try settings.requiredTenant()) + "/" }
            own.scopes = ["openid", "profile", "email"]
            own.authentication = .post
            settings.fill(from: own)
        })
}
