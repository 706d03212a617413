import CLinux
import Glibc

/// Sends requests at a fixed rate, whether answers come or not, as a crowd of clients does that knows nothing of each other.
///
/// Every duration counts from the moment at which the request was due. A client waits for so long and no longer: what
/// comes later is worth nothing, and a request that found no free connection by then is never sent.
struct OpenLoad<Work: Workload>: ~Copyable {
    private var work: Work
    private let poll: Int32
    private var connections: [LoadConnection] = []
    private let port: UInt16
    /// Connections without a request, the one that has waited longest first: a ring.
    private var free: [Int] = []
    private var firstFree = 0
    private var freeCount = 0
    /// When the request of each connection was due.
    private var due: [UInt64]
    private let patience: UInt64

    /// Connects.
    ///
    /// - Parameter patience: how long a client waits, in seconds.
    init(_ work: Work, port: UInt16, connections count: Int, patience: Double) throws {
        self.work = work
        self.port = port
        self.patience = UInt64(patience * 1e9)
        due = [UInt64](repeating: 0, count: count)
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poll >= 0 else { throw BenchFailure.call("epoll_create1") }
        for index in 0..<count {
            connections.append(try connect(index))
            free.append(index)
        }
        freeCount = count
    }

    deinit {
        for connection in connections { connection.close() }
        close(poll)
    }

    /// Sends so many requests a second for so many seconds, and takes what is then still to come without counting it.
    mutating func run(perSecond: Double, seconds: Double) throws -> OpenResult {
        // What was closed since the last run, as by a server that was idle meanwhile.
        for index in connections.indices {
            if case .end = try connections[index].receive() { try replace(index) }
        }
        var result = OpenResult()
        let interval = 1e9 / perSecond
        let start = Monotonic.now
        let end = start + UInt64(seconds * 1e9)
        var planned = 0
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while true {
            let now = Monotonic.now
            while freeCount > 0 {
                let moment = start + UInt64(Double(planned) * interval)
                guard moment <= now, moment < end else { break }
                planned += 1
                if now - moment > patience {
                    result.unsent += 1
                } else {
                    try send(at: moment)
                }
            }
            let isOver = now >= end
            if isOver, freeCount == connections.count { break }
            guard now < end + 20_000_000_000 else { throw BenchFailure("answers did not come") }
            // The next request may be due in some microseconds.
            let count = epoll_wait(poll, &events, Int32(events.count), isOver || freeCount == 0 ? 10 : 0)
            for event in events[..<Int(max(0, count))] { try receive(Int(event.data.u32), until: end, &result) }
        }
        result.unsent += max(0, Int(seconds * perSecond) - planned)
        result.seconds = seconds
        return result
    }

    /// Lets the caller change the work between two runs.
    mutating func withWork<Result>(_ body: (inout Work) throws -> Result) rethrows -> Result { try body(&work) }

    private mutating func send(at moment: UInt64) throws {
        let index = free[firstFree]
        guard let request = work.request(for: index) else { throw BenchFailure("the load has nothing to send") }
        firstFree = (firstFree + 1) % free.count
        freeCount -= 1
        connections[index].awaited = 1
        connections[index].sentAt = Monotonic.now
        due[index] = moment
        try connections[index].send(request)
    }

    private mutating func receive(_ index: Int, until end: UInt64, _ result: inout OpenResult) throws {
        switch try connections[index].receive() {
        case .nothing: return
        case .end: return try replace(index)
        case .bytes: break
        }
        guard connections[index].awaited > 0, let answer = try connections[index].answer(at: 0) else { return }
        let now = Monotonic.now
        let isRefusal = answer.status == 503
        if isRefusal {
            guard answer.head.firstIndex(of: "\r\nRetry-After: ") != nil else {
                throw BenchFailure("a refusal that does not say when to try again: \(answer.excerpt)")
            }
        } else if case .wrong = work.take(answer, on: index) {
            throw BenchFailure("a wrong answer: \(answer.excerpt)")
        }
        if now < end {
            let duration = now - due[index]
            if isRefusal {
                result.refusals.add(duration)
                result.refusalsFromSending.add(now - connections[index].sentAt)
            } else if duration <= patience {
                result.good.add(duration)
            } else {
                result.late += 1
            }
        }
        connections[index].discard(upTo: answer.count)
        connections[index].awaited = 0
        free[(firstFree + freeCount) % free.count] = index
        freeCount += 1
    }

    /// The server closes what has been idle for long.
    private mutating func replace(_ index: Int) throws {
        guard connections[index].awaited == 0 else { throw BenchFailure("the server hung up on a request") }
        connections[index].close()
        connections[index] = try connect(index)
    }

    private func connect(_ index: Int) throws -> LoadConnection {
        let connection = try LoadConnection(port: port)
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u32: UInt32(index)))
        guard epoll_ctl(poll, EPOLL_CTL_ADD, connection.descriptor, &event) == 0 else {
            throw BenchFailure.call("epoll_ctl")
        }
        return connection
    }
}

/// What came of a load at a fixed rate.
struct OpenResult {
    /// Good answers to clients that were still waiting.
    var good = Latencies()
    /// Answers 503.
    var refusals = Latencies()
    /// The same from the moment at which the request was really sent.
    var refusalsFromSending = Latencies()
    /// Good answers to clients that had left.
    var late = 0
    /// Requests whose clients left before they found a connection.
    var unsent = 0
    var seconds: Double = 0

    var goodPerSecond: Double { seconds > 0 ? Double(good.count) / seconds : 0 }

    mutating func add(_ other: OpenResult) {
        good.add(other.good)
        refusals.add(other.refusals)
        refusalsFromSending.add(other.refusalsFromSending)
        late += other.late
        unsent += other.unsent
        seconds += other.seconds
    }
}
