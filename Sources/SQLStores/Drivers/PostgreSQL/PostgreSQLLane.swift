import Reactor
import Stores

/// Connections for one kind of work, and the jobs that wait for one of them.
///
/// Confined to the loop of its pool.
final class PostgreSQLLane {
    /// The most connections.
    let limit: Int
    /// How many jobs a connection works on at a time.
    let depth: Int
    var connections: [PostgreSQLConnection] = []
    /// Connections that are being made.
    var opening = 0
    var waiting = Fifo<PostgreSQLJob>()

    init(limit: Int, depth: Int) {
        self.limit = limit
        self.depth = depth
    }

    /// The connection that can take a job, the one with the least to do.
    var free: PostgreSQLConnection? {
        var best: PostgreSQLConnection?
        for connection in connections
        where connection.load < min(depth, best?.load ?? depth) && !connection.isTaken {
            if connection.load == 0 { return connection }
            best = connection
        }
        return best
    }

    /// A connection that works on nothing.
    var idle: PostgreSQLConnection? { connections.first { $0.load == 0 } }

    /// Whether another connection would help.
    var wantsMore: Bool { !waiting.isEmpty && connections.count + opening < limit && opening < waiting.count }

    /// Whether anything is under way.
    var isBusy: Bool { !waiting.isEmpty || connections.contains { $0.load > 0 } }
}

@available(*, unavailable)
extension PostgreSQLLane: Sendable {}
