/// Durations in nanoseconds, in steps of about 3 % so that any number of them takes one small table.
struct Latencies: CustomStringConvertible {
    private var counts = [Int](repeating: 0, count: 64 * 32)
    private(set) var count = 0
    private(set) var longest: UInt64 = 0

    mutating func add(_ nanoseconds: UInt64) {
        counts[Latencies.step(of: nanoseconds)] += 1
        count += 1
        longest = max(longest, nanoseconds)
    }

    mutating func add(_ other: Latencies) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        longest = max(longest, other.longest)
    }

    /// The duration in milliseconds that this share of all did not exceed.
    func milliseconds(at share: Double) -> Double {
        let rank = Int((Double(count) * share).rounded(.up))
        var seen = 0
        for (index, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= rank { return Double(min(longest, Latencies.upperEnd(of: index))) / 1e6 }
        }
        return 0
    }

    var summary: String {
        "p50 \(Format.milliseconds(milliseconds(at: 0.5))), p99 \(Format.milliseconds(milliseconds(at: 0.99))), "
            + "max \(Format.milliseconds(Double(longest) / 1e6))"
    }

    var description: String { "\(count): \(summary)" }

    /// 32 steps for each doubling.
    private static func step(of value: UInt64) -> Int {
        guard value >= 32 else { return Int(value) }
        let power = 63 - value.leadingZeroBitCount
        return min(64 * 32 - 1, (power - 4) * 32 + Int(value >> UInt64(power - 5)) - 32)
    }

    private static func upperEnd(of step: Int) -> UInt64 {
        guard step >= 32 else { return UInt64(step) }
        let power = step / 32 + 4
        return (UInt64(step % 32) + 33) << UInt64(power - 5)
    }
}
