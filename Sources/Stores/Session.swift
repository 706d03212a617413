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
    /// When the person first signed in to it.
    public let startedAt: Timestamp
    /// When it was last used, to about a minute.
    public let lastUsedAt: Timestamp
    /// The browser in a few words of ours, as it was at sign-in; nil where it said nothing that we know.
    public let device: String?
    /// The network of the last use, /24 or /48; nil where it came without an address.
    public let network: String?
    /// When it ends at the latest.
    public let expiresAt: Timestamp
    /// Whether the person wished to stay signed in on the device.
    public let isRemembered: Bool

    /// A session with every field named.
    public init(
        digest: TokenDigest, id: SessionID, userID: UserID, authenticatedAt: Timestamp, methods: [AuthenticationMethod],
        startedAt: Timestamp, lastUsedAt: Timestamp, device: String?, network: String?, expiresAt: Timestamp,
        isRemembered: Bool = false
    ) {
        self.digest = digest
        self.id = id
        self.userID = userID
        self.authenticatedAt = authenticatedAt
        self.methods = methods
        self.startedAt = startedAt
        self.lastUsedAt = lastUsedAt
        self.device = device
        self.network = network
        self.expiresAt = expiresAt
        self.isRemembered = isRemembered
    }
}

/// Browser sessions.
public protocol SessionStore: Sendable {
    /// Starts a session and, in the same step, ends the one it follows: an identifier from before sign-in is dead after it.
    ///
    /// It ends as by `end`, at the moment when the new one is first used, with its grants and what its clients take part in.
    func start(_ session: Session, replacing old: TokenDigest?) async throws
    /// Puts a living session under the digest and the facts of another of the same person and `id`; false where it is gone.
    ///
    /// Of any number of concurrent callers exactly one gets true: a session never becomes two, nor comes back once it ended.
    /// In the same step what clients take part in goes on for as long as the session does.
    func renew(_ session: Session, from old: TokenDigest, at now: Timestamp) async throws -> Bool
    /// The session of a cookie that lives at `now` and belongs to an account that is not disabled.
    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Session?
    /// The living session of a person by what clients know it by, also where it lets nobody in any more.
    func find(_ id: SessionID, of user: UserID, at now: Timestamp) async throws -> Session?
    /// Notes a use, unless one at or after `moment` is noted already.
    func touch(
        _ digest: TokenDigest, from network: String?, at now: Timestamp, unlessSince moment: Timestamp)
        async throws
    /// The sessions of an account that live at `now`, the last used first; the first hundred.
    func list(of user: UserID, at now: Timestamp) async throws -> [Session]
    /// Ends a session and revokes its grants but those with `offline_access` (OpenID Connect Back-Channel Logout §2.7).
    ///
    /// Nil where there is none, which is what a second call finds.
    func end(_ digest: TokenDigest, at now: Timestamp) async throws -> Session?
    /// Ends every session of an account but one, each as `end` does; answers how many they were.
    ///
    /// Grants of sessions that ended by themselves and are swept go as well.
    func endAll(of user: UserID, except digest: TokenDigest?, at now: Timestamp) async throws -> Int
    /// Deletes what ended by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
