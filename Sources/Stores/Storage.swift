/// Every store of one issuer.
public struct Storage: Sendable {
    /// Registered clients.
    public let clients: any ClientStore
    /// Accounts.
    public let users: any UserStore
    /// Browser sessions.
    public let sessions: any SessionStore
    /// Open authorization requests.
    public let interactions: any InteractionStore
    /// Codes.
    public let codes: any AuthorizationCodeStore
    /// Grants and refresh tokens.
    public let grants: any GrantStore
    /// Remembered consents.
    public let consents: any ConsentStore
    /// What is proven besides a password.
    public let secondFactors: SecondFactorStores
    /// Signing keys.
    public let keys: any SigningKeyStore
    /// The number that tells caches that something changed.
    public let versions: any VersionStore

    /// A set of stores.
    public init(
        clients: any ClientStore, users: any UserStore, sessions: any SessionStore, interactions: any InteractionStore,
        codes: any AuthorizationCodeStore, grants: any GrantStore, consents: any ConsentStore,
        secondFactors: SecondFactorStores,
        keys: any SigningKeyStore,
        versions: any VersionStore
    ) {
        self.clients = clients
        self.users = users
        self.sessions = sessions
        self.interactions = interactions
        self.codes = codes
        self.grants = grants
        self.consents = consents
        self.secondFactors = secondFactors
        self.keys = keys
        self.versions = versions
    }
}

/// Tells caches that clients or keys have changed, also when another process changed them.
public protocol VersionStore: Sendable {
    /// A number that grows with every change of a client or a signing key. Reading it also proves that the store answers.
    func current() async throws -> Int64
}
