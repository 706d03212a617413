import Stores

extension Preset {
    /// GitHub: OAuth 2.0; who the person is says a call of the API, and another one which addresses are verified.
    ///
    /// People are known by a number: names there are given to others again.
    static let gitHub = Preset(
        "github", .oauth2, title: "GitHub", registration: "github.com/settings/developers, OAuth Apps",
        fixed: { (settings: inout ConnectorSettings) in
            settings.authorizationEndpoint = "https://github.com/login/oauth/authorize"
            settings.tokenEndpoint = "https://github.com/login/oauth/access_token"
            settings.userInfoEndpoint = "https://api.github.com/user"
            settings.emailsEndpoint = "https://api.github.com/user/emails"
            settings.scopes = ["read:user", "user:email"]
            settings.authentication = .post
            settings.claims = ClaimMapping(
                subject: "id",
                details: [
                    .preferredUsername: "login", .profile: "html_url", .picture: "avatar_url", .website: "blog",
                ])
        })
}
