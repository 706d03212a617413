public import JOSE
public import OAuthTypes
public import Stores

/// Browser sessions: a cookie of 256 random bits, of which the store has the digest.
public struct Sessions: Sendable {
    private let store: any SessionStore
    private let clock: any TimeSource
    private let random: any RandomSource
    private let lifetime: Duration
    private let idleLifetime: Duration
    private let remembered: Remembered?
    private let binding: SessionBinding

    /// How long people stay signed in who wished so.
    public struct Remembered: Sendable, Equatable {
        /// From sign-in to the end at the latest.
        public let lifetime: Duration
        /// From the last use.
        public let idleLifetime: Duration

        /// Both times.
        public init(lifetime: Duration, idleLifetime: Duration) {
            self.lifetime = lifetime
            self.idleLifetime = idleLifetime
        }
    }

    /// How often the use of a session is written at most.
    static let touchInterval: Duration = .seconds(60)

    /// Sessions over a store; `lifetime` from sign-in to the end at the latest, `idleLifetime` from the last use, nil for
    /// as long as it lives.
    ///
    /// `remembered` are those of people who wish to stay signed in; nil where nobody is asked.
    public init(
        _ store: any SessionStore, clock: any TimeSource, random: any RandomSource, lifetime: Duration,
        idleLifetime: Duration? = nil, remembered: Remembered? = nil, binding: SessionBinding = []
    ) {
        self.store = store
        self.clock = clock
        self.random = random
        self.lifetime = lifetime
        self.idleLifetime = idleLifetime ?? lifetime
        self.remembered = remembered
        self.binding = binding
    }

    /// The time, for who begins to compare what a session is to be started with.
    public var now: Timestamp { clock.now }

    /// Whether people are asked if they wish to stay signed in.
    public var offersStaying: Bool { remembered != nil }

    /// Starts a session under a new secret and ends the one that the browser had (ASVS 7.2.4).
    ///
    /// A person who proves again who they are stays in their session as clients know it: `sid` remains, so that signing
    /// out ends the grants from before as well. Somebody else's session ends as by signing out, grants included.
    /// `moment` is when the comparison of what was proven began: a password that was replaced while it was compared opens
    /// nothing, since whoever signed in before is signed out by then. `isStaying` is whether the person wished to stay
    /// signed in on the device, which holds until they sign out, unless `inheritingStay` says that this proof does not carry it on.
    public func start(
        for user: UserID, by methods: [AuthenticationMethod], provenAt moment: Timestamp, replacing old: String?,
        on traits: BrowserTraits, known audience: SessionAudience = .pages, isStaying: Bool = false,
        inheritingStay: Bool = true
    ) async throws -> (secret: String, session: Session) {
        let secret = Base64URL.encode(random.bytes(32))
        let now = clock.now
        var before: Session?
        if let old { before = try await find(old, seen: traits, by: audience) }
        if let other = before, other.userID != user {
            _ = try await store.end(other.digest, at: now)
            before = nil
        }
        let stay = isStaying || inheritingStay && before?.isRemembered == true ? remembered : nil
        func session(_ id: SessionID, since start: Timestamp) -> Session {
            Session(
                digest: Sessions.digest(of: secret, audience), id: id, userID: user, authenticatedAt: moment,
                methods: methods,
                startedAt: start, lastUsedAt: now, device: traits.device, network: traits.network,
                expiresAt: now + (stay?.lifetime ?? lifetime), isRemembered: stay != nil)
        }
        if let before {
            let continued = session(before.id, since: before.startedAt)
            if try await store.renew(continued, from: before.digest, at: now) { return (secret, continued) }
            // It has ended, or another request has continued it: this one becomes a session of its own.
        }
        let new = session(SessionID(rawValue: Base64URL.encode(random.bytes(16))), since: now)
        try await store.start(new, replacing: old.map { Sessions.digest(of: $0, audience) })
        return (secret, new)
    }

    /// Puts the same session under a new secret, because it may do more from now on (ASVS 7.2.4).
    ///
    /// Nil where it has ended meanwhile: nothing brings it back.
    public func renew(
        _ session: Session, adding methods: [AuthenticationMethod], known audience: SessionAudience = .pages
    ) async throws -> (secret: String, session: Session)? {
        let secret = Base64URL.encode(random.bytes(32))
        let now = clock.now
        let renewed = Session(
            digest: Sessions.digest(of: secret, audience),
            id: session.id,
            userID: session.userID,
            authenticatedAt: session.authenticatedAt,
            methods: session.methods + methods.filter { !session.methods.contains($0) },
            startedAt: session.startedAt,
            lastUsedAt: now,
            device: session.device,
            network: session.network,
            expiresAt: session.expiresAt,
            isRemembered: session.isRemembered
        )
        return try await store.renew(renewed, from: session.digest, at: now) ? (secret, renewed) : nil
    }

    /// The living session of a cookie, used by a browser with these traits; notes the use once a minute at most.
    ///
    /// The traits are looked at only where they matter.
    public func find(
        _ secret: String, seen traits: @autoclosure () -> BrowserTraits = .unknown,
        by audience: SessionAudience = .pages
    ) async throws -> Session? {
        let now = clock.now
        guard let session = try await store.find(Sessions.digest(of: secret, audience), at: now),
            isInUse(session, at: now),
            binding.isEmpty || isBound(session, to: traits())
        else { return nil }
        if now - session.lastUsedAt >= Sessions.touchInterval {
            // Whoever is signed in stays so while the store takes no writes.
            try? await store.touch(
                session.digest, from: traits().network ?? session.network, at: now,
                unlessSince: now - Sessions.touchInterval + .microseconds(1))
        }
        return session
    }

    /// The session of a cookie that has not ended, also where it lets nobody in any more: only to end it.
    public func findToEnd(_ secret: String, by audience: SessionAudience = .pages) async throws -> Session? {
        try await store.find(Sessions.digest(of: secret, audience), at: clock.now)
    }

    /// The sessions of a person, the last used first.
    public func list(of user: UserID) async throws -> [Session] {
        let now = clock.now
        return try await store.list(of: user, at: now).filter { isInUse($0, at: now) }
    }

    /// The session of a person by what clients know it by, also where it lets nobody in any more.
    func find(_ id: SessionID, of user: UserID) async throws -> Session? {
        try await store.find(id, of: user, at: clock.now)
    }

    /// Ends one session of a person by what clients know it by; false where there is none.
    public func end(_ id: SessionID, of user: UserID) async throws -> Bool {
        let now = clock.now
        guard let session = try await store.find(id, of: user, at: now) else { return false }
        return try await store.end(session.digest, at: now) != nil
    }

    /// Ends a session.
    public func end(_ session: Session) async throws {
        _ = try await store.end(session.digest, at: clock.now)
    }

    /// Ends every session of a person but this one; answers how many.
    public func endOthers(than session: Session) async throws -> Int {
        try await store.endAll(of: session.userID, except: session.digest, at: clock.now)
    }

    /// How long from now the session lives if nobody uses it.
    public func timeLeft(of session: Session) -> Duration {
        let now = clock.now
        return max(.zero, min(session.expiresAt - now, idleLifetime(of: session)))
    }

    /// How long the browser keeps the cookie of a session; nil for as long as it runs.
    public func cookieLifetime(of session: Session) -> Duration? {
        session.isRemembered ? max(.seconds(1), session.expiresAt - clock.now) : nil
    }

    private func idleLifetime(of session: Session) -> Duration {
        // Where nobody is asked any more, those who were asked have what all have.
        session.isRemembered ? remembered?.idleLifetime ?? idleLifetime : idleLifetime
    }

    private func isInUse(_ session: Session, at now: Timestamp) -> Bool {
        // The time of the last use may be a minute old.
        now - session.lastUsedAt < idleLifetime(of: session) + Sessions.touchInterval
    }

    private func isBound(_ session: Session, to traits: BrowserTraits) -> Bool {
        if binding.contains(.browser), let device = session.device, device != traits.device { return false }
        if binding.contains(.network), let network = session.network, network != traits.network { return false }
        return true
    }

    private static func digest(of secret: String, _ audience: SessionAudience) -> TokenDigest {
        // A SHA-256 digest has 32 bytes by its type.
        TokenDigest(bytes: SHA256.digest(of: audience.text(secret)).bytes)!
    }
}
