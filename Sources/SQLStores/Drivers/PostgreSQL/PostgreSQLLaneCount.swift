import Synchronization

/// How busy a lane is, for other threads than its loop's.
final class PostgreSQLLaneCount: Sendable {
    let waiting = Atomic(0)
    let open = Atomic(0)
    let busy = Atomic(0)

    /// Shows the lane as it is now; on its loop.
    func note(_ lane: PostgreSQLLane) {
        waiting.store(lane.waiting.count, ordering: .relaxed)
        open.store(lane.connections.count, ordering: .relaxed)
        var busy = 0
        for connection in lane.connections where connection.load > 0 { busy += 1 }
        self.busy.store(busy, ordering: .relaxed)
    }
}

extension PoolFigures {
    /// The same lane of every loop together.
    init(name: String, _ lanes: [PostgreSQLLaneCount]) {
        self.init(
            name: name,
            waiting: { lanes.reduce(0) { $0 + $1.waiting.load(ordering: .relaxed) } },
            open: { lanes.reduce(0) { $0 + $1.open.load(ordering: .relaxed) } },
            busy: { lanes.reduce(0) { $0 + $1.busy.load(ordering: .relaxed) } }
        )
    }
}
