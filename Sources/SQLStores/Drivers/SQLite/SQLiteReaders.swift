import Reactor
import Stores

/// Connections that read, used on the thread that asks: a read takes microseconds, less than going to another thread.
///
/// A connection is made when all others are in use, so there are as many as threads ever read at once.
final class SQLiteReaders: Sendable {
    private struct Pool {
        var idle: [SQLiteConnection] = []
        /// Those in use and those idle.
        var open = 0
        var isClosed = false
    }

    private let path: String
    private let pool = Locked(Pool())

    init(path: String) {
        self.path = path
    }

    func run(_ statement: StaticString, _ parameters: [SQLValue]) throws(StorageError) -> [Row] {
        let connection = try checkOut()
        defer { checkIn(connection) }
        return try connection.run(statement, parameters)
    }

    /// Connections that are open, and those of them in use.
    var counts: (open: Int, busy: Int) { pool.withLock { ($0.open, $0.open - $0.idle.count) } }

    /// Closes what is idle now, and the rest as it comes back.
    func close() {
        let idle = pool.withLock { pool in
            pool.isClosed = true
            pool.open -= pool.idle.count
            defer { pool.idle = [] }
            return pool.idle
        }
        for connection in idle { connection.close() }
    }

    private func checkOut() throws(StorageError) -> SQLiteConnection {
        let (idle, isClosed) = pool.withLock { ($0.idle.popLast(), $0.isClosed) }
        guard !isClosed else { throw .closed }
        if let idle { return idle }
        let connection = try SQLiteConnection(path: path, purpose: .read)
        pool.withLock { $0.open += 1 }
        return connection
    }

    private func checkIn(_ connection: SQLiteConnection) {
        let isKept = pool.withLock { pool in
            if pool.isClosed { pool.open -= 1 } else { pool.idle.append(connection) }
            return !pool.isClosed
        }
        if !isKept { connection.close() }
    }
}
