public import Reactor

/// An HTTP/1.1 server: RFC 9112.
///
/// One part on each loop of the group; a connection never leaves its loop.
public final class HTTPServer: Sendable {
    private let configuration: ServerConfiguration
    private let parts: [ServerLoop]
    private let census: ConnectionCensus
    private let state = StartedServer()

    /// A server that does not listen yet.
    ///
    /// - Parameters:
    ///   - respond: makes the answer to a request; runs on the loop of the connection.
    ///   - accessLog: called once for each answer, refusals included.
    ///   - faultLog: called when an answer could not be sent as it was made.
    public init(
        configuration: ServerConfiguration,
        group: EventLoopGroup,
        respond: @escaping RequestResponder,
        accessLog: @escaping AccessLog = { _ in },
        faultLog: @escaping FaultLog = { _, _ in }
    ) {
        self.configuration = configuration
        let census = ConnectionCensus(limit: configuration.maxConnections)
        self.census = census
        parts = group.loops.map { loop in
            ServerLoop(
                loop,
                configuration: configuration,
                census: census,
                respond: respond,
                accessLog: accessLog,
                faultLog: faultLog
            )
        }
    }

    /// Listens on all addresses, on every loop.
    ///
    /// To be called once.
    ///
    /// - Throws: `SystemError` when an address cannot be had; then the server listens nowhere.
    public func start() throws(SystemError) {
        var listeners = parts.map { _ in [Listener]() }
        var addresses: [SocketAddress] = []
        for address in configuration.addresses {
            if address.port != 0 { try Listener.checkFree(address) }
            // With port 0 the first listener finds the port, and the others join it.
            var bound = address
            for (index, part) in parts.enumerated() {
                let listener = try Listener(bound, on: part.loop)
                bound = listener.address
                listeners[index].append(listener)
            }
            addresses.append(bound)
        }
        let tasks = zip(parts, listeners).map { part, listeners in
            Task(executorPreference: part.loop) { await part.serve(listeners) }
        }
        state.began(addresses, tasks)
    }

    /// The addresses with their real ports, in the order of the configuration; empty before the start.
    public var boundAddresses: [SocketAddress] { state.addresses }

    /// The number of open connections.
    public var connectionCount: Int { census.count }

    /// Stops: no new connections, idle ones closed, requests at work finished and answered with `Connection: close`.
    ///
    /// What is not done after `limit` is broken off. Returns when no connection is left, or shortly after the limit if
    /// a responder does not end even then.
    public func drain(within limit: Duration) async {
        for part in parts { part.loop.execute { part.drain() } }
        let tasks = state.end()
        guard let loop = parts.first?.loop else { return }
        if await Self.finish(tasks, by: .after(limit), on: loop) { return }
        for task in tasks { task.cancel() }
        _ = await Self.finish(tasks, by: .after(.seconds(1)), on: loop)
    }

    /// Waits for the tasks; false if the deadline came first.
    private static func finish(_ tasks: [Task<Void, Never>], by deadline: Deadline, on loop: EventLoop) async -> Bool {
        let (ends, end) = AsyncStream<Bool>.makeStream()
        let waiting = Task {
            for task in tasks { await task.value }
            end.yield(true)
        }
        let timing = Task {
            guard (try? await loop.sleep(until: deadline)) != nil else { return }
            end.yield(false)
        }
        defer {
            waiting.cancel()
            timing.cancel()
        }
        for await isFinished in ends { return isFinished }
        return false
    }
}
