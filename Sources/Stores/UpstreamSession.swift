public import OAuthTypes

/// A session that somebody began by a connector, and what the provider knows it by.
public struct UpstreamSession: Sendable, Equatable {
    /// The session here.
    public let sessionID: SessionID
    /// Where the person proved who they are.
    public let connector: ConnectorID
    /// What they are known by there.
    public let subject: String
    /// `sid`: what the provider calls its own session; nil where it does not say.
    public let providerSession: String?
    /// Whose session it is.
    public let userID: UserID
    /// The tokens that the provider gave, sealed; nil where they are not kept.
    public var sealedTokens: [UInt8]?
    /// When the person came back from there.
    public let createdAt: Timestamp
    /// When the session here ends at the latest.
    public var expiresAt: Timestamp

    /// A session with every field named.
    public init(
        sessionID: SessionID, connector: ConnectorID, subject: String, providerSession: String?, userID: UserID,
        sealedTokens: [UInt8]?, createdAt: Timestamp, expiresAt: Timestamp
    ) {
        self.sessionID = sessionID
        self.connector = connector
        self.subject = subject
        self.providerSession = providerSession
        self.userID = userID
        self.sealedTokens = sealedTokens
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// By which connectors sessions began.
///
/// A record counts as long as the session that it is of.
public protocol UpstreamSessionStore: Sendable {
    /// Notes a session in place of what was noted of it before.
    func note(_ session: UpstreamSession) async throws
    /// What is noted of a session that lives at `now`.
    func find(_ id: SessionID, at now: Timestamp) async throws -> UpstreamSession?
    /// The living sessions of a person at a connector, the first hundred.
    func list(_ connector: ConnectorID, subject: String, at now: Timestamp) async throws -> [UpstreamSession]
    /// The living sessions that began by one session at the provider, the first hundred.
    func list(_ connector: ConnectorID, providerSession: String, at now: Timestamp) async throws -> [UpstreamSession]
    /// The living sessions that began by a connector, the first hundred.
    func list(_ connector: ConnectorID, at now: Timestamp) async throws -> [UpstreamSession]
    /// Puts other tokens in the place of those that are there; false where others are there by now.
    func replaceTokens(of id: SessionID, _ old: [UInt8], by new: [UInt8]) async throws -> Bool
    /// Deletes what ended by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
