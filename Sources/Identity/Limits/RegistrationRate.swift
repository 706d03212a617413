public import OAuthTypes

/// How many clients strangers of one network may register, and how often one client may change its registration:
/// RFC 7591 §5.
public final class RegistrationRate: Sendable {
    /// In an hour, from one network.
    public static let perHour = 20

    /// Changes of one client in an hour: each empties the caches of all nodes, and may have something fetched.
    public static let changesPerHour = 60

    private let changes = RateLimiter(RegistrationRate.changesPerHour, per: .seconds(3600))
    private let limiter = RateLimiter(RegistrationRate.perHour, per: .seconds(3600))

    /// Nobody has registered anything yet.
    public init() {}

    /// Counts a change of a client; or nothing, and the time after which to try again.
    public func takeChange(of client: ClientID, at now: Timestamp) -> Duration? {
        changes?.take(Array(client.rawValue.utf8), at: now)
    }

    /// Counts one; or nothing, and the time after which to try again.
    public func take(_ origin: AuditOrigin, at now: Timestamp) -> Duration? {
        limiter?.take(Array((origin.network ?? "").utf8), at: now)
    }
}
