import Stores

extension Preset {
    /// Discord: OAuth 2.0 with a call of the API.
    static let discord = Preset(
        "discord", .oauth2, title: "Discord", registration: "discord.com/developers/applications, OAuth2",
        fixed: { (settings: inout ConnectorSettings) in
            settings.authorizationEndpoint = "https://discord.com/oauth2/authorize"
            settings.tokenEndpoint = "https://discord.com/api/oauth2/token"
            settings.userInfoEndpoint = "https://discord.com/api/users/@me"
            settings.scopes = ["identify", "email"]
            settings.authentication = .post
            settings.claims = ClaimMapping(
                subject: "id", emailVerified: "verified", name: "global_name",
                details: [.preferredUsername: "username"])
        })
}
