import OAuthTypes
import Synchronization

/// A clock that stands still until it is moved.
final class TestClock: TimeSource {
    private let moment = Mutex(Timestamp(seconds: 1_800_000_000))

    var now: Timestamp { moment.withLock { $0 } }

    func advance(by duration: Duration) {
        moment.withLock { $0 = $0 + duration }
    }
}
