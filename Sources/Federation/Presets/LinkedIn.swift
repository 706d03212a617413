import Stores

extension Preset {
    /// LinkedIn: OpenID Connect without nonce, and without a code challenge for applications that have a secret.
    ///
    /// So nothing but the state ties a code to who began, which no connector of an operator's own may have.
    static let linkedIn: Preset = {
        var preset = Preset(
            "linkedin", .openID, title: "LinkedIn",
            registration: "linkedin.com/developers, with the product Sign In with LinkedIn using OpenID Connect",
            fixed: { (settings: inout ConnectorSettings) in
                settings.issuer = "https://www.linkedin.com/oauth"
                settings.scopes = ["openid", "profile", "email"]
                settings.authentication = .post
                settings.usesPKCE = false
                settings.repeatsNonce = false
            })
        preset.bindsCodes = false
        return preset
    }()
}
