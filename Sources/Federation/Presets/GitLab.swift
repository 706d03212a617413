import Stores

extension Preset {
    /// GitLab: gitlab.com, or the installation at `tenant`.
    static let gitLab = Preset(
        "gitlab", .openID, title: "GitLab", registration: "the settings of a user or group, Applications",
        completing: { (settings: inout ConnectorSettings) throws(SettingsFault) in
            var own = ConnectorSettings()
            own.issuer = "https://" + (settings.tenant == nil ? "gitlab.com" : try settings.requiredTenant())
            own.scopes = ["openid", "profile", "email"]
            own.authentication = .basic
            settings.fill(from: own)
        })
}
