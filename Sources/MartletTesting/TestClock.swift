public import OAuthTypes
import Synchronization

/// A clock that stands still until a test moves it.
public final class TestClock: TimeSource {
    private let moment: Mutex<Timestamp>

    /// A clock that shows a moment.
    public init(_ now: Timestamp = .noon) {
        moment = Mutex(now)
    }

    /// What it shows.
    public var now: Timestamp { moment.withLock { $0 } }

    /// Moves it, also back.
    public func advance(by duration: Duration) {
        moment.withLock { $0 = $0 + duration }
    }
}
