public import Stores

extension ConnectorSettings {
    /// The settings of a connector with what its preset knows, whole enough to work.
    public init(completing connector: Connector) throws(SettingsFault) {
        try self.init(parsing: connector.settings)
        var bindsCodes = true
        if let name = connector.preset {
            guard let preset = Preset.named(name), preset.kind == connector.kind else { throw .unknownPreset(name) }
            try preset.complete(&self)
            bindsCodes = preset.bindsCodes
        }
        try require(connector.kind)
        // RFC 9700 §2.1.1: without either, whoever gets hold of a code signs in by it as its owner.
        let isBound = usesPKCE != false || (connector.kind == .openID && repeatsNonce != false)
        guard isBound || !bindsCodes else {
            throw .wrong("pkce", needs: "true where no nonce ties the code to who began: one of the two, at least")
        }
    }

    private mutating func require(_ kind: Connector.Kind) throws(SettingsFault) {
        guard clientID != nil else { throw .missing("client_id") }
        switch kind {
        case .openID:
            guard issuer != nil else { throw .missing("issuer") }
            scopes = scopes ?? ["openid", "profile", "email"]
            if scopes?.contains("openid") == false { throw .wrong("scopes", needs: "a list with openid in it") }
            authentication = authentication ?? .basic
            guard tenants == nil || issuerTemplate != nil else {
                throw .wrong("tenants", needs: "left out where the issuer has one tenant alone")
            }
            // They are compared as tokens write them, and a list that fits nobody would shut everybody out.
            guard tenants?.allSatisfy({ $0 == $0.lowercased() }) ?? true else {
                throw .wrong("tenants", needs: "in small letters")
            }
        case .oauth2:
            guard authorizationEndpoint != nil else { throw .missing("authorization_endpoint") }
            guard tokenEndpoint != nil else { throw .missing("token_endpoint") }
            guard userInfoEndpoint != nil else { throw .missing("userinfo_endpoint") }
            scopes = scopes ?? []
            authentication = authentication ?? .post
            try refuseWhatOnlyTokensProve()
        case .ldap:
            throw .wrong("kind", needs: "oidc or oauth2")
        }
        if authentication == .signedSecret {
            guard teamID != nil else { throw .missing("team_id") }
            guard keyID != nil else { throw .missing("key_id") }
        }
    }

    /// Nothing restricts people in appearance alone: these are compared in ID tokens, and there are none.
    private func refuseWhatOnlyTokensProve() throws(SettingsFault) {
        let members: [(String, Bool)] = [
            ("require", requiredClaims?.isEmpty == false), ("tenants", tenants != nil),
            ("issuer_template", issuerTemplate != nil), ("nonce", repeatsNonce != nil),
            ("jwks_uri", keySetAddress != nil), ("second_factor", policy.secondFactorTrust == .stated),
        ]
        if let (name, _) = members.first(where: { $0.1 }) {
            throw .wrong(name, needs: "left out: OAuth 2.0 has no ID tokens")
        }
    }

    /// What a preset knows where the operator has said nothing.
    mutating func fill(from preset: ConnectorSettings) {
        issuer = issuer ?? preset.issuer
        issuerTemplate = issuerTemplate ?? preset.issuerTemplate
        authorizationEndpoint = authorizationEndpoint ?? preset.authorizationEndpoint
        tokenEndpoint = tokenEndpoint ?? preset.tokenEndpoint
        userInfoEndpoint = userInfoEndpoint ?? preset.userInfoEndpoint
        emailsEndpoint = emailsEndpoint ?? preset.emailsEndpoint
        endSessionEndpoint = endSessionEndpoint ?? preset.endSessionEndpoint
        scopes = scopes ?? preset.scopes
        authentication = authentication ?? preset.authentication
        responseMode = responseMode ?? preset.responseMode
        usesPKCE = usesPKCE ?? preset.usesPKCE
        repeatsNonce = repeatsNonce ?? preset.repeatsNonce
        // What a preset asks for, as the domain of a tenant, stays beside what the operator asks for.
        requiredClaims =
            preset.requiredClaims.map { $0.merging(requiredClaims ?? [:]) { known, _ in known } } ?? requiredClaims
        parameters = parameters ?? preset.parameters
        claims.fill(from: preset.claims)
        policy.emailTrust = policy.emailTrust ?? preset.policy.emailTrust
    }
}
