import Stores

extension Preset {
    /// Another Martlet, by its `issuer`.
    ///
    /// What it says of a second factor can be believed where its operator can.
    static let martlet = Preset(
        "martlet", .openID, title: "Martlet", registration: "martlet client add there, with the redirect URI of here",
        fixed: { (settings: inout ConnectorSettings) in
            settings.scopes = ["openid", "profile", "email"]
            settings.authentication = .basic
        })
}
