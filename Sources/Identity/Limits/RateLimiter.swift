import OAuthTypes
import Reactor

/// So many of something a minute for each key, as many at once, in fixed memory however many keys there are.
///
/// A key is two slots of a table, chosen by a hash that nobody outside can foresee; it is over its limit where both say
/// so, so that a stranger who shares one of them is hardly ever met. A slot holds one moment, up to which what came so
/// far fills the rate (the generic cell rate algorithm of ITU-T I.371).
final class RateLimiter: Sendable {
    /// Between two in a steady flow, in microseconds.
    private let interval: Int64
    /// How far ahead of the steady flow one may be.
    private let tolerance: Int64
    private let slots: Locked<[Int64]>

    private static let rowLength = 4096

    /// Nil for no limit.
    init?(perMinute count: Int) {
        guard count > 0 else { return nil }
        interval = max(1, 60_000_000 / Int64(count))
        tolerance = interval * Int64(count)
        slots = Locked(Array(repeating: 0, count: 2 * RateLimiter.rowLength))
    }

    /// Counts one; or nothing, and the time after which to try again.
    func take(_ key: [UInt8], at now: Timestamp) -> Duration? {
        let (first, second) = places(key)
        let moment = now.microseconds
        return slots.withLock { slots in
            let filled = max(moment, min(slots[first], slots[second]))
            let excess = filled + interval - tolerance - moment
            guard excess <= 0 else { return .microseconds(excess) }
            slots[first] = max(slots[first], filled + interval)
            slots[second] = max(slots[second], filled + interval)
            return nil
        }
    }

    /// Takes one back that was counted.
    func giveBack(_ key: [UInt8]) {
        let (first, second) = places(key)
        slots.withLock { slots in
            slots[first] -= interval
            slots[second] -= interval
        }
    }

    private func places(_ key: [UInt8]) -> (Int, Int) {
        var hasher = Hasher()
        hasher.combine(key)
        let hash = UInt64(bitPattern: Int64(hasher.finalize()))
        let length = UInt64(RateLimiter.rowLength)
        return (Int(hash % length), Int(length + (hash >> 32) % length))
    }
}
