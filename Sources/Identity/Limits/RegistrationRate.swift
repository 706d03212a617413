public import OAuthTypes

/// How many clients strangers of one network may register, and how often one client may change its registration:
/// RFC 7591 §5.
public final class RegistrationRate: Sendable {
    private let changes: RateLimiter?
    private let limiter: RateLimiter?

    /// Nobody has registered anything yet.
    public init(_ rates: RequestRates = RequestRates()) {
        changes = RateLimiter(rates.registrationChanges, per: .seconds(3600))
        limiter = RateLimiter(rates.registrations, per: .seconds(3600))
    }

    /// Counts a change of a client; or nothing, and the time after which to try again.
    public func takeChange(of client: ClientID, at now: Timestamp) -> Duration? {
        changes?.take(Array(client.rawValue.utf8), at: now)
    }

    /// Counts one; or nothing, and the time after which to try again.
    public func take(_ origin: AuditOrigin, at now: Timestamp) -> Duration? {
        limiter?.take(Array((origin.network ?? "").utf8), at: now)
    }
}
