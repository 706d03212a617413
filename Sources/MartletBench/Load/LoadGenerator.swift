import CLinux
import Glibc

/// Keeps a number of connections busy from one thread: each sends, waits for its answers, and sends again.
struct LoadGenerator<Work: Workload>: ~Copyable {
    private(set) var work: Work
    private let port: UInt16
    private let poll: Int32
    private var connections: [LoadConnection] = []
    private var busy = 0

    /// Connects.
    init(_ work: Work, port: UInt16, connections count: Int) throws {
        self.work = work
        self.port = port
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poll >= 0 else { throw BenchFailure.call("epoll_create1") }
        for index in 0..<count { connections.append(try connect(index)) }
    }

    deinit {
        for connection in connections { connection.close() }
        close(poll)
    }

    /// Loads the server for so many seconds, or to the end of the work if that is earlier, and takes the answers that
    /// are then still to come without counting them.
    mutating func run(seconds: Double) throws -> LoadResult {
        var result = LoadResult()
        let start = Monotonic.now
        let end = start + UInt64(seconds * 1e9)
        // An answer that takes so long ends the measurement.
        let limit = end + 15_000_000_000
        var last = start
        try replaceEnded(&result)
        for index in connections.indices { try begin(index) }
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while busy > 0 {
            let count = epoll_wait(poll, &events, Int32(events.count), 1000)
            let now = Monotonic.now
            if now > limit { throw BenchFailure("\(busy) answers did not come") }
            guard count > 0 else { continue }
            let isOver = now >= end
            for event in events[..<Int(count)] {
                try turn(Int(event.data.u32), continues: !isOver, &result)
            }
            if !isOver { last = Monotonic.now }
        }
        result.seconds = Double(max(1, last - start)) / 1e9
        return result
    }

    /// One connection has something to read.
    private mutating func turn(_ index: Int, continues: Bool, _ result: inout LoadResult) throws {
        switch try connections[index].receive() {
        case .nothing: return
        case .end: return try replace(index, &result)
        case .bytes: break
        }
        var offset = 0
        while connections[index].awaited > 0, let answer = try connections[index].answer(at: offset) {
            offset += answer.count
            connections[index].awaited -= 1
            switch work.take(answer, on: index) {
            case .wrong: throw BenchFailure("a wrong answer: \(answer.excerpt)")
            case .counts where continues: result.answers += 1
            case .counts, .leadsOn: break
            }
        }
        connections[index].discard(upTo: offset)
        guard connections[index].awaited == 0 else { return }
        guard connections[index].filled == 0 else { throw BenchFailure("more answers than requests") }
        busy -= 1
        if continues {
            result.latencies.add(Monotonic.now - connections[index].sentAt)
            try begin(index)
        }
    }

    private mutating func begin(_ index: Int) throws {
        guard let request = work.request(for: index) else { return }
        connections[index].awaited = work.depth
        connections[index].sentAt = Monotonic.now
        busy += 1
        try connections[index].send(request)
    }

    /// What the server closed while there was nothing to do, as between two measurements with seeding in between, is
    /// no connection to send on.
    private mutating func replaceEnded(_ result: inout LoadResult) throws {
        for index in connections.indices {
            if case .end = try connections[index].receive() { try replace(index, &result) }
        }
    }

    /// The server hung up: fine between answers, not while one is due.
    private mutating func replace(_ index: Int, _ result: inout LoadResult) throws {
        guard connections[index].awaited == 0 else { throw BenchFailure("the server hung up on a request") }
        let fresh = try connect(index)
        connections[index].close()
        connections[index] = fresh
        result.reconnects += 1
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

extension LoadGenerator {
    /// Does all the work there is.
    mutating func runToEnd() throws -> LoadResult { try run(seconds: 120) }

    /// Lets the caller change the work between two runs.
    mutating func withWork<Result>(_ body: (inout Work) throws -> Result) rethrows -> Result { try body(&work) }
}
