public import JOSE
public import OAuthTypes

/// A protected resource that an operator has configured: what access tokens may be for (RFC 8707, RFC 9068 §3).
public struct Resource: Sendable, Equatable {
    /// Its name, and the audience of its tokens.
    public let id: ResourceIdentifier
    /// What people read; 1 to 100 characters.
    public var name: String
    /// The scopes that mean something there; a token for it has no others.
    public var scopes: ScopeSet
    /// What its access tokens look like.
    public var format: AccessTokenFormat
    /// How long its access tokens live, in seconds; nil: as long as any.
    public var tokenLifetime: Int64?
    /// How long a grant for it lives at most, with its refresh tokens, in seconds; nil: as long as any.
    public var grantLifetime: Int64?
    /// What signs its access tokens; nil: what signs any.
    public var algorithm: SignatureAlgorithm?
    /// Who may ask for it; empty: every client.
    public var clients: Set<ClientID>
    /// When it was added.
    public let createdAt: Timestamp

    /// A resource with every field named.
    public init(
        id: ResourceIdentifier, name: String, scopes: ScopeSet, format: AccessTokenFormat, tokenLifetime: Int64?,
        grantLifetime: Int64?, algorithm: SignatureAlgorithm?, clients: Set<ClientID>, createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.scopes = scopes
        self.format = format
        self.tokenLifetime = tokenLifetime
        self.grantLifetime = grantLifetime
        self.algorithm = algorithm
        self.clients = clients
        self.createdAt = createdAt
    }
}

/// Configured resources: a handful, read as a whole.
///
/// A change is seen by every node within two seconds (see `VersionStore`).
public protocol ResourceStore: Sendable {
    /// Adds a resource; false where the identifier is taken, and then nothing has changed.
    func insert(_ resource: Resource) async throws -> Bool
    /// Every resource, by identifier.
    func list() async throws -> [Resource]
    /// Puts a resource in place of the one of that identifier, keeping its time; false where there is none.
    func replace(_ resource: Resource) async throws -> Bool
    /// Removes a resource; false where there is none. Tokens for it stay what they are.
    func remove(_ id: ResourceIdentifier) async throws -> Bool
}
