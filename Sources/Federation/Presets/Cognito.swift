import Stores

extension Preset {
    /// Amazon Cognito: `tenant` is the user pool, such as `eu-central-1_AbCdEf123`, whose head is the region.
    static let cognito = Preset(
        "cognito", .openID, title: "Amazon Cognito",
        registration: "the Cognito console, an app client of the user pool",
        completing: { (settings: inout ConnectorSettings) throws(SettingsFault) in
            var own = ConnectorSettings()
            if settings.issuer == nil {
                let pool = try settings.requiredTenant()
                guard let region = pool.cut(at: "_").rest.map({ _ in pool.cut(at: "_").head }), !region.isEmpty else {
                    throw .wrong("tenant", needs: "a user pool such as eu-central-1_AbCdEf123")
                }
                own.issuer = "https://cognito-idp.\(region).amazonaws.com/\(pool)"
            }
            own.scopes = ["openid", "profile", "email"]
            own.authentication = .basic
            settings.fill(from: own)
        })
}
