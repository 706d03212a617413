/// How busy the connections of a database, or other workers, are, for whoever asks.
public struct PoolFigures: Sendable {
    /// What the connections are for, such as `database_writes`.
    public let name: String
    /// Calls that wait for a connection.
    public let waiting: @Sendable () -> Int
    /// Connections that are open.
    public let open: @Sendable () -> Int
    /// Connections that work on a call.
    public let busy: @Sendable () -> Int

    /// Figures of a pool.
    public init(
        name: String, waiting: @escaping @Sendable () -> Int, open: @escaping @Sendable () -> Int,
        busy: @escaping @Sendable () -> Int
    ) {
        self.name = name
        self.waiting = waiting
        self.open = open
        self.busy = busy
    }
}
