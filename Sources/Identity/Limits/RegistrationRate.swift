public import OAuthTypes

/// How many clients strangers of one network may register: RFC 7591 §5.
public final class RegistrationRate: Sendable {
    /// In an hour, from one network.
    public static let perHour = 20

    private let limiter = RateLimiter(RegistrationRate.perHour, per: .seconds(3600))

    /// Nobody has registered anything yet.
    public init() {}

    /// Counts one; or nothing, and the time after which to try again.
    public func take(_ origin: AuditOrigin, at now: Timestamp) -> Duration? {
        limiter?.take(Array((origin.network ?? "").utf8), at: now)
    }
}
