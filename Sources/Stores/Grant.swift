public import OAuthTypes

/// What one person allowed one client in one authorization; every code and token of it carries its identifier.
///
/// It also is the refresh-token family (RFC 9700 §4.14.2): tokens are not stored, only the number of the one that is valid.
public struct Grant: Sendable, Equatable {
    /// Names the grant.
    public let id: GrantID
    /// Who may act.
    public let clientID: ClientID
    /// For whom.
    public let userID: UserID
    /// The session it was given in.
    public let sessionID: SessionID
    /// What was allowed.
    public let scopes: ScopeSet
    /// When the person proved who they are (`auth_time`).
    public let authenticatedAt: Timestamp
    /// How (`amr`).
    public let methods: [AuthenticationMethod]
    /// When it was given.
    public let createdAt: Timestamp
    /// When nothing of it can be valid any more, used or not (the absolute lifetime of its refresh tokens).
    public let expiresAt: Timestamp
    /// The refresh tokens; nil where the client gets none.
    public var refresh: RefreshFamily?
    /// When it was revoked; nil while it is not.
    public var revokedAt: Timestamp?
    /// What the request asked for by `claims` and `acr_values`, as whoever issues tokens wrote it; nil for nothing.
    public let claims: String?

    /// A grant with every field named.
    public init(
        id: GrantID, clientID: ClientID, userID: UserID, sessionID: SessionID, scopes: ScopeSet,
        authenticatedAt: Timestamp,
        methods: [AuthenticationMethod], createdAt: Timestamp, expiresAt: Timestamp, refresh: RefreshFamily?,
        revokedAt: Timestamp?, claims: String? = nil
    ) {
        self.id = id
        self.clientID = clientID
        self.userID = userID
        self.sessionID = sessionID
        self.scopes = scopes
        self.authenticatedAt = authenticatedAt
        self.methods = methods
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.refresh = refresh
        self.revokedAt = revokedAt
        self.claims = claims
    }
}

/// Where the refresh tokens of a grant stand.
public struct RefreshFamily: Sendable, Equatable {
    /// The number of the token that is valid now; the first is 0, each rotation adds 1.
    public var generation: Int64
    /// When the valid token was made.
    public var rotatedAt: Timestamp
    /// Digest of the request that made it, so that only its retry gets the same answer; nil for generation 0.
    public var request: TokenDigest?
    /// When it dies unused.
    public var idleExpiresAt: Timestamp

    /// A family with every field named.
    public init(generation: Int64, rotatedAt: Timestamp, request: TokenDigest?, idleExpiresAt: Timestamp) {
        self.generation = generation
        self.rotatedAt = rotatedAt
        self.request = request
        self.idleExpiresAt = idleExpiresAt
    }
}

/// One use of a refresh token, as a store judges it.
public struct RotationAttempt: Sendable, Equatable {
    /// The family.
    public let grantID: GrantID
    /// Who presents the token; the family must be theirs.
    public let clientID: ClientID
    /// The number of the token that was presented.
    public let generation: Int64
    /// Digest of the request that presents it.
    public let request: TokenDigest
    /// The time.
    public let now: Timestamp
    /// How long after a rotation the same request is taken for a retry.
    public let grace: Duration
    /// How long the successor lives unused.
    public let idleLifetime: Duration

    /// An attempt with every field named.
    public init(
        grantID: GrantID, clientID: ClientID, generation: Int64, request: TokenDigest, now: Timestamp,
        grace: Duration, idleLifetime: Duration
    ) {
        self.grantID = grantID
        self.clientID = clientID
        self.generation = generation
        self.request = request
        self.now = now
        self.grace = grace
        self.idleLifetime = idleLifetime
    }
}

/// What became of a refresh token that was presented.
public enum Rotation: Sendable, Equatable {
    /// It was the valid one; the grant as it is now, with the successor's number.
    case rotated(Grant)
    /// It was the one before, presented again by the same request within the grace: the successor stays.
    case retried(Grant)
    /// It was spent before: somebody has a copy. RFC 9700 §4.14.2: revoke the family.
    case reused(GrantID)
    /// The family is another client's: nothing was spent, and nothing is known to be stolen.
    case foreign
    /// The family was revoked.
    case revoked
    /// No such family, or it has expired, or the client gets no refresh tokens.
    case unknown
}

/// The person who gave a grant that holds.
public struct GrantHolder: Sendable, Equatable {
    /// Who; without the password hash.
    public let user: User
    /// What the request asked for by `claims`, as in the grant.
    public let claims: String?
    /// What the person tells of themselves, where it was read and there is any.
    public let details: ProfileDetails?

    /// A holder.
    public init(user: User, claims: String?, details: ProfileDetails?) {
        self.user = user
        self.claims = claims
        self.details = details
    }
}

/// A client that a person uses in a session.
public struct SessionClient: Sendable, Hashable {
    /// The session.
    public let sessionID: SessionID
    /// The client.
    public let clientID: ClientID

    /// A pair.
    public init(sessionID: SessionID, clientID: ClientID) {
        self.sessionID = sessionID
        self.clientID = clientID
    }
}

/// Grants and the refresh tokens that hang on them.
public protocol GrantStore: Sendable {
    /// Keeps a grant that no code stands for: of a person whom the client has signed in itself.
    ///
    /// Nil where it is born revoked, since the account was closed or signed out everywhere after the person proved who
    /// they are, or the session has ended; else the grant.
    /// In the same step the client begins to take part in the session, as with a code.
    func begin(_ grant: Grant, in participation: Participation?) async throws -> Grant?
    /// The grant, revoked or not, that has not expired at `now`.
    func find(_ id: GrantID, at now: Timestamp) async throws -> Grant?
    /// The person who gave the grant, as long as both hold: the grant not revoked nor expired at `now`, the account not
    /// disabled. Without the password hash, which is nobody's business here; with their details where they are asked for.
    func holder(of id: GrantID, at now: Timestamp, withDetails: Bool) async throws -> GrantHolder?
    /// Which clients got a grant that holds at `now` in which session of an account; the first two hundred pairs.
    func clients(of user: UserID, at now: Timestamp) async throws -> [SessionClient]
    /// Spends the presented refresh token of that client. Atomic: of any number of concurrent different requests at most
    /// one gets `.rotated`.
    func rotate(_ attempt: RotationAttempt) async throws -> Rotation
    /// Revokes the grant with all its tokens; a second time changes nothing.
    func revoke(_ id: GrantID, at now: Timestamp) async throws
    /// Whose grants of a session still hold, although the session has ended by itself or nobody has used it since
    /// `moment`; nil where it is in use, or none of them ends with it.
    func owner(ofUnused session: SessionID, since moment: Timestamp, at now: Timestamp) async throws -> UserID?
    /// Revokes the grants of a session of an account but those with `offline_access`.
    func revokeAll(of session: SessionID, of user: UserID, at now: Timestamp) async throws
    /// Deletes what expired by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}

extension GrantStore {
    /// The same without the details.
    public func holder(of id: GrantID, at now: Timestamp) async throws -> GrantHolder? {
        try await holder(of: id, at: now, withDetails: false)
    }

    /// Keeps a grant of a client that need not be told of the end of the session.
    public func begin(_ grant: Grant) async throws -> Grant? { try await begin(grant, in: nil) }
}
