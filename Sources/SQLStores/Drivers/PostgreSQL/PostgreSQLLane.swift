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

    /// Jobs that may wait for a connection before further ones are refused.
    private static let queueCapacity = 4096
    /// Jobs that may wait however long the first has.
    private static let always = 256

    init(limit: Int, depth: Int) {
        self.limit = limit
        self.depth = depth
    }

    /// Whether a job may wait here: not while the first has waited for long, because those behind it would wait longer.
    func takes(_ job: PostgreSQLJob) -> Bool {
        guard let first = waiting.first, waiting.count >= Self.always else { return true }
        return waiting.count < Self.queueCapacity && job.since <= first.latestCompany
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
