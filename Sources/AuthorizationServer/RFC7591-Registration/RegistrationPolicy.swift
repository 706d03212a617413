public import JSON
public import OAuthTypes
public import Stores

/// What a stranger may register: RFC 7591 §5 leaves it to the operator.
public struct RegistrationPolicy: Sendable, Equatable {
    /// Who may register a client.
    public enum Access: String, Sendable, CaseIterable {
        /// Whoever has an initial access token (RFC 7591 §1.2).
        case token
        /// Everybody.
        case open
    }

    /// Who may register a client.
    public var access = Access.token
    /// What scopes it may ask for; others are left out.
    public var scopes: ScopeSet = [.openid, .profile, .email, .offlineAccess]
    /// What grants it may use.
    public var grantTypes: Set<GrantType> = [.authorizationCode, .refreshToken]
    /// How it may prove itself.
    public var authenticationMethods = Set(ClientAuthenticationMethod.allCases)
    /// The hosts that redirect URIs of the web may have; any where none are named.
    public var redirectHosts: Set<String> = []
    /// The rules of ours that are off for such clients: for certification, and hardly for anything else.
    public var compatibility: Set<Compatibility> = []

    /// Whose software statements count.
    public var softwareStatements = SoftwareStatementPolicy()

    /// An initial access token, and what people expect.
    public init() {}

    private static let members = [
        "access", "scopes", "grant_types", "token_endpoint_auth_methods", "redirect_hosts", "compatibility",
        "software_statements",
    ]

    /// Reads the operator's file; a member that is not known is a mistake of theirs.
    public init(_ document: JSONObject) throws(RegistrationRefusal) {
        for member in document where !RegistrationPolicy.members.contains(member.name) {
            throw RegistrationRefusal("the policy", "has a member that does not exist")
        }
        if let text = try RegistrationPolicy.words(document, "access", asList: false)?.first {
            guard let access = Access(rawValue: text) else {
                throw RegistrationRefusal("access", "must be token or open")
            }
            self.access = access
        }
        if let words = try RegistrationPolicy.words(document, "scopes") {
            guard let scopes = ScopeSet(parsing: words.joined(separator: " ")) else {
                throw RegistrationRefusal("scopes", "must be scopes")
            }
            self.scopes = scopes
        }
        grantTypes = try RegistrationPolicy.choices(document, "grant_types") ?? grantTypes
        authenticationMethods =
            try RegistrationPolicy.choices(document, "token_endpoint_auth_methods") ?? authenticationMethods
        redirectHosts = Set(try RegistrationPolicy.words(document, "redirect_hosts")?.map { $0.lowercased() } ?? [])
        compatibility = try RegistrationPolicy.choices(document, "compatibility") ?? []
        if let member = document["software_statements"] {
            softwareStatements = try SoftwareStatementPolicy(member.object ?? [:])
        }
    }

    private static func words(
        _ document: JSONObject, _ name: String, asList: Bool = true
    ) throws(RegistrationRefusal) -> [String]? {
        guard let value = document[name] else { return nil }
        let values = asList ? value.array : [value]
        guard let words = values?.compactMap(\.string), words.count == values?.count else {
            throw RegistrationRefusal(name, asList ? "must be a list of strings" : "must be a string")
        }
        return words
    }

    private static func choices<Value: RawRepresentable<String> & Hashable>(
        _ document: JSONObject, _ name: String
    ) throws(RegistrationRefusal) -> Set<Value>? {
        guard let words = try words(document, name) else { return nil }
        let values = words.compactMap(Value.init(rawValue:))
        guard values.count == words.count else {
            throw RegistrationRefusal(name, "names something that does not exist")
        }
        return Set(values)
    }

    /// Checks what the rules for everybody leave open.
    func check(_ document: ClientDocument) throws(RegistrationRefusal) {
        guard document.grantTypes.map({ $0.isSubset(of: grantTypes) }) ?? true else {
            throw RegistrationRefusal("grant_types", "names one that may not be registered here")
        }
        guard document.authenticationMethod.map(authenticationMethods.contains) ?? true else {
            throw RegistrationRefusal("token_endpoint_auth_method", "may not be registered here")
        }
        // Of a stranger's on this machine there is nothing to ask: it could only be somebody else's.
        let asked = [
            ("jwks_uri", document.metadata.jwksURI), ("backchannel_logout_uri", document.metadata.backchannelLogoutURI),
            ("initiate_login_uri", document.metadata.initiateLoginURI),
            ("sector_identifier_uri", document.metadata.sectorIdentifierURI),
        ]
        for (name, address) in asked {
            guard address?.isSecure ?? true else { throw RegistrationRefusal(name, "must use https") }
        }
        guard !redirectHosts.isEmpty else { return }
        try check(document.redirectURIs, as: "redirect_uris")
        try check(document.postLogoutRedirectURIs, as: "post_logout_redirect_uris")
    }

    /// Those of the web; what stays on a device has no host.
    private func check(_ uris: [RedirectURI], as member: String) throws(RegistrationRefusal) {
        for uri in uris {
            guard let host = uri.origin.flatMap({ WebAddress($0)?.host }) else { continue }
            guard uri.isLoopback || redirectHosts.contains(host) else {
                throw RegistrationRefusal(.invalidRedirectURI, member, "names a host that is not welcome here")
            }
        }
    }
}
