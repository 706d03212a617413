public import JOSE
public import OAuthTypes
public import Stores

/// Browser sessions: a cookie of 256 random bits, of which the store has the digest.
public struct Sessions: Sendable {
    private let store: any SessionStore
    private let clock: any TimeSource
    private let random: any RandomSource
    private let lifetime: Duration

    /// Sessions over a store; `lifetime` from sign-in to the end at the latest.
    public init(
        _ store: any SessionStore, clock: any TimeSource, random: any RandomSource, lifetime: Duration
    ) {
        self.store = store
        self.clock = clock
        self.random = random
        self.lifetime = lifetime
    }

    /// Starts a session under a new secret and ends the one that the browser had (ASVS 7.2.4).
    ///
    /// A person who proves again who they are stays in their session as clients know it: `sid` remains, so that signing
    /// out ends the grants from before as well. Somebody else's session ends as by signing out, grants included.
    public func start(
        for user: UserID, by methods: [AuthenticationMethod], replacing old: String?
    ) async throws -> (secret: String, session: Session) {
        let secret = Base64URL.encode(random.bytes(32))
        let now = clock.now
        var before: Session?
        if let old { before = try await find(old) }
        if let other = before, other.userID != user {
            _ = try await store.end(other.digest, at: now)
            before = nil
        }
        let session = Session(
            digest: Sessions.digest(of: secret),
            id: before?.id ?? SessionID(rawValue: Base64URL.encode(random.bytes(16))),
            userID: user,
            authenticatedAt: now,
            methods: methods,
            expiresAt: now + lifetime
        )
        try await store.start(session, replacing: old.map(Sessions.digest))
        return (secret, session)
    }

    /// The living session of a cookie.
    public func find(_ secret: String) async throws -> Session? {
        try await store.find(Sessions.digest(of: secret), at: clock.now)
    }

    private static func digest(of secret: String) -> TokenDigest {
        TokenDigest(bytes: SHA256.digest(of: Array(secret.utf8)).bytes)!  // a SHA-256 digest has 32 bytes by its type
    }
}
