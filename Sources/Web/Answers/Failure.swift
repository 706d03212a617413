import JOSE
import OAuthTypes
import Reactor
import Stores

/// What our own failures look like from outside.
enum Failure {
    /// Seconds after which trying again makes sense.
    static let retryAfter = "2"

    /// A wait in whole seconds, rounded up: who comes back then shall not be early.
    static func seconds(_ wait: Duration) -> Int { max(1, Int(clamping: wait.wholeSeconds + 1)) }

    /// Whether the same request may succeed in a moment: a full queue, a store or a key device that does not answer.
    static func isTemporary(_ error: any Error) -> Bool {
        error is WorkerPoolError || error is StorageError || error is KeyDeviceError
    }
}
