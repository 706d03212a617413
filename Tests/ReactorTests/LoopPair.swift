import Reactor

/// Runs `body` with a group of loops that is stopped afterwards.
@discardableResult
func withLoops<Result: Sendable>(
    _ count: Int,
    _ body: @Sendable (EventLoopGroup) async throws -> Result
) async throws -> Result {
    let group = try EventLoopGroup(count: count)
    let result: Swift.Result<Result, any Error>
    do {
        result = .success(try await body(group))
    } catch {
        result = .failure(error)
    }
    await group.stop()
    return try result.get()
}

extension EventLoop {
    /// Runs `body` as a task of this loop and waits for it.
    @discardableResult
    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = Task(executorPreference: self) { try await body() }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}

/// Waits until something is so; gives up, as a failure, only when it clearly never will be.
func eventually(_ condition: () -> Bool) async throws {
    for _ in 0..<60_000 {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(1))
    }
    throw NeverHappened()
}

/// What was waited for did not come.
struct NeverHappened: Error {}

extension Deadline {
    /// Far enough that only a defect reaches it.
    static var generous: Deadline { .after(.seconds(300)) }
}

/// Both ends of a connection on loopback, each owned by the loop it was made on.
struct ConnectionPair: Sendable {
    let client: Connection
    let server: Connection

    static func make(client: EventLoop, server: EventLoop) async throws -> ConnectionPair {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!, on: server)
        async let accepted = server.run {
            defer { listener.close() }
            return await listener.accept()
        }
        let connection = try await client.run {
            try await Connection.connect(to: listener.address, on: client, until: .generous)
        }
        guard let other = try await accepted else { throw ConnectionError.closed }
        return ConnectionPair(client: connection, server: other)
    }
}
