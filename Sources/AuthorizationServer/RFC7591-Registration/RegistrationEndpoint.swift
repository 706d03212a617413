import JOSE
public import JSON
import OAuthTypes
import Stores

/// Client registration endpoint: RFC 7591 §3, OpenID Connect Registration §3.
public struct RegistrationEndpoint: Sendable {
    /// The path below the issuer.
    public static let path = "/register"
    /// The most bytes of a document.
    public static let largest = 64 * 1024

    let environment: ServerEnvironment
    let policy: RegistrationPolicy

    /// The endpoint in an environment, under an operator's policy.
    public init(_ environment: ServerEnvironment, policy: RegistrationPolicy) {
        self.environment = environment
        self.policy = policy
    }

    /// Registers a client that a document describes.
    ///
    /// Throws `OAuthError` for the token, `RegistrationRefusal` for the document; what it refuses uses up no token.
    public func register(_ document: JSONObject, token: BearerToken?) async throws -> RegisteredClient {
        let now = environment.clock.now
        let pass = try await admitted(token, at: now)
        let described = try await checked(document)
        let method = described.authenticationMethod ?? .clientSecretBasic
        let secret = method.usesSecret ? environment.newSecret() : nil
        let registrationToken = environment.newSecret()
        let id = ClientID("c_" + environment.newSecret())!  // base64url is within the grammar
        var metadata = described.metadata
        metadata.clientName.plain = nil
        let client = Client(
            id: id, name: described.metadata.clientName.plain?.rawValue ?? id.rawValue,
            secretDigest: secret.map { TokenDigest(of: $0) }, authenticationMethods: [method],
            redirectURIs: described.redirectURIs, postLogoutRedirectURIs: described.postLogoutRedirectURIs,
            grantTypes: described.grantTypes ?? [.authorizationCode], scopes: described.scopes ?? [], party: .third,
            createdAt: now, metadata: metadata,
            sealedSecret: method == .clientSecretJWT
                ? try secret.map { try environment.clientSecrets.seal($0, of: id) } : nil,
            registrationDigest: TokenDigest(of: registrationToken))
        // Last, so that a document with a mistake costs no token; whoever comes second with one has none.
        if let pass, pass.use == .once {
            guard try await environment.storage.spent.spend(pass.digest, expiresAt: pass.expiresAt) else {
                throw RegistrationEndpoint.noToken
            }
        }
        guard try await environment.storage.clients.insert(client) else {
            throw StorageError.conflict(table: "clients")
        }
        environment.clients.forget()
        return RegisteredClient(
            client, issuer: environment.issuer, secret: secret, registrationToken: registrationToken)
    }

    static let noToken = OAuthError(
        .invalidToken, "the initial access token is unknown, used up or has expired",
        advice: "martlet client registration-token makes a new one", rule: "RFC 7591 §3")

    /// RFC 7591 §3: whoever brings a token is asked for a good one, also where none is needed.
    private func admitted(_ token: BearerToken?, at now: Timestamp) async throws -> InitialAccessTokens.Read? {
        guard let token else {
            guard policy.access == .open else { throw RegistrationEndpoint.noToken }
            return nil
        }
        guard let pass = environment.initialAccessTokens.read(token.rawValue, at: now) else {
            throw RegistrationEndpoint.noToken
        }
        if pass.use == .once, try await environment.storage.spent.isSpent(pass.digest) {
            throw RegistrationEndpoint.noToken
        }
        return pass
    }

    /// The document, with what holds for a client that does not say it.
    ///
    /// Throws for what is malformed, does not go together or is outside the policy; what is an operator's to say is left
    /// out, or stays as it is where there is a client already.
    func checked(_ members: JSONObject, of client: Client? = nil) async throws -> ClientDocument {
        // First, so that what somebody vouches for is judged like what a stranger says.
        var members = try await policy.softwareStatements.applied(to: members, in: environment)
        for member in members where member.name.hasPrefix("martlet_") { members[member.name] = nil }
        var document = try ClientDocument(members)
        document.apply(defaultsFor: environment)
        if let client { document.metadata.keepOperatorsMembers(of: client.metadata) }
        document.metadata.compatibility = policy.compatibility
        // What the policy lets pass for everybody gives way to what the client wants stricter.
        if document.metadata.requireSignedRequestObject == true {
            document.metadata.compatibility.remove(.requestMerging)
        }
        // RFC 7591 §2: the server may give less than was asked for.
        document.scopes = document.scopes.map { $0.intersection(policy.scopes) } ?? policy.scopes
        if document.grantTypes?.contains(.refreshToken) != true {
            document.scopes = document.scopes?.subtracting([.offlineAccess])
        }
        try document.check(signing: environment.keys.algorithms)
        try policy.check(document)
        try await SectorDocument.check(document, in: environment)
        return document
    }
}

extension ClientDocument {
    /// What is said for a client that says nothing: RFC 7591 §2, Registration §2.
    mutating func apply(defaultsFor environment: ServerEnvironment) {
        grantTypes = grantTypes ?? [.authorizationCode]
        authenticationMethod = authenticationMethod ?? .clientSecretBasic
        metadata.applicationType = metadata.applicationType ?? .web
        metadata.subjectType = metadata.subjectType ?? .public
        if metadata.responseTypes.isEmpty, grantTypes?.contains(.authorizationCode) == true {
            metadata.responseTypes = [.code]
        }
        if metadata.idTokenSignedResponseAlg == nil, environment.keys.algorithms.contains(.rs256) {
            metadata.idTokenSignedResponseAlg = .rs256
        }
    }
}

extension ClientMetadata {
    /// Takes over what is an operator's to say, so that a client lifts no limit of theirs by saying nothing of it.
    ///
    /// `martlet_compatibility` is what the policy says for everybody that registers itself.
    fileprivate mutating func keepOperatorsMembers(of stored: ClientMetadata) {
        resources = stored.resources
        accessTokenFormat = stored.accessTokenFormat
        refreshTokens = stored.refreshTokens
        refreshIdleLifetime = stored.refreshIdleLifetime
        grantLifetime = stored.grantLifetime
        managed = stored.managed
    }
}

extension RegistrationEndpoint {
    /// Where the document of the server names it: RFC 8414 §2.
    static func encodeMetadata(_ issuer: Issuer, to writer: inout JSONWriter) {
        writer.member("registration_endpoint", issuer.address(of: path))
    }
}
