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
            // Without it there is no refresh token, and what is kept is too old after an hour.
            if settings.keepsTokens == true { own.parameters = ["access_type": "offline"] }
            if settings.tenant != nil {
                // The parameter only chooses the page; the claim is what counts.
                let domain = try settings.requiredTenant()
                own.parameters = (own.parameters ?? [:]).merging(["hd": domain]) { first, _ in first }
                own.requiredClaims = ["hd": domain]
            }
            settings.fill(from: own)
        })
}
