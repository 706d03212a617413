import Reactor
import Stores

/// What libpq can only do by waiting: names, sockets, TLS and passwords of a new connection, and cancellations.
///
/// A thread each, since a host that does not answer must not hold up the next; a pool never has more of them than
/// connections.
enum PostgreSQLConnector {
    /// Connects on a thread of its own and hands the session to `done` there.
    static func connect(
        _ settings: PostgreSQLSettings, _ done: @escaping @Sendable (Result<PostgreSQLSession, StorageError>) -> Void
    ) {
        do {
            try startThread(name: "pg-connect") {
                done(Result { () throws(StorageError) in try PostgreSQLSession(settings) })
            }
        } catch {
            done(.failure(.unavailable(reason: "\(error)")))
        }
    }

    /// Cancels on a thread of its own.
    ///
    /// Without a thread the server's own time limit ends the statement.
    static func run(_ cancellation: PostgreSQLCancellation) {
        try? startThread(name: "pg-cancel") { cancellation.run() }
    }
}
