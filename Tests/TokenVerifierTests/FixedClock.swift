import Synchronization
import TokenVerifier

/// A clock that stands still until it is moved.
final class FixedClock: VerifierClock {
    static let start: Int64 = 1_800_000_000
    private let passed = Mutex(Duration.zero)
    private let sleeps = Mutex<[Duration]>([])

    var elapsed: Duration { passed.withLock { $0 } }
    var seconds: Int64 { Self.start + elapsed.components.seconds }
    /// How long somebody wanted to wait, each time.
    var slept: [Duration] { sleeps.withLock { $0 } }

    func advance(by duration: Duration) { passed.withLock { $0 += duration } }

    /// Moves the clock in place of waiting.
    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        sleeps.withLock { $0.append(duration) }
        advance(by: duration)
        await Task.yield()
    }
}
