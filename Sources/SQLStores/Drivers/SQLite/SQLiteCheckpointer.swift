import Reactor
import Stores

/// Copies SQLite's log into the database file on a thread of its own, beside the writer, and a little at a time:
/// thousands of pages at once would keep the disk busy for so long that every write would wait for it.
///
/// The log begins anew only after all of it was copied, which beside a writer that never rests would never be: so the
/// writer itself copies the rest, as soon as that is short.
///
/// SQLite before 3.51.3 may lose writes where a copy begins on a log that is copied whole, while another connection
/// commits and lets that log begin anew (https://sqlite.org/wal.html#walresetbug). So a copy begins only on a log that
/// is not copied whole, which no commit lets begin anew, and only where this process has the right to (`CopyRight`): a
/// copy of another process could have made it whole in between.
final class SQLiteCheckpointer: Sendable {
    /// The pages of the log (16 MiB) from which on it shall begin anew.
    static let limit: Int32 = 4000
    /// The pages that are copied at a time.
    static let portion: Int32 = 32
    /// What the writer copies itself, so that the log can begin anew.
    static let rest: Int32 = 128
    /// Beyond it the writer copies whatever there is: the thread is too slow, and the log must not fill the disk.
    static let most: Int32 = 4 * limit

    struct State {
        /// Nil before the first use, and where it could not be opened.
        var connection: SQLiteConnection?
        /// Somebody copies.
        var isBusy = false
        /// Nobody shall copy any more.
        var isOver = false
        /// Pages of the log that are in the database file.
        var copied: Int32 = 0
        /// Its length after the last commit, and when the writer last copied the rest.
        var length: Int32 = 0
        var tried: Int32 = 0
        /// The length of the log at which to look again.
        var next = SQLiteCheckpointer.portion
        /// How often the log has begun anew: what is told of an earlier one is no news.
        var beginnings = 0
    }

    private let path: String
    private let pool: WorkerPool
    private let right: CopyRight
    private let state = Locked(State())

    init(path: String) throws(StorageError) {
        self.path = path
        right = CopyRight(path: path)
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
    enum Step: Equatable {
        case nothing, ask, copy
    }

    /// Called by the writer after each commit, with its own connection.
    func look(at connection: SQLiteConnection) {
        let length = connection.logLength
        let (step, beginnings) = state.withLock { state in
            (judge(&state, length: length), state.beginnings)
        }
        switch step {
        case .nothing: break
        case .ask: pool.submit { [self] refusal in copy(refusal, beginnings) }
        case .copy: note(connection.checkpoint(), beginnings)
        }
    }

    private func judge(_ state: inout State, length: Int32) -> Step {
        // With the right from now on, it is the next commit after which nobody else has copied.
        guard right.isOurs else {
            if !state.isOver { right.take() }
            return .nothing
        }
        return SQLiteCheckpointer.step(&state, length: length)
    }

    /// What to do with a log of so many pages, right after a commit.
    static func step(_ state: inout State, length: Int32) -> Step {
        if length < state.length {
            // It has begun anew.
            (state.copied, state.tried, state.next) = (0, 0, portion)
            state.beginnings += 1
        }
        state.length = length
        guard !state.isBusy, !state.isOver else { return .nothing }
        // Copied whole by a copy that ended after this commit: the next commit may let it begin anew at any moment.
        guard length > state.copied else { return .nothing }
        // A reader may keep it from beginning anew, or from being copied: no use in trying with every commit.
        if length >= limit, length >= state.tried + rest, length - state.copied <= rest || length >= most {
            state.tried = length
            state.isBusy = true
            return .copy
        }
        guard length >= state.next else { return .nothing }
        state.next = length + portion
        state.isBusy = true
        return .ask
    }

    /// On the thread.
    private func copy(_ refusal: (any Error)?, _ beginnings: Int) {
        guard refusal == nil else { return note(nil, beginnings) }
        let kept = state.withLock { $0.connection }
        let connection = kept ?? (try? SQLiteConnection(path: path, purpose: .checkpoint))
        state.withLock { $0.connection = connection }
        note(connection?.checkpoint(), beginnings)
    }

    /// A copy is over.
    private func note(_ copied: Int32?, _ beginnings: Int) {
        state.withLock { state in
            if let copied, state.beginnings == beginnings { state.copied = copied }
            state.isBusy = false
            if state.isOver { right.give() }
        }
    }

    /// Copies no more, and leaves that to another process, which has to wait for it.
    func stop() async {
        state.withLock { $0.isOver = true }
        // Whoever closes last tidies the log, and that is the writer.
        await pool.stop()
        let connection = state.withLock { state in
            defer { state.connection = nil }
            // The writer may be copying still.
            if !state.isBusy { right.give() }
            return state.connection
        }
        connection?.close()
    }
}
