/// Every store of one issuer.
public struct Storage: Sendable {
    /// Registered clients.
    public var clients: any ClientStore
    /// Accounts.
    public var users: any UserStore
    /// Browser sessions.
    public var sessions: any SessionStore
    /// Open authorization requests.
    public var interactions: any InteractionStore
    /// Codes.
    public var codes: any AuthorizationCodeStore
    /// Grants and refresh tokens.
    public var grants: any GrantStore
    /// Access tokens that say nothing themselves.
    public var opaqueTokens: any OpaqueTokenStore
    /// What access tokens may be for.
    public var resources: any ResourceStore
    /// Remembered consents.
    public var consents: any ConsentStore
    /// What is proven besides a password.
    public var secondFactors: SecondFactorStores
    /// Attempts to sign in.
    public var attempts: any SignInAttemptStore
    /// Which clients take part in which session.
    public var participations: any ParticipationStore
    /// Mails that are to be sent.
    public var mails: any MailStore
    /// Proofs of addresses.
    public var proofs: any ProofStore
    /// Security events.
    public var audit: any AuditStore
    /// Keys of people, and the end of their records.
    public var persons: any PersonStore
    /// What people may still do about changes of their accounts.
    public var recourses: any RecourseStore
    /// What people tell of themselves.
    public var profiles: any ProfileStore
    /// Groups and roles of people.
    public var memberships: any MembershipStore
    /// Accounts that are frozen, or to be deleted.
    public var holds: any AccountHoldStore
    /// Connectors.
    public var connectors: any ConnectorStore
    /// Links between accounts and people at connectors.
    public var links: any LinkedIdentityStore
    /// By which connectors sessions began.
    public var upstreamSessions: any UpstreamSessionStore
    /// People of connectors who wait.
    public var pendingIdentities: any PendingIdentityStore
    /// Signing keys.
    public var keys: any SigningKeyStore
    /// The number that tells caches that something changed.
    public var versions: any VersionStore

    /// A set of stores.
    public init(
        clients: any ClientStore, users: any UserStore, sessions: any SessionStore, interactions: any InteractionStore,
        codes: any AuthorizationCodeStore, grants: any GrantStore, consents: any ConsentStore,
        secondFactors: SecondFactorStores,
        attempts: any SignInAttemptStore, participations: any ParticipationStore, mails: any MailStore,
        proofs: any ProofStore,
        audit: any AuditStore, persons: any PersonStore,
        recourses: any RecourseStore, holds: any AccountHoldStore,
        profiles: any ProfileStore,
        memberships: any MembershipStore, opaqueTokens: any OpaqueTokenStore, resources: any ResourceStore,
        connectors: any ConnectorStore, links: any LinkedIdentityStore,
        upstreamSessions: any UpstreamSessionStore,
        pendingIdentities: any PendingIdentityStore,
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
        self.attempts = attempts
        self.participations = participations
        self.mails = mails
        self.proofs = proofs
        self.audit = audit
        self.persons = persons
        self.recourses = recourses
        self.holds = holds
        self.profiles = profiles
        self.memberships = memberships
        self.opaqueTokens = opaqueTokens
        self.resources = resources
        self.connectors = connectors
        self.links = links
        self.upstreamSessions = upstreamSessions
        self.pendingIdentities = pendingIdentities
        self.keys = keys
        self.versions = versions
    }

    /// What counts once.
    public var spent: any SpentChallengeStore { secondFactors.spentChallenges }

    /// The same stores but for one.
    public func replacing<Store>(_ path: WritableKeyPath<Storage, Store>, by store: Store) -> Storage {
        var storage = self
        storage[keyPath: path] = store
        return storage
    }
}

/// Tells caches that clients, connectors or keys have changed, also when another process changed them.
public protocol VersionStore: Sendable {
    /// A number that grows with every change of a client, a connector or a signing key. Reading it also proves that the store answers.
    func current() async throws -> Int64
}
