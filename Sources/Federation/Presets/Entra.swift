import Stores

extension Preset {
    /// Microsoft Entra: `tenant` is the number of a directory, or `organizations`, `consumers`, `common` for many.
    ///
    /// An address there is what an administrator typed, so it counts as verified only where the directory says that it
    /// has verified its domain (`xms_edov`, an optional claim).
    static let entra = Preset(
        "entra", .openID, title: "Microsoft", registration: "entra.microsoft.com, App registrations",
        completing: { (settings: inout ConnectorSettings) throws(SettingsFault) in
            let tenant = try settings.requiredTenant()
            var own = ConnectorSettings()
            let root = "https://login.microsoftonline.com/"
            switch tenant {
            case "common", "organizations":
                own.issuer = root + tenant + "/v2.0"
                own.issuerTemplate = root + "{tenantid}/v2.0"
            case "consumers":
                // The directory of all private accounts.
                own.issuer = root + "9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"
            default:
                own.issuer = root + tenant + "/v2.0"
            }
            own.scopes = ["openid", "email", "profile"]
            own.authentication = .post
            own.claims = ClaimMapping(emailVerified: "xms_edov")
            settings.fill(from: own)
        })
}
