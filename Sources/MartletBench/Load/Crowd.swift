import Glibc
import Synchronization

/// People who come when they like, each on a connection, whether others have been answered or not.
///
/// Moments follow a Poisson process of a stated rate, from a seed, so that each run is the same. Every duration counts
/// from the moment at which a person wanted to be served.
final class Crowd: Sendable {
    /// What a person does: `request` is asked for in advance, `isServed` judges the answer to it.
    struct Visit: Sendable {
        /// What is to be sent at the due moment, after whatever has to come first.
        let request: @Sendable (_ place: Int, Conversation) throws -> [UInt8]
        /// False for a refusal; throws where the answer is wrong.
        let isServed: @Sendable (_ place: Int, Reply) throws -> Bool
    }

    private struct Outcome {
        var served = Latencies()
        var refused = Latencies()
        var failure: BenchFailure?
    }

    private let visit: Visit
    private let moments: [UInt64]
    private let next = Atomic(0)
    private let outcome = Mutex(Outcome())
    private let threads = Mutex<[Thread]>([])

    /// Lets people come from now on, so many a second for so many seconds, on so many connections at most.
    init(_ visit: Visit, perSecond: Double, seconds: Double, seed: UInt64, connections: Int, port: UInt16) throws {
        self.visit = visit
        moments = Crowd.moments(perSecond: perSecond, seconds: seconds, seed: seed, from: Monotonic.after(seconds: 0.5))
        let made = try (0..<connections).map { _ in
            try Thread { [self] in
                do {
                    try come(Conversation(port: port))
                } catch {
                    outcome.withLock { $0.failure = error as? BenchFailure ?? BenchFailure("\(error)") }
                }
            }
        }
        threads.withLock { $0 = made }
    }

    /// Waits for the last: how long those waited who were served, and those who were refused.
    func wait() throws -> (served: Latencies, refused: Latencies) {
        threads.withLock { threads in
            for thread in threads { thread.join() }
            threads = []
        }
        let outcome = outcome.withLock { $0 }
        if let failure = outcome.failure { throw failure }
        return (outcome.served, outcome.refused)
    }

    private func come(_ conversation: Conversation) throws {
        while true {
            let place = next.add(1, ordering: .relaxed).oldValue
            guard place < moments.count else { return }
            let request = try visit.request(place, conversation)
            Monotonic.sleep(until: moments[place])
            let isServed = try visit.isServed(place, conversation.ask(request))
            let duration = Monotonic.now - moments[place]
            outcome.withLock { outcome in
                if isServed { outcome.served.add(duration) } else { outcome.refused.add(duration) }
            }
        }
    }

    private static func moments(perSecond: Double, seconds: Double, seed: UInt64, from start: UInt64) -> [UInt64] {
        var state = seed
        var moments: [UInt64] = []
        var offset = 0.0
        while true {
            // SplitMix64 (Steele, Lea, Flood, 2014).
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            bits ^= bits >> 31
            let share = (Double(bits >> 11) + 0.5) / Double(1 << 53)
            offset -= log(share) / perSecond
            guard offset < seconds else { return moments }
            moments.append(start + UInt64(offset * 1e9))
        }
    }
}
