public import JSON

/// The settings of a connector that speaks OpenID Connect or OAuth 2.0: one JSON object, in which nothing is ignored.
///
/// Every member may be left out: a preset knows most, and what is missing in the end is said by `Upstream`.
public struct ConnectorSettings: Sendable, Equatable {
    /// How we prove ourselves at the token endpoint: OpenID Connect Core §9.
    public enum Authentication: String, Sendable, CaseIterable {
        /// RFC 6749 §2.3.1: HTTP Basic.
        case basic = "client_secret_basic"
        /// RFC 6749 §2.3.1: in the body.
        case post = "client_secret_post"
        /// A public client.
        case none
        /// A secret that is a JWT, signed with a key for a few minutes: what Apple asks for.
        case signedSecret = "signed_secret"
    }

    /// How the answer comes back.
    public enum ResponseMode: String, Sendable, CaseIterable {
        /// In the address.
        case query
        /// By a form that the browser posts.
        case formPost = "form_post"
    }

    /// `client_id`: who we are at the provider.
    public var clientID: String?
    /// `issuer`: who the provider says it is; its discovery document is below that.
    public var issuer: String?
    /// `issuer_template`: what the discovery document names instead, with `{tenantid}` for the tenant of each person.
    public var issuerTemplate: String?
    /// `tenant`: the part of the provider's addresses that is the operator's own; presets say what it is.
    public var tenant: String?
    /// `tenants`: whose people may sign in where one address serves all tenants; nil for every tenant.
    public var tenants: [String]?
    /// `team_id`: whose account the key belongs to, where the secret is signed.
    public var teamID: String?
    /// `key_id`: which key signs the secret.
    public var keyID: String?
    /// `authorization_endpoint`, where there is no discovery document.
    public var authorizationEndpoint: String?
    /// `token_endpoint`, where there is no discovery document.
    public var tokenEndpoint: String?
    /// `userinfo_endpoint`: the call that says who the person is; with OpenID Connect only for what the token lacks.
    public var userInfoEndpoint: String?
    /// `emails_endpoint`: the call that lists the person's addresses and which are verified, as GitHub has it.
    public var emailsEndpoint: String?
    /// `jwks_uri`, where there is no discovery document.
    public var keySetAddress: String?
    /// `scopes` that are asked for.
    public var scopes: [String]?
    /// `client_authentication`.
    public var authentication: Authentication?
    /// `response_mode`.
    public var responseMode: ResponseMode?
    /// `pkce`: whether the provider takes a code challenge; only one that refuses it should have false.
    public var usesPKCE: Bool?
    /// `nonce`: whether ID tokens repeat it; only for a provider that does not should it be false.
    public var repeatsNonce: Bool?
    /// `require`: claims of the ID token that must have these values, such as the organization of a person.
    public var requiredClaims: [String: String]?
    /// `parameters` that are added to every authorization request.
    public var parameters: [String: String]?
    /// `end_session_endpoint`, where the discovery document names none.
    public var endSessionEndpoint: String?
    /// `sign_out`: whether signing out here leads there too, where the provider offers it (RP-Initiated Logout).
    public var signsOut: Bool?
    /// `keep_tokens`: whether the provider's tokens are kept, sealed, for clients with the scope `upstream:ID`.
    public var keepsTokens: Bool?
    /// `claims`: where the provider says what.
    public var claims: ClaimMapping = ClaimMapping()
    /// What people may do by this connector: the members of `ConnectorPolicy`.
    public var policy = ConnectorPolicy()

    /// Settings that say nothing.
    public init() {}

    /// Reads settings.
    public init(parsing text: String) throws(SettingsFault) {
        guard text.utf8.count <= 32 * 1024, let object = try? JSONObject(parsing: Array(text.utf8)) else {
            throw .malformed
        }
        try self.init(object)
    }

    /// Reads settings.
    public init(_ object: JSONObject) throws(SettingsFault) {
        var reader = SettingsReader(object)
        clientID = try reader.text("client_id", limit: 512)
        issuer = try reader.address("issuer")
        issuerTemplate = try reader.address("issuer_template")
        tenant = try reader.text("tenant", limit: 253)
        tenants = try reader.texts("tenants")
        teamID = try reader.text("team_id", limit: 64)
        keyID = try reader.text("key_id", limit: 64)
        authorizationEndpoint = try reader.address("authorization_endpoint")
        tokenEndpoint = try reader.address("token_endpoint")
        userInfoEndpoint = try reader.address("userinfo_endpoint")
        emailsEndpoint = try reader.address("emails_endpoint")
        keySetAddress = try reader.address("jwks_uri")
        endSessionEndpoint = try reader.address("end_session_endpoint")
        signsOut = try reader.flag("sign_out")
        keepsTokens = try reader.flag("keep_tokens")
        scopes = try reader.texts("scopes")
        authentication = try reader.word("client_authentication")
        responseMode = try reader.word("response_mode")
        usesPKCE = try reader.flag("pkce")
        repeatsNonce = try reader.flag("nonce")
        requiredClaims = try reader.pairs("require")
        parameters = try reader.pairs("parameters")
        if let object = try reader.object("claims") { claims = try ClaimMapping(object) }
        policy = try ConnectorPolicy(&reader)
        try reader.finish()
        if let name = parameters?.keys.sorted().first(where: ConnectorSettings.owned.contains) {
            throw .wrong("parameters", needs: "without \(name), which every request sets itself")
        }
    }

    /// Parameters that keep a sign-in safe: an operator cannot set them.
    private static let owned: Set<String> = [
        "client_id", "redirect_uri", "response_type", "state", "nonce", "code_challenge", "code_challenge_method",
        "scope", "response_mode", "request", "request_uri",
    ]
}
