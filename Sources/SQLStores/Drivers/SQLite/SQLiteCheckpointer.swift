import Reactor
import Stores

/// Copies SQLite's log into the database file on a thread of its own, beside the writer, and a little at a time:
/// thousands of pages at once would keep the disk busy for so long that every write would wait for it.
///
/// The log begins anew only after all of it was copied, which beside a writer that never rests would never be: so the
/// writer itself copies the rest, as soon as that is short.
final class SQLiteCheckpointer: Sendable {
    /// The pages of the log (16 MiB) from which on it shall begin anew.
    static let limit: Int32 = 4000
    /// The pages that are copied at a time.
    static let portion: Int32 = 32
    /// What the writer copies itself, so that the log can begin anew.
    static let rest: Int32 = 128
    /// Beyond it the writer copies whatever there is: the thread is too slow, and the log must not fill the disk.
    static let most: Int32 = 4 * limit

    private struct State {
        /// Nil before the first use, and where it could not be opened.
        var connection: SQLiteConnection?
        var isBusy = false
        /// Pages of the log that are in the database file.
        var copied: Int32 = 0
        /// Its length after the last commit, and when the writer last copied the rest.
        var length: Int32 = 0
        var tried: Int32 = 0
        /// The length of the log at which to look again.
        var next = SQLiteCheckpointer.portion
    }

    private let path: String
    private let pool: WorkerPool
    private let state = Locked(State())

    init(path: String) throws(StorageError) {
        self.path = path
        do {
            pool = try WorkerPool(name: "sqlite-log", threads: 1, queueLimit: 0)
        } catch {
            throw .failed("no thread for the database: \(error)")
        }
    }

    /// Whether the thread has something to do.
    var isBusy: Bool { state.withLock { $0.isBusy } }

    /// Pages of the log that are in the database file, as far as it is known.
    var copied: Int32 { state.withLock { $0.copied } }

    /// What the writer does after a commit.
    private enum Step {
        case nothing, ask, copy
    }

    /// Called by the writer after each commit, with its own connection.
    func look(at connection: SQLiteConnection) {
        switch state.withLock({ SQLiteCheckpointer.step(&$0, length: connection.logLength) }) {
        case .nothing: break
        case .ask: pool.submit { [self] refusal in copy(refusal) }
        case .copy:
            let copied = connection.checkpoint()
            state.withLock { $0.copied = copied }
        }
    }

    private static func step(_ state: inout State, length: Int32) -> Step {
        if length < state.length {
            // It has begun anew.
            (state.copied, state.tried, state.next) = (0, 0, portion)
        }
        state.length = length
        guard !state.isBusy else { return .nothing }
        // A reader may keep it from beginning anew, or from being copied: no use in trying with every commit.
        if length >= limit, length >= state.tried + rest, length - state.copied <= rest || length >= most {
            state.tried = length
            return .copy
        }
        guard length >= state.next else { return .nothing }
        state.next = length + portion
        state.isBusy = true
        return .ask
    }

    /// On the thread.
    private func copy(_ refusal: (any Error)?) {
        defer { state.withLock { $0.isBusy = false } }
        guard refusal == nil else { return }
        let kept = state.withLock { $0.connection }
        let connection = kept ?? (try? SQLiteConnection(path: path, purpose: .checkpoint))
        let copied = connection?.checkpoint() ?? 0
        state.withLock { state in
            state.connection = connection
            state.copied = copied
        }
    }

    /// Ends the thread and its connection: whoever closes last tidies the log, and that is the writer.
    func stop() async {
        await pool.stop()
        let connection = state.withLock { state in
            defer { state.connection = nil }
            return state.connection
        }
        connection?.close()
    }
}
