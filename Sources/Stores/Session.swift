public import OAuthTypes

/// A signed-in browser.
///
/// The cookie's secret is known to the browser alone: the store has its digest.
public struct Session: Sendable, Equatable {
    /// SHA-256 of the cookie.
    public let digest: TokenDigest
    /// `sid`: what clients know the session by.
    public let id: SessionID
    /// Who signed in.
    public let userID: UserID
    /// When they proved it (`auth_time`).
    public let authenticatedAt: Timestamp
    /// How they proved it (`amr`), in order.
    public let methods: [AuthenticationMethod]
    /// When it ends at the latest.
    public let expiresAt: Timestamp

    /// A session with every field named.
    public init(
        digest: TokenDigest, id: SessionID, userID: UserID, authenticatedAt: Timestamp, methods: [AuthenticationMethod],
        expiresAt: Timestamp
    ) {
        self.digest = digest
        self.id = id
        self.userID = userID
        self.authenticatedAt = authenticatedAt
        self.methods = methods
        self.expiresAt = expiresAt
    }
}

/// Browser sessions.
public protocol SessionStore: Sendable {
    /// Starts a session and, in the same step, ends the one it follows: an identifier from before sign-in is dead after it.
    func start(_ session: Session, replacing old: TokenDigest?) async throws
    /// The session of a cookie that lives at `now` and belongs to an account that is not disabled.
    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Session?
    /// Ends a session and revokes its grants but those with `offline_access` (OpenID Connect Back-Channel Logout §2.7).
    ///
    /// Nil where there is none, which is what a second call finds.
    func end(_ digest: TokenDigest, at now: Timestamp) async throws -> Session?
    /// Deletes what ended by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
