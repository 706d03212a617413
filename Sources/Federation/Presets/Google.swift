import Stores

extension Preset {
    /// Google: OpenID Connect; `tenant` is the domain of an organization, whose people alone may come then.
    static let google = Preset(
        "google", .openID, title: "Google", registration: "console.cloud.google.com, APIs & Services, Credentials",
        completing: { (settings: inout ConnectorSettings) throws(SettingsFault) in
            var own = ConnectorSettings()
            own.issuer = "https://accounts.google.com"
            own.scopes = ["openid", "email", "profile"]
            own.authentication = .post
            if settings.tenant != nil {
                // The parameter only chooses the page; the claim is what counts.
                let domain = try settings.requiredTenant()
                own.parameters = ["hd": domain]
                own.requiredClaims = ["hd": domain]
            }
            settings.fill(from: own)
        })
}
