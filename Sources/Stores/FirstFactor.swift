public import OAuthTypes

/// A right password, or what another provider proved, that waits for the second factor: no session yet.
public struct FirstFactor: Sendable, Equatable {
    /// SHA-256 of what the sign-in is for: one interaction, or the account pages of one browser.
    public let place: TokenDigest
    /// SHA-256 of the browser's cookie.
    public let browser: TokenDigest
    /// Whose password it was.
    public let userID: UserID
    /// How it was proven.
    public let methods: [AuthenticationMethod]
    /// When it was proven.
    public let provenAt: Timestamp
    /// When it is too late for the second factor.
    public let expiresAt: Timestamp
    /// Who waits with it where a connector proved it (`PendingIdentity.digest`): it ends with them; nil for a password.
    public let identity: TokenDigest?

    /// A factor with every field named.
    public init(
        place: TokenDigest, browser: TokenDigest, userID: UserID, methods: [AuthenticationMethod],
        provenAt: Timestamp, expiresAt: Timestamp, identity: TokenDigest? = nil
    ) {
        self.place = place
        self.browser = browser
        self.userID = userID
        self.methods = methods
        self.provenAt = provenAt
        self.expiresAt = expiresAt
        self.identity = identity
    }
}

/// First factors between the two pages of a sign-in.
public protocol FirstFactorStore: Sendable {
    /// Keeps a factor in place of an earlier one of the same place.
    func note(_ factor: FirstFactor) async throws
    /// The factor that waits at `now`, of an account that was neither closed nor signed out since; none that was proven at
    /// a connector that is disabled by now.
    func find(_ place: TokenDigest, at now: Timestamp) async throws -> FirstFactor?
    /// Ends the waiting: of any number of concurrent callers exactly one gets true.
    func take(_ place: TokenDigest, provenAt: Timestamp, at now: Timestamp) async throws -> Bool
    /// Deletes what expired by `now`; up to `limit` rows.
    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int
}
