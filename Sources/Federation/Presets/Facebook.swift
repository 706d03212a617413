import Stores

extension Preset {
    /// Facebook: OAuth 2.0; it does not say whether an address is verified, so none counts as it.
    static let facebook = Preset(
        "facebook", .oauth2, title: "Facebook", registration: "developers.facebook.com, an app with Facebook Login",
        fixed: { (settings: inout ConnectorSettings) in
            settings.authorizationEndpoint = "https://www.facebook.com/v22.0/dialog/oauth"
            settings.tokenEndpoint = "https://graph.facebook.com/v22.0/oauth/access_token"
            settings.userInfoEndpoint = "https://graph.facebook.com/v22.0/me?fields=id,name,email,first_name,last_name"
            settings.scopes = ["public_profile", "email"]
            settings.authentication = .post
            settings.claims = ClaimMapping(
                subject: "id", details: [.givenName: "first_name", .familyName: "last_name"])
            settings.policy.emailTrust = .never
        })
}
