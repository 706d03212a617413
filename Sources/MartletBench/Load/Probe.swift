import Synchronization

/// Asks at a steady pace on a connection of its own while others load the server, and notes how long answers take.
///
/// Each duration counts from the moment at which the request was due, so a slow answer is not hidden by the requests
/// that it kept from being sent.
final class Probe: Sendable {
    private let outcome = Mutex<Result<Latencies, BenchFailure>>(.success(Latencies()))
    private let isOver = Atomic(false)
    private let thread = Mutex<Thread?>(nil)

    /// Starts asking the same again and again, so many times a second.
    convenience init(_ request: [UInt8], expecting status: Int, perSecond: Int, port: UInt16) throws {
        try self.init(expecting: status, perSecond: perSecond, port: port) { _ in request }
    }

    /// Starts asking what `request` answers for 0, 1, 2 and so on, so many times a second.
    init(
        expecting status: Int, perSecond: Int, port: UInt16, _ request: @escaping @Sendable (Int) -> [UInt8]
    ) throws {
        let conversation = try Conversation(port: port)
        let first = try conversation.ask(request(0))
        guard first.status == status else { throw BenchFailure("a wrong answer: \(first.excerpt)") }
        let interval = UInt64(1_000_000_000 / perSecond)
        let made = try Thread { [self] in
            do {
                try run(request, status, interval, Conversation(port: port))
            } catch {
                outcome.withLock { $0 = .failure(error as? BenchFailure ?? BenchFailure("\(error)")) }
            }
        }
        thread.withLock { $0 = made }
    }

    /// Ends it: the durations of all requests.
    func stop() throws -> Latencies {
        isOver.store(true, ordering: .relaxed)
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
        return try outcome.withLock { try $0.get() }
    }

    private func run(
        _ request: (Int) -> [UInt8], _ status: Int, _ interval: UInt64, _ conversation: Conversation
    ) throws {
        var latencies = Latencies()
        var next = 1
        var due = Monotonic.now + interval
        while !isOver.load(ordering: .relaxed) {
            Monotonic.sleep(until: due)
            let answer = try conversation.ask(request(next))
            guard answer.status == status else { throw BenchFailure("a wrong answer: \(answer.excerpt)") }
            next += 1
            latencies.add(Monotonic.now - due)
            due += interval
        }
        outcome.withLock { [latencies] in $0 = .success(latencies) }
    }
}
