import AuthorizationServer
import JOSE
import OAuthTypes
import Stores

/// The options of `client add`, and the rules that make a client of them.
struct ClientRegistration: Sendable {
    private let id: String?
    private let name: String?
    private let redirectURIs: [String]
    private let postLogoutRedirectURIs: [String]
    private let grants: [GrantType]
    private let scopes: [String]
    private let methods: [ClientAuthenticationMethod]
    private let isPublic: Bool
    private let party: Client.Party
    private let ownSignIn: Client.OwnSignIn

    init(_ arguments: Arguments) throws(UsageError) {
        id = arguments.value(.clientID)
        name = arguments.value(ClientAddCommand.name)
        redirectURIs = arguments.values(ClientAddCommand.redirectURI)
        postLogoutRedirectURIs = arguments.values(ClientAddCommand.postLogoutRedirectURI)
        grants = try arguments.choices(ClientAddCommand.grant)
        scopes = arguments.values(ClientAddCommand.scope)
        methods = try arguments.choices(ClientAddCommand.authMethod)
        isPublic = arguments.has(ClientAddCommand.isPublic)
        let own: [Client.OwnSignIn] = try arguments.choices(ClientAddCommand.ownSignIn)
        ownSignIn = own.first ?? .none
        party = arguments.has(ClientAddCommand.isFirstParty) || ownSignIn != .none ? .first : .third
        func refuse(_ sentence: String) -> UsageError { UsageError(sentence, in: arguments.usage.words) }
        if isPublic, arguments.has(ClientAddCommand.secretFromInput) {
            throw refuse("--public and --secret-stdin exclude each other: a public client has no secret")
        }
        if isPublic, !methods.isEmpty {
            throw refuse("--public and --auth-method exclude each other: a public client proves nothing")
        }
        if ownSignIn == .cookies, !isPublic {
            throw refuse("--own-sign-in cookies is for pages in a browser, which can keep no secret: add --public")
        }
        if ownSignIn == .tokens, !isPublic, !methods.isEmpty, !methods.contains(.clientSecretBasic) {
            throw refuse("--own-sign-in tokens needs --auth-method client_secret_basic, or --public")
        }
        if methods.count > 1, methods.contains(where: { !$0.needsOnlyADigest }) {
            throw refuse("--auth-method with an assertion stands alone")
        }
        if methods.contains(.none) {
            throw refuse("--auth-method none is written --public")
        }
    }

    /// The client, and its secret unless it is public.
    ///
    /// What no option says is as the document says.
    func client(
        document: ClientDocument = ClientDocument(), signing algorithms: [SignatureAlgorithm] = [],
        secret brought: String?, at now: Timestamp, random: some RandomSource
    ) throws(CommandFailure) -> (client: Client, secret: String?) {
        let id = try clientID(random)
        let isPublic = try isPublic(document, bringsSecret: brought != nil)
        let redirectURIs =
            self.redirectURIs.isEmpty ? document.redirectURIs : try uris(self.redirectURIs, "redirect URI")
        let grants = try grantTypes(
            grants.isEmpty ? document.grantTypes ?? [] : Set(grants), hasRedirectURI: !redirectURIs.isEmpty,
            isPublic: isPublic)
        try checkOwnSignIn(grants, redirectURIs)
        let methods = isPublic ? [.none] : authenticationMethods(document)
        let usesSecret = methods.contains(where: \.usesSecret)
        guard brought == nil || usesSecret else {
            throw CommandFailure(.badData, "a client that proves itself by private_key_jwt has no secret")
        }
        let secret = usesSecret ? try secret(brought, random) : nil
        var metadata = document.metadata
        metadata.clientName.plain = nil
        metadata.tokenEndpointAuthMethod = methods.first { !$0.needsOnlyADigest }
        let client = Client(
            id: id,
            name: try displayName(of: id, document),
            secretDigest: secret.map { TokenDigest(of: $0) },
            authenticationMethods: methods,
            redirectURIs: redirectURIs,
            postLogoutRedirectURIs: postLogoutRedirectURIs.isEmpty
                ? document.postLogoutRedirectURIs : try uris(postLogoutRedirectURIs, "post-logout redirect URI"),
            grantTypes: grants,
            scopes: try scopeSet(for: grants, document),
            party: party,
            ownSignIn: ownSignIn,
            createdAt: now,
            metadata: metadata
        )
        try CommandFailure.checking { () throws(RegistrationRefusal) in
            try ClientDocument(client).check(signing: algorithms)
        }
        return (client, secret)
    }

    private func isPublic(_ document: ClientDocument, bringsSecret: Bool) throws(CommandFailure) -> Bool {
        guard !isPublic else { return true }
        guard methods.isEmpty, document.authenticationMethod == ClientAuthenticationMethod.none else { return false }
        guard !bringsSecret else {
            throw CommandFailure(.badData, "the metadata says token_endpoint_auth_method none: there is no secret then")
        }
        return true
    }

    private func authenticationMethods(_ document: ClientDocument) -> Set<ClientAuthenticationMethod> {
        guard methods.isEmpty else { return Set(methods) }
        return document.authenticationMethod.map { [$0] } ?? [.clientSecretBasic, .clientSecretPost]
    }

    private func clientID(_ random: some RandomSource) throws(CommandFailure) -> ClientID {
        let text = id ?? "c_" + Base64URL.encode(random.bytes(16))
        guard let id = ClientID(text) else {
            throw CommandFailure(
                .badData,
                "a client id has 1 to 255 characters of printable ASCII and does not begin with \(ClientID.reservedPrefix)"
            )
        }
        return id
    }

    private func displayName(of id: ClientID, _ document: ClientDocument) throws(CommandFailure) -> String {
        let name = self.name ?? document.metadata.clientName.plain?.rawValue ?? String(id.rawValue.prefix(100))
        guard (1...100).contains(name.count), Console.visible(name) == name else {
            throw CommandFailure(.badData, "a client's name has 1 to 100 characters and no control characters")
        }
        return name
    }

    private func uris(_ texts: [String], _ kind: String) throws(CommandFailure) -> [RedirectURI] {
        var uris: [RedirectURI] = []
        for text in texts {
            do {
                let uri = try RedirectURI(registering: text)
                if !uris.contains(uri) { uris.append(uri) }
            } catch {
                throw CommandFailure(
                    .badData, "\(kind) \(Console.visible(text)) cannot be registered: \(error.rawValue)")
            }
        }
        return uris
    }

    private func grantTypes(
        _ asked: Set<GrantType>, hasRedirectURI: Bool, isPublic: Bool
    ) throws(CommandFailure) -> Set<GrantType> {
        let grants = asked.isEmpty ? [hasRedirectURI ? .authorizationCode : .clientCredentials] : asked
        if isPublic, grants.contains(.clientCredentials) {
            // RFC 6749 §4.4: for confidential clients only.
            throw CommandFailure(
                .badData,
                hasRedirectURI
                    ? "a public client cannot have client_credentials: anybody could act as it"
                    : "a public client needs a redirect URI: --redirect-uri"
            )
        }
        if grants.contains(.authorizationCode), !hasRedirectURI {
            throw CommandFailure(.badData, "authorization_code needs a redirect URI: --redirect-uri")
        }
        if grants.contains(.refreshToken), !grants.contains(.authorizationCode) {
            throw CommandFailure(.badData, "refresh_token needs authorization_code, which refresh tokens come from")
        }
        return grants
    }

    private func checkOwnSignIn(_ grants: Set<GrantType>, _ redirectURIs: [RedirectURI]) throws(CommandFailure) {
        guard ownSignIn != .none else { return }
        guard grants.contains(.authorizationCode) else {
            throw CommandFailure(.badData, "a client that signs people in itself needs authorization_code too")
        }
        if ownSignIn == .cookies, !redirectURIs.contains(where: { $0.origin != nil }) {
            throw CommandFailure(
                .badData,
                "--own-sign-in cookies needs a redirect URI of the web: pages of its origin may send the cookie"
            )
        }
    }

    private func scopeSet(for grants: Set<GrantType>, _ document: ClientDocument) throws(CommandFailure) -> ScopeSet {
        guard !scopes.isEmpty else {
            if let scopes = document.scopes { return scopes }
            guard grants.contains(.authorizationCode) else { return [] }
            let standard: ScopeSet = [.openid, .profile, .email]
            return grants.contains(.refreshToken) ? standard.union([.offlineAccess]) : standard
        }
        var named = ScopeSet()
        for text in scopes {
            guard let more = ScopeSet(parsing: text), !more.isEmpty else {
                throw CommandFailure(
                    .badData,
                    "a scope has 1 to 128 characters of printable ASCII without quote and backslash; "
                        + "\(Console.visible(text)) is none"
                )
            }
            named = named.union(more)
        }
        guard named.count <= ScopeSet.limit else {
            throw CommandFailure(.badData, "a client has \(ScopeSet.limit) scopes at most")
        }
        return named
    }

    private func secret(_ brought: String?, _ random: some RandomSource) throws(CommandFailure) -> String {
        guard let brought else { return ClientSecret.generate(random) }
        if let weakness = ClientSecret.weakness(of: brought) { throw CommandFailure(.badData, weakness) }
        return brought
    }
}
