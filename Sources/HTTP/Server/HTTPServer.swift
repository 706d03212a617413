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
        let census = ConnectionCensus()
        self.census = census
        let share = max(1, configuration.maxConnections / max(1, group.loops.count))
        parts = group.loops.map { loop in
            ServerLoop(
                loop,
                configuration: configuration,
                share: share,
                census: census,
                respond: respond,
                accessLog: accessLog,
                faultLog: faultLog
            )
        }
    }

    /// Listens everywhere, on every loop.
    ///
    /// To be called once.
    ///
    /// - Parameter inherited: sockets that are used where they listen at the same place.
    /// - Throws: `SystemError` when an address cannot be had; then the server listens nowhere, and
    ///   the inherited sockets are where they were.
    public func start(adopting inherited: InheritedSockets? = nil) throws(SystemError) {
        var doors = parts.map { _ in [Door]() }
        var places: [ListenAddress] = []
        var claims: Set<UnixSocketClaim> = []
        for configured in configuration.listeners {
            let entrance = Entrance(configured, configuration.proxies)
            let listeners = try Listener.all(at: configured.address, on: parts.map(\.loop), adopting: inherited)
            for listener in listeners {
                if let claim = listener.claim { claims.insert(claim) }
                guard let index = parts.firstIndex(where: { $0.loop === listener.loop }) else { continue }
                doors[index].append(Door(listener: listener, entrance: entrance))
            }
            places.append(listeners.first?.place ?? configured.address)
        }
        let tasks = zip(parts, doors).map { part, doors in
            Task(executorPreference: part.loop) { await part.serve(doors) }
        }
        state.began(places, claims, tasks)
    }

    /// Where it listens, with real ports, in the order of the configuration; empty before the start.
    public var places: [ListenAddress] { state.addresses }

    /// The IP addresses among `places`.
    public var boundAddresses: [SocketAddress] {
        state.addresses.compactMap { if case .ip(let address) = $0 { address } else { nil } }
    }

    /// Copies of all listening sockets, for a server that takes over; the caller closes them.
    public func duplicateListeners() async throws -> [ListeningSocket] {
        var copies: [ListeningSocket] = []
        do {
            for part in parts {
                copies += try await Task(executorPreference: part.loop) { try part.duplicateListeners() }.value
            }
        } catch {
            copies.closeAll()
            throw error
        }
        return copies
    }

    /// Takes its sockets out of the file system, after the drain; what somebody else has made, or put in their place,
    /// stays.
    public func removeSockets() {
        for claim in state.claims { claim.release() }
    }

    /// The number of open connections.
    public var connectionCount: Int { census.count }

    /// Stops: no new connections, idle ones closed, requests at work finished and answered with `Connection: close`.
    ///
    /// What is not done after `limit` is broken off. Returns when no connection is left, or shortly after the limit if
    /// a responder does not end even then.
    ///
    /// - Parameter patience: how long idle connections stay open for one more request. A client may be about to send it;
    ///   with a successor at work nobody has to lose it.
    public func drain(within limit: Duration, patience: Duration = .zero) async {
        let isPatient = patience > .zero
        for part in parts { part.loop.execute { part.drain(closingIdle: !isPatient) } }
        let tasks = state.end()
        guard let loop = parts.first?.loop else { return }
        let end = Deadline.after(limit)
        if isPatient {
            if await Self.finish(tasks, by: min(.after(patience), end), on: loop) { return }
            for part in parts { part.loop.execute { part.drain(closingIdle: true) } }
        }
        if await Self.finish(tasks, by: end, on: loop) { return }
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
