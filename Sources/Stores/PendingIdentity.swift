public import OAuthTypes

/// A person whom a connector has proven, and who waits in one browser for the rest: the proof that an account here is
/// theirs, the second factor, or what has to be accepted before an account is made.
public struct PendingIdentity: Sendable, Equatable {
    /// SHA-256 of the secret in the browser's cookie.
    public let digest: TokenDigest
    /// SHA-256 of the browser's own cookie.
    public let browser: TokenDigest
    /// Where the person proved who they are.
    public let connector: ConnectorID
    /// What they are known by there.
    public let subject: String
    /// `sid`: what the provider calls its own session; nil where it does not say.
    public let providerSession: String?
    /// The account that they wait for; nil where one is still to be made.
    public let userID: UserID?
    /// All that the provider said, sealed.
    public let sealed: [UInt8]
    /// When the person came back from there.
    public let createdAt: Timestamp
    /// When it is too late.
    public let expiresAt: Timestamp

    /// A person with every field named.
    public init(
        digest: TokenDigest, browser: TokenDigest, connector: ConnectorID, subject: String, providerSession: String?,
        userID: UserID?, sealed: [UInt8], createdAt: Timestamp, expiresAt: Timestamp
    ) {
        self.digest = digest
        self.browser = browser
        self.connector = connector
        self.subject = subject
        self.providerSession = providerSession
        self.userID = userID
        self.sealed = sealed
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// People of connectors who wait; what waits for a second factor ends with its row here (`FirstFactor.identity`), and rests
/// while the connector is disabled.
public protocol PendingIdentityStore: Sendable {
    /// Keeps somebody who waits.
    func note(_ identity: PendingIdentity) async throws
    /// Who waits under a digest at `now`.
    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> PendingIdentity?
    /// Ends the waiting: of any number of concurrent callers exactly one gets true.
    func take(_ digest: TokenDigest, at now: Timestamp) async throws -> Bool
    /// Ends the waiting of a person, or of a session, whom a provider has signed out; who came back after `moment` is not
    /// meant. Answers how many waited.
    func end(
        _ connector: ConnectorID, subject: String?, providerSession: String?, since moment: Timestamp
    ) async throws -> Int
    /// Deletes what expired by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
