import HTTP
import Identity
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
        error is WorkerPoolError || error is PasswordsUnavailable || error is StorageError || error is KeyDeviceError
    }
}

extension Response {
    /// Says after how many seconds to come back, where waiting helps.
    func retrying(after seconds: Int?) -> Response {
        guard let seconds else { return self }
        var response = self
        response.headers.set("Retry-After", "\(seconds)")
        return response
    }
}

extension MailLimits.Again {
    /// The seconds to wait, rounded up; nil where a mail was sent, and where no wait helps.
    var seconds: Int? {
        if case .limited(let wait) = self { Failure.seconds(wait) } else { nil }
    }
}
