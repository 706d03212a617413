public import OAuthTypes

/// How often browsers of one network may have the picture of a client fetched.
public final class LogoRate: Sendable {
    private let limiter: RateLimiter?

    /// Nobody has asked yet.
    public init(_ rates: RequestRates = RequestRates()) {
        limiter = RateLimiter(perMinute: rates.logos)
    }

    /// Counts one; false for too many.
    public func admits(_ origin: AuditOrigin, at now: Timestamp) -> Bool {
        limiter?.take(Array((origin.network ?? "").utf8), at: now) == nil
    }
}
