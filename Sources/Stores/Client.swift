public import OAuthTypes

/// A relying party as registered: RFC 6749 §2, RFC 7591 §2.
public struct Client: Sendable, Equatable {
    /// Whose application it is; decides whether a consent page is shown.
    public enum Party: String, Sendable, CaseIterable {
        /// The operator's own: signing in is consent enough.
        case first
        /// Somebody else's: the person is asked.
        case third
    }

    /// Whether it signs people in itself, by the calls under `/v1/auth/`, and what it gets then.
    public enum OwnSignIn: String, Sendable, CaseIterable {
        /// It sends people to our pages, as every other client does.
        case none
        /// Access and refresh tokens, in the answer.
        case tokens
        /// A cookie of its page's browser, and no token.
        case cookies
    }

    /// `client_id`.
    public let id: ClientID
    /// What a person reads on the consent page; 1 to 100 characters.
    public var name: String
    /// SHA-256 of the generated secret; nil for a public client.
    public var secretDigest: TokenDigest?
    /// The secret itself, sealed under the master key; only where a method needs more than its digest.
    public var sealedSecret: [UInt8]?
    /// The secret before, which is good for a while longer.
    public var formerSecret: FormerSecret?
    /// SHA-256 of the token by which it manages its own registration (RFC 7592); nil for one that an operator made.
    public var registrationDigest: TokenDigest?
    /// The methods that authenticate this client; `[.none]` for a public one.
    public var authenticationMethods: Set<ClientAuthenticationMethod>
    /// Where answers may go.
    public var redirectURIs: [RedirectURI]
    /// Where a person may return after sign-out.
    public var postLogoutRedirectURIs: [RedirectURI]
    /// What `grant_type` it may use.
    public var grantTypes: Set<GrantType>
    /// What `scope` it may ask for.
    public var scopes: ScopeSet
    /// Whose application it is.
    public var party: Party
    /// Whether it signs people in itself; only a client of the operator's own may.
    public var ownSignIn: OwnSignIn
    /// What else it registered.
    public var metadata: ClientMetadata
    /// When it was registered.
    public let createdAt: Timestamp
    /// How often it was changed; the store counts, and a change made from an older one is refused.
    public let revision: Int64

    /// A client with every field named.
    public init(
        id: ClientID, name: String, secretDigest: TokenDigest?, authenticationMethods: Set<ClientAuthenticationMethod>,
        redirectURIs: [RedirectURI], postLogoutRedirectURIs: [RedirectURI], grantTypes: Set<GrantType>,
        scopes: ScopeSet,
        party: Party, ownSignIn: OwnSignIn = .none, createdAt: Timestamp, metadata: ClientMetadata = ClientMetadata(),
        revision: Int64 = 0, sealedSecret: [UInt8]? = nil, formerSecret: FormerSecret? = nil,
        registrationDigest: TokenDigest? = nil
    ) {
        self.id = id
        self.name = name
        self.secretDigest = secretDigest
        self.authenticationMethods = metadata.tokenEndpointAuthMethod.map { [$0] } ?? authenticationMethods
        self.redirectURIs = redirectURIs
        self.postLogoutRedirectURIs = postLogoutRedirectURIs
        self.grantTypes = grantTypes
        self.scopes = scopes
        self.party = party
        self.ownSignIn = ownSignIn
        self.sealedSecret = sealedSecret
        self.formerSecret = formerSecret
        self.registrationDigest = registrationDigest
        self.metadata = metadata
        self.createdAt = createdAt
        self.revision = revision
    }

    /// Whether nobody but itself has said what it is: it came by registration over HTTP (RFC 7591 §5).
    public var isSelfRegistered: Bool { registrationDigest != nil }

    /// Whether it can keep no secret: RFC 6749 §2.1.
    public var isPublic: Bool { authenticationMethods.isSubset(of: [.none]) && secretDigest == nil }
}

/// A secret that was replaced and is good for a while longer, so that every part of a client can take the new one in time.
public struct FormerSecret: Sendable, Equatable {
    /// SHA-256 of it.
    public let digest: TokenDigest
    /// The secret itself, sealed, where it was kept so.
    public let sealed: [UInt8]?
    /// When it is good no more.
    public let expiresAt: Timestamp

    /// A secret that was replaced.
    public init(digest: TokenDigest, sealed: [UInt8]?, expiresAt: Timestamp) {
        self.digest = digest
        self.sealed = sealed
        self.expiresAt = expiresAt
    }
}

/// Registered clients.
///
/// A change is seen by every node within two seconds (see `VersionStore`).
public protocol ClientStore: Sendable {
    /// Adds a client; false where the identifier is taken, and then nothing has changed.
    func insert(_ client: Client) async throws -> Bool
    /// The client of that identifier.
    func find(_ id: ClientID) async throws -> Client?
    /// Every client, by identifier.
    func list() async throws -> [Client]
    /// Every scope that some client may ask for.
    func scopes() async throws -> ScopeSet
    /// Puts a client in place of the one that it was made from, keeping identifier and time; false where that one has been
    /// changed meanwhile or is gone, and then nothing has changed.
    func replace(_ client: Client) async throws -> Bool
    /// Removes a client with its codes, grants and consents; false where there is none.
    func remove(_ id: ClientID) async throws -> Bool
}
