import Reactor
import Stores

/// What one caller asks for.
enum PostgreSQLWork: Sendable {
    case read(Command)
    /// All or none.
    case write([Command])
    /// The first ones, and the rest only if the last of the first returned a row; else nothing stays.
    case conditional(first: [Command], rest: [Command])
}

/// Work and who waits for it.
struct PostgreSQLJob: Sendable {
    let work: PostgreSQLWork
    /// When it was asked for.
    let since: Deadline
    /// When the caller is told that the database does not answer.
    let deadline: Deadline
    /// From when on it is too late to send it: half of the time is the database's.
    let latestStart: Deadline
    /// Until when others may queue up behind it.
    let latestCompany: Deadline
    /// Resumed exactly once, by the pool.
    let continuation: UnsafeContinuation<Result<[[Row]], StorageError>, Never>
    /// How often it was sent before.
    var attempts = 0
    /// A neighbour failed: the next time it shares its end with nobody.
    var isAlone = false
    /// How many pools without a connection have handed it on.
    var hops = 0

    var isRead: Bool {
        if case .read = work { true } else { false }
    }

    func finish(_ result: Result<[[Row]], StorageError>) {
        continuation.resume(returning: result)
    }
}

/// A job that a connection works on.
///
/// Confined to the loop of its connection.
final class PostgreSQLExchange {
    let job: PostgreSQLJob
    /// The rows of each command so far.
    var answers: [[Row]] = []
    /// The first error of the server.
    var failure: PostgreSQLFailure?
    /// An earlier statement up to the same end failed, so that the server skipped this one.
    var isSkipped = false
    /// The server warned that a standby may lack the commit.
    var isDoubtful = false
    /// The server has answered its commit: it stays, though the end of the exchange is yet to come.
    var isCommitted = false
    /// The end was sent: from here on the write may happen.
    var isSealed = false

    init(_ job: PostgreSQLJob) { self.job = job }
}
