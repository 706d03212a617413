public import OAuthTypes
import Synchronization

/// How often a network may show a wrong secret for a client, before none of its secrets for that client is looked at:
/// RFC 6749 §2.3.1, §10.10.
///
/// By network and client, so that nobody keeps a client out from elsewhere; and an address from which the right secret
/// came counts for itself, so that nobody does from next door either.
public final class ClientFailures: Sendable {
    /// What one subscriber has, and the network around it: /32 in /24 of IPv4, /64 in /48 of IPv6.
    private struct Place {
        let subscriber: UInt128
        let network: UInt128

        init(_ address: UInt128) {
            let isShort = address >> 32 == 0
            subscriber = isShort ? address : address >> 64
            network = isShort ? address >> 8 : address >> 80
        }
    }

    private let limiter: RateLimiter?
    /// When the last one came, in microseconds: where none did for long, nothing has to be looked up.
    private let last = Atomic<Int64>(0)
    /// Digests of clients with the subscribers that proved to be them; one that needs the place of another takes it.
    private let proven = Mutex(Array(repeating: 0, count: 4096))

    /// Nothing has failed yet.
    public init(_ rates: RequestRates = RequestRates()) {
        limiter = RateLimiter(perMinute: rates.clientFailures)
    }

    /// The time after which to try again from an address (its number, below 2³² for IPv4); nil where a secret is looked
    /// at.
    public func pause(_ client: ClientID, from address: UInt128, at now: Timestamp) -> Duration? {
        guard let limiter, now <= Timestamp(microseconds: last.load(ordering: .relaxed)) + .seconds(120) else {
            return nil
        }
        let key = key(client, Place(address))
        guard limiter.isFull(key, at: now) else { return nil }
        return limiter.take(key, at: now) ?? .seconds(1)
    }

    /// Counts a wrong one.
    public func note(_ client: ClientID, from address: UInt128, at now: Timestamp) {
        last.store(now.microseconds, ordering: .relaxed)
        _ = limiter?.take(key(client, Place(address)), at: now)
    }

    /// Remembers that the right one came from there.
    public func noteProof(of client: ClientID, from address: UInt128) {
        guard limiter != nil else { return }
        let digest = ClientFailures.digest(client, Place(address))
        proven.withLock { $0[ClientFailures.slot(digest)] = digest }
    }

    private func key(_ client: ClientID, _ place: Place) -> [UInt8] {
        let digest = ClientFailures.digest(client, place)
        let isProven = proven.withLock { $0[ClientFailures.slot(digest)] == digest }
        let number = isProven ? place.subscriber : place.network
        return (0..<16).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } + [isProven ? 1 : 0]
            + Array(client.rawValue.utf8)
    }

    private static func digest(_ client: ClientID, _ place: Place) -> Int {
        var hasher = Hasher()
        hasher.combine(place.subscriber)
        hasher.combine(client)
        return hasher.finalize()
    }

    private static func slot(_ digest: Int) -> Int { digest & 4095 }
}
