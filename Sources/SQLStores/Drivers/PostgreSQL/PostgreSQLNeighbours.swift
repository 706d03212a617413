import Reactor

/// The pools of all loops, and which of them have connections.
///
/// A server gives out only so many (53300), and whoever asks first gets them: a loop that got none hands its jobs to one
/// that has some, and so waits for nothing but its turn there.
final class PostgreSQLNeighbours: Sendable {
    private struct Place {
        var pool: LoopBound<PostgreSQLPool>?
        var connections = 0
    }

    /// How many pools there are.
    let count: Int
    private let places: Locked<[Place]>

    /// Makes room for so many pools.
    init(count: Int) {
        self.count = count
        places = Locked(Array(repeating: Place(), count: count))
    }

    func join(_ pool: LoopBound<PostgreSQLPool>, at index: Int) {
        places.withLock { $0[index].pool = pool }
    }

    /// Notes how many connections a pool has now.
    func note(_ connections: Int, at index: Int) {
        places.withLock { $0[index].connections = connections }
    }

    /// A pool that is closed takes no jobs.
    func leave(_ index: Int) {
        places.withLock { $0[index] = Place() }
    }

    /// The pool with the most connections but for one; nil while the others have none.
    func best(but index: Int) -> LoopBound<PostgreSQLPool>? {
        places.withLock { places in
            var best: Place?
            for (place, other) in places.enumerated() where place != index && other.connections > 0 {
                if other.connections > best?.connections ?? 0 { best = other }
            }
            return best?.pool
        }
    }
}
