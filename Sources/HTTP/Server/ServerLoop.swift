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
    let admission: Admission
    let overload: ServerConfiguration.Overload
    let tooLarge: (@Sendable (Request) -> Response)?
    private let census: ConnectionCensus
    /// How many connections there is room for.
    private let share: Int

    /// Each answer is the last of its connection.
    private(set) var isDraining = false
    /// Connections that wait for a request are closed, too.
    private(set) var isClosingIdle = false
    private var isBrokenOff = false
    private var doors: [Door] = []
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var spares = SpareConnections()
    /// Those of `connections` whose PROXY header or handshake is not over.
    private var newcomers: [ObjectIdentifier: ServerConnection] = [:]
    private var spareNewcomers = SpareConnections()
    private let maxHandshakes: Int
    private var sleeper: UnsafeContinuation<Void, Never>?
    private var date = HTTPDate()
    private var spareBuffers: [[UInt8]] = []
    private var held: HeldMemory
    private var nextID: UInt64

    /// The time limits in nanoseconds, converted once.
    struct Times {
        let handshake, header, body, idle, task, write: UInt64

        init(_ timeouts: ServerConfiguration.Timeouts) {
            handshake = Deadline.nanoseconds(of: timeouts.handshake)
            header = Deadline.nanoseconds(of: timeouts.header)
            body = Deadline.nanoseconds(of: timeouts.body)
            idle = Deadline.nanoseconds(of: timeouts.idle)
            task = Deadline.nanoseconds(of: timeouts.task)
            write = Deadline.nanoseconds(of: timeouts.write)
        }
    }

    init(
        _ loop: EventLoop,
        configuration: ServerConfiguration,
        share: Int,
        census: ConnectionCensus,
        respond: @escaping RequestResponder,
        accessLog: @escaping AccessLog,
        faultLog: @escaping FaultLog
    ) {
        self.loop = loop
        self.census = census
        self.share = share
        maxHandshakes = max(1, configuration.maxHandshakes)
        limits = configuration.limits
        overload = configuration.overload
        tooLarge = configuration.limits.tooLarge
        admission = Admission(overload, on: loop)
        held = HeldMemory(limit: configuration.limits.held)
        times = Times(configuration.timeouts)
        self.respond = respond
        self.accessLog = accessLog
        self.faultLog = faultLog
        nextID = .random(in: .min ... .max)
    }

    /// Accepts and serves until the drain is over.
    ///
    /// Cancelling breaks all connections off.
    ///
    /// A connection has a task only while there is something to do for it; the others wait as entries of the loop.
    func serve(_ doors: [Door]) async {
        self.doors = doors
        if isDraining { drain(closingIdle: isClosingIdle) }
        await withDiscardingTaskGroup { tasks in
            for door in doors {
                tasks.addTask(executorPreference: loop) { [self] in await accept(from: door) }
            }
            await waitForEnd()
        }
    }

    private func accept(from door: Door) async {
        var turn = 0
        while let stream = await door.listener.accept() {
            adopt(stream, door.entrance)
            // A flood of new connections must not keep the old ones waiting.
            turn += 1
            if turn % 64 == 0 { await loop.letOthersRun() }
            // The kernel keeps whoever knocks meanwhile, for less than we would.
            while door.entrance.hasHandshake, admission.isBusyWithHandshakes { await loop.letOthersRun() }
        }
        door.listener.close()
    }

    private func adopt(_ stream: Connection, _ entrance: Entrance) {
        guard !isClosingIdle, !isBrokenOff, makeRoom() else { return stream.close() }
        census.enter()
        let connection = ServerConnection(stream, through: entrance, on: self)
        connections[ObjectIdentifier(connection)] = connection
        if !entrance.isOpen { newcomers[ObjectIdentifier(connection)] = connection }
        connection.sleep()
    }

    /// Gives one connection up where there are enough: false if each of them is being answered.
    ///
    /// First those whose handshake is not over, as long as they are many: a flood of them must not cost those their place
    /// who are served, nor may a house full of idle ones leave no time for a handshake.
    private func makeRoom() -> Bool {
        let isFull = connections.count >= share
        let areMany = newcomers.count >= maxHandshakes || isFull && newcomers.count > share / 4
        if areMany, let spare = spareNewcomers.next(of: newcomers, at: loop.now) {
            // Not only when it has noticed: until then it would count, and cost another one its place.
            newcomers.removeValue(forKey: ObjectIdentifier(spare))
            spare.giveUp()
            return true
        }
        guard isFull else { return true }
        guard let spare = spares.next(of: connections, at: loop.now) else { return false }
        spare.giveUp()
        return true
    }

    /// Descriptors of the listening sockets; the caller closes them.
    func duplicateListeners() throws(SystemError) -> [ListeningSocket] {
        try Listener.duplicates(of: doors.map(\.listener))
    }

    /// Stops accepting, and closes what is idle if told so.
    ///
    /// Connections with a request at work close after its answer.
    func drain(closingIdle: Bool) {
        isDraining = true
        for door in doors { door.listener.close() }
        if closingIdle {
            isClosingIdle = true
            for connection in connections.values { connection.closeIfIdle() }
        }
        wakeServer()
    }

    // MARK: Connections that have something to do

    /// Returns at the end of the drain, or when cancelled, as soon as no connection is left.
    private func waitForEnd() async {
        await withTaskCancellationHandler {
            while !connections.isEmpty || !(isDraining || isBrokenOff) {
                await withUnsafeContinuation { sleeper = $0 }
            }
        } onCancel: {
            loop.execute { [self] in breakOff() }
        }
    }

    /// Gives a connection a task.
    ///
    /// Not one of a group: the runtime looks for a task that ends among all its siblings, which with thousands of
    /// connections takes more time than their requests. `waitForEnd` waits for all of them, `breakOff` cancels them.
    func wake(_ connection: ServerConnection) {
        guard !isBrokenOff else { return connection.end() }
        connection.task = Task(executorPreference: loop) { await connection.serve() }
    }

    /// The handshake of a connection is over.
    func admitted(_ connection: ServerConnection) {
        newcomers.removeValue(forKey: ObjectIdentifier(connection))
    }

    /// A connection has ended.
    func forget(_ connection: ServerConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        newcomers.removeValue(forKey: ObjectIdentifier(connection))
        census.leave()
        if isDraining || isBrokenOff { wakeServer() }
    }

    /// Ends the connections without a task; those with one are ended by its cancellation.
    private func breakOff() {
        isBrokenOff = true
        for connection in connections.values {
            connection.task?.cancel()
            connection.closeIfIdle()
        }
        wakeServer()
    }

    /// A connection holds another number of bytes for a slow client.
    ///
    /// May break connections off, that one among them.
    func holds(_ bytes: Int, insteadOf before: Int) {
        held.change(from: before, to: bytes)
        while held.isExceeded, let victim = held.victim(among: connections.values) { victim.breakOff() }
    }

    private func wakeServer() {
        sleeper?.resume()
        sleeper = nil
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

/// A listening socket of one loop, with what stands behind it.
struct Door: Sendable {
    let listener: Listener
    let entrance: Entrance
}
