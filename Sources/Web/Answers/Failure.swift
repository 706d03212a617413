import JOSE
import Reactor
import Stores

/// What our own failures look like from outside.
enum Failure {
    /// Seconds after which trying again makes sense.
    static let retryAfter = "2"

    /// Whether the same request may succeed in a moment: a full queue, a store or a key device that does not answer.
    static func isTemporary(_ error: any Error) -> Bool {
        error is WorkerPoolError || error is StorageError || error is KeyDeviceError
    }
}
