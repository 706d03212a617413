import CPostgreSQL
import Glibc
import Reactor
import Stores

/// A connection of its own that hears what other nodes change and holds the duty of the cluster: the lock of the one node
/// that sweeps and rotates keys.
///
/// Its thread waits; nothing that serves a request depends on it. While it is not connected, changes are seen by
/// looking, and the duty is somebody else's.
final class PostgreSQLWatch: Sendable {
    private struct State {
        var isOnDuty = false
        var isStopping = false
        var listener: (@Sendable () -> Void)?
    }

    private let settings: PostgreSQLSettings
    private let state = Locked(State())
    private let bell: Int32
    private let ended = ThreadEnd()

    private static let takeDuty = """
        SELECT pg_try_advisory_lock(\(PostgreSQLOpening.lockSpace), hashtext('duty ' || current_schema()))
        """

    /// Milliseconds that the server may take for an answer.
    private var patience: Int32 { Int32(clamping: settings.timeout.components.seconds * 1000) }

    /// How often the lock is tried for, and the connection looked at, in milliseconds.
    private let interval: Int32

    /// Starts the thread.
    init(_ settings: PostgreSQLSettings, interval: Int32 = 1000) throws(StorageError) {
        self.settings = settings
        self.interval = interval
        var pipe: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pipe) == 0 else {
            throw .unavailable(reason: String(cString: strerror(errno)))
        }
        bell = pipe[0]
        let ear = pipe[1]
        do {
            try startThread(name: "pg-watch") { [self] in
                work(ear)
                Glibc.close(ear)
                ended.signal()
            }
        } catch {
            throw .unavailable(reason: "\(error)")
        }
    }

    /// Whether this node holds the lock now.
    var isOnDuty: Bool { state.withLock { $0.isOnDuty } }

    /// Calls `body`, on the watch's thread, whenever something changed that caches hold.
    func onChange(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.listener = body }
    }

    /// Gives the duty back and ends the thread.
    func close() async {
        let isFirst = state.withLock { state in
            defer { state.isStopping = true }
            return !state.isStopping
        }
        if isFirst { Glibc.close(bell) }
        await ended.wait()
    }

    private func work(_ ear: Int32) {
        while !state.withLock({ $0.isStopping }) {
            if let session = try? PostgreSQLSession(settings) {
                // What happened while nobody listened is seen by the next look.
                if (try? session.run("LISTEN martlet", within: patience, unless: ear)) != nil {
                    tellOfChange()
                    attend(session, ear)
                }
                state.withLock { $0.isOnDuty = false }
                session.close()
            }
            var events = [pollfd(fd: ear, events: Int16(POLLIN), revents: 0)]
            poll(&events, 1, interval)
        }
    }

    /// Until the connection breaks or the watch is closed.
    private func attend(_ session: PostgreSQLSession, _ ear: Int32) {
        while !state.withLock({ $0.isStopping }) {
            do {
                let isOnDuty = state.withLock { $0.isOnDuty }
                // The lock belongs to the session: as long as that answers it is ours. A server that is silent is left.
                let rows = try session.run(
                    isOnDuty ? "SELECT true" : PostgreSQLWatch.takeDuty, within: patience, unless: ear)
                if rows.first == Row([.integer(1)]) { state.withLock { $0.isOnDuty = true } }
            } catch {
                return
            }
            // What came along with the answer is read already, so that waiting would not notice it.
            tellOfNotifications(session)
            var events = [
                pollfd(fd: ear, events: Int16(POLLIN), revents: 0),
                pollfd(fd: PQsocket(session.handle), events: Int16(POLLIN), revents: 0),
            ]
            poll(&events, 2, interval)
            guard PQconsumeInput(session.handle) == 1 else { return }
            tellOfNotifications(session)
        }
    }

    /// However many have come, once.
    private func tellOfNotifications(_ session: PostgreSQLSession) {
        var isChanged = false
        while let notification = PQnotifies(session.handle) {
            isChanged = true
            PQfreemem(notification)
        }
        if isChanged { tellOfChange() }
    }

    private func tellOfChange() {
        state.withLock { $0.listener }?()
    }
}
