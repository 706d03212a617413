import AuthorizationServer
import Pages
import Synchronization

/// One sign-in through the playground: what a relying party keeps between its requests, and the log of them.
struct PlaygroundRun: Sendable {
    /// One message of the run, as the page shows it.
    struct Step: Sendable {
        var title: PlaygroundPage.Step.Title
        var method: String
        var url: String
        var request: String
        var response: String?
    }

    /// What the token endpoint gave.
    struct Tokens: Sendable {
        var accessToken: String
        var idToken: String?
        var refreshToken: String?
    }

    /// The browser that it belongs to, by its cookie.
    let browser: String
    /// Names the run: each tab has its own.
    let state: String
    let nonce: String
    let verifier: String
    var steps: [Step] = []
    var tokens: Tokens?
    var userInfo: String?
    var problem: PlaygroundPage.Problem?
}

/// The runs of all browsers, in memory: there is a playground in development mode only.
final class PlaygroundRuns: Sendable {
    private static let capacity = 200

    private let runs = Mutex<[PlaygroundRun]>([])

    /// A browser's run of that name, or its latest.
    func find(_ state: String?, of browser: String) -> PlaygroundRun? {
        runs.withLock { $0.last { $0.browser == browser && (state == nil || $0.state == state) } }
    }

    /// Keeps a run; the oldest make room.
    func keep(_ run: PlaygroundRun) {
        runs.withLock { runs in
            runs.removeAll { $0.state == run.state }
            runs.append(run)
            if runs.count > PlaygroundRuns.capacity { runs.removeFirst() }
        }
    }
}
