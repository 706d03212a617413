internal import Reactor

/// The part of a server that lives on one loop: its connections, its date, its buffers.
///
/// `@unchecked Sendable`: the mutable state is confined to the thread of `loop`. It is made before any task of the loop
/// knows it; its methods run in tasks that prefer the loop, or in calls that `HTTPServer` sends there.
final class ServerLoop: @unchecked Sendable {
    let loop: EventLoop
    let limits: ServerConfiguration.Limits
    let times: Times
    let respond: RequestResponder
    let accessLog: AccessLog
    let faultLog: FaultLog
    private let census: ConnectionCensus

    private(set) var isDraining = false
    private var listeners: [Listener] = []
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var date = HTTPDate()
    private var spareBuffers: [[UInt8]] = []
    private var nextID: UInt64

    /// The time limits in nanoseconds, converted once.
    struct Times {
        let header, body, idle, write: UInt64

        init(_ timeouts: ServerConfiguration.Timeouts) {
            header = Deadline.nanoseconds(of: timeouts.header)
            body = Deadline.nanoseconds(of: timeouts.body)
            idle = Deadline.nanoseconds(of: timeouts.idle)
            write = Deadline.nanoseconds(of: timeouts.write)
        }
    }

    init(
        _ loop: EventLoop,
        configuration: ServerConfiguration,
        census: ConnectionCensus,
        respond: @escaping RequestResponder,
        accessLog: @escaping AccessLog,
        faultLog: @escaping FaultLog
    ) {
        self.loop = loop
        self.census = census
        limits = configuration.limits
        times = Times(configuration.timeouts)
        self.respond = respond
        self.accessLog = accessLog
        self.faultLog = faultLog
        nextID = .random(in: .min ... .max)
    }

    /// Accepts until the listener closes, then waits for the connections.
    ///
    /// Cancelling breaks them off.
    func serve(_ listener: Listener) async {
        guard !isDraining else { return listener.close() }
        listeners.append(listener)
        await withDiscardingTaskGroup { tasks in
            var turn = 0
            while let stream = await listener.accept() {
                guard census.enter() else {
                    stream.close()
                    continue
                }
                tasks.addTask(executorPreference: loop) { [self] in
                    await serve(stream)
                    census.leave()
                }
                // A flood of new connections must not keep the old ones waiting.
                turn += 1
                if turn % 64 == 0 { await Task.yield() }
            }
        }
    }

    private func serve(_ stream: Connection) async {
        guard !isDraining else { return stream.close() }
        let connection = ServerConnection(stream, on: self)
        connections[ObjectIdentifier(connection)] = connection
        await connection.serve()
        connections[ObjectIdentifier(connection)] = nil
    }

    /// Stops accepting and closes what is idle.
    ///
    /// Connections with a request at work close after its answer.
    func drain() {
        isDraining = true
        for listener in listeners { listener.close() }
        for connection in connections.values { connection.closeIfIdle() }
    }

    // MARK: What connections borrow

    /// An id that this loop never gave before; an odd step visits every number, and looks like no counter.
    func makeID() -> RequestID {
        nextID &+= 0x9e37_79b9_7f4a_7c15
        return RequestID(nextID)
    }

    /// The date of the present second.
    func presentDate() -> [UInt8] {
        date.refresh()
        return date.text
    }

    /// An empty buffer for answers, with memory behind it.
    func borrowBuffer() -> [UInt8] {
        spareBuffers.popLast() ?? []
    }

    /// Takes a buffer back; a large one is let go.
    ///
    /// Leaves an empty array behind, so that nothing is copied.
    func takeBack(_ buffer: inout [UInt8]) {
        var taken: [UInt8] = []
        swap(&taken, &buffer)
        guard taken.capacity <= 64 * 1024, spareBuffers.count < 64 else { return }
        taken.removeAll(keepingCapacity: true)
        spareBuffers.append(taken)
    }
}
