public import OAuthTypes

/// How often browsers of one network may have the picture of a client fetched: a page needs one, and most are at hand.
public final class LogoRate: Sendable {
    /// In a minute, from one network.
    public static let perMinute = 30

    private let limiter = RateLimiter(perMinute: LogoRate.perMinute)

    /// Nobody has asked yet.
    public init() {}

    /// Counts one; false for too many.
    public func admits(_ origin: AuditOrigin, at now: Timestamp) -> Bool {
        limiter?.take(Array((origin.network ?? "").utf8), at: now) == nil
    }
}
