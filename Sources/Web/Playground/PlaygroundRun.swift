import AuthorizationServer
import Synchronization

/// One sign-in through the playground: what a relying party keeps between its requests, and the log of them.
struct PlaygroundRun: Sendable {
    /// One message of the run, as the page shows it.
    struct Step: Sendable {
        var title: String
        var method: String
        var url: String
        var request: String
        var response: String
    }

    /// What the token endpoint gave.
    struct Tokens: Sendable {
        var accessToken: String
        var idToken: String?
        var refreshToken: String?
    }

    let state: String
    let nonce: String
    let verifier: String
    var steps: [Step] = []
    var tokens: Tokens?
    var userInfo: String?
    var problem: (code: String, message: String)?
}

/// The runs of all browsers, in memory: there is a playground in development mode only.
final class PlaygroundRuns: Sendable {
    private static let capacity = 200

    private let runs = Mutex<[(id: String, run: PlaygroundRun)]>([])

    subscript(id: String) -> PlaygroundRun? {
        runs.withLock { $0.last { $0.id == id }?.run }
    }

    /// Keeps a run; the oldest make room.
    func keep(_ run: PlaygroundRun, as id: String) {
        runs.withLock { runs in
            runs.removeAll { $0.id == id }
            runs.append((id, run))
            if runs.count > PlaygroundRuns.capacity { runs.removeFirst() }
        }
    }
}
