import AuthorizationServer
import Observability
import Reactor
import SQLStores

/// The values that are looked at when somebody asks for the metrics.
enum Gauges {
    /// The signing keys that are left out because they cannot be opened.
    static func keys(_ ring: KeyRing) -> [Gauge] {
        [
            Gauge(
                "martlet_signing_keys_unopened",
                help: "Stored signing keys that this node cannot open: it verifies nothing that they signed.",
                read: { Double(ring.unopened.count) })
        ]
    }

    /// The queue of password hashes and the connections to the database: what waits, how many there are, how many work.
    static func pools(passwords: WorkerPool, _ storage: SQLStorage) -> [Gauge] {
        let hashes = PoolFigures(
            name: "passwords", waiting: { passwords.waiting }, open: { passwords.threads },
            busy: { passwords.busy })
        let pools = [hashes] + storage.pools
        // Those of one name together.
        return pools.map { pool in
            Gauge(
                "martlet_pool_waiting", help: "Calls that wait for a thread or a connection.",
                label: ("pool", pool.name), read: { Double(pool.waiting()) })
        }
            + pools.map { pool in
                Gauge(
                    "martlet_pool_open", help: "Threads or connections that there are.", label: ("pool", pool.name),
                    read: { Double(pool.open()) })
            }
            + pools.map { pool in
                Gauge(
                    "martlet_pool_busy", help: "Threads or connections at work.", label: ("pool", pool.name),
                    read: { Double(pool.busy()) })
            }
    }
}

extension StoreTimes {
    /// Times of every operation that the stores have.
    static func ofEveryOperation(on group: EventLoopGroup) -> StoreTimes {
        StoreTimes(rows: group.loops.count, operations: StoreOperation.allCases.map(\.name))
    }

    /// What the stores tell.
    var observer: StoreObserver {
        { operation, nanoseconds in
            self.observe(
                operation.rawValue,
                microseconds: Int(clamping: (nanoseconds &+ 500) / 1000),
                row: EventLoop.current?.index ?? .max
            )
        }
    }
}
