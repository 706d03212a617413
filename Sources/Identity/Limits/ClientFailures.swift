public import OAuthTypes
import Synchronization

/// How often a network may show a wrong secret for a client, before none of its secrets for that client is looked at:
/// RFC 6749 §2.3.1, §10.10.
///
/// By network and client, so that nobody keeps a client out from elsewhere.
public final class ClientFailures: Sendable {
    private let limiter: RateLimiter?
    /// When the last one came, in microseconds: where none did for long, nothing has to be looked up.
    private let last = Atomic<Int64>(0)

    /// Nothing has failed yet.
    public init(_ rates: RequestRates = RequestRates()) {
        limiter = RateLimiter(perMinute: rates.clientFailures)
    }

    /// The time after which to try again; nil where a secret is looked at.
    public func pause(_ client: ClientID, from origin: @autoclosure () -> AuditOrigin, at now: Timestamp) -> Duration? {
        guard let limiter, now <= Timestamp(microseconds: last.load(ordering: .relaxed)) + .seconds(120) else {
            return nil
        }
        let key = ClientFailures.key(client, origin())
        guard limiter.isFull(key, at: now) else { return nil }
        return limiter.take(key, at: now) ?? .seconds(1)
    }

    /// Counts a wrong one.
    public func note(_ client: ClientID, from origin: AuditOrigin, at now: Timestamp) {
        last.store(now.microseconds, ordering: .relaxed)
        _ = limiter?.take(ClientFailures.key(client, origin), at: now)
    }

    private static func key(_ client: ClientID, _ origin: AuditOrigin) -> [UInt8] {
        Array((origin.network ?? "").utf8) + [0] + Array(client.rawValue.utf8)
    }
}
