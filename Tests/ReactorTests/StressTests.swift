import Reactor
import Synchronization
import Testing

/// Everything at once; worth most under the thread sanitizer.
@Suite("Stress")
struct StressTests {
    final class Tally: Sendable {
        private let value = Atomic(0)
        var count: Int { value.load(ordering: .sequentiallyConsistent) }
        func increment() { value.add(1, ordering: .sequentiallyConsistent) }
    }

    @Test func manyConnectionsTimersAndWorkersAcrossLoops() async throws {
        try await withLoops(4) { group in
            let pool = try WorkerPool(name: "stress", threads: 3, queueLimit: 1000)
            let listeners = try listeners(on: group)
            let served = Tally()
            await withTaskGroup { tasks in
                for listener in listeners {
                    tasks.addTask(executorPreference: listener.loop) {
                        await withDiscardingTaskGroup { connections in
                            while let connection = await listener.accept() {
                                connections.addTask(executorPreference: listener.loop) {
                                    await echo(connection, pool: pool, counting: served)
                                }
                            }
                        }
                    }
                }
                await withTaskGroup { clients in
                    for number in 0..<64 {
                        let loop = group.loops[number % group.loops.count]
                        clients.addTask(executorPreference: loop) {
                            await talk(to: listeners[0].address, on: loop, via: group)
                        }
                    }
                    for loop in group.loops {
                        clients.addTask(executorPreference: loop) {
                            for _ in 0..<50 { try? await loop.sleep(until: .after(.microseconds(300))) }
                        }
                    }
                }
                for listener in listeners { listener.loop.execute { listener.close() } }
                await tasks.waitForAll()
            }
            #expect(served.count == 64 * 20)
            await pool.stop()
        }
    }

    @Test func cancellingWhileBusyEndsEverything() async throws {
        for _ in 0..<10 {
            try await withLoops(3) { group in
                let pool = try WorkerPool(name: "stress", threads: 2, queueLimit: 8)
                let listeners = try listeners(on: group)
                let served = Tally()
                let serving = Task {
                    await withDiscardingTaskGroup { tasks in
                        for listener in listeners {
                            tasks.addTask(executorPreference: listener.loop) {
                                while let connection = await listener.accept() {
                                    await echo(connection, pool: pool, counting: served)
                                }
                            }
                        }
                        for number in 0..<12 {
                            let loop = group.loops[number % group.loops.count]
                            tasks.addTask(executorPreference: loop) {
                                while !Task.isCancelled { await talk(to: listeners[0].address, on: loop, via: group) }
                            }
                        }
                    }
                }
                while served.count < 20 { await Task.yield() }
                serving.cancel()
                await pool.stop()
                await serving.value
            }
        }
    }

    private func listeners(on group: EventLoopGroup) throws -> [Listener] {
        let first = try Listener(SocketAddress("127.0.0.1", port: 0)!, on: group.loops[0])
        return try [first] + group.loops.dropFirst().map { try Listener(first.address, on: $0) }
    }

    /// Sends back what comes; every message passes through a worker thread.
    private func echo(_ connection: Connection, pool: WorkerPool, counting served: Tally) async {
        while let bytes = try? await connection.read(upTo: 4096, until: .generous), !bytes.isEmpty {
            guard let answer = try? await pool.run({ bytes.map { $0 ^ 0xff } }) else { break }
            guard (try? await connection.write(answer, until: .generous)) != nil else { break }
            served.increment()
        }
        connection.close()
    }

    private func talk(to address: SocketAddress, on loop: EventLoop, via group: EventLoopGroup) async {
        guard let connection = try? await Connection.connect(to: address, on: loop, until: .generous) else { return }
        defer { connection.close() }
        for round in UInt8(0)..<20 {
            let message = [UInt8](repeating: round, count: 1 + Int(round))
            guard (try? await connection.write(message, until: .generous)) != nil else { return }
            var answer: [UInt8] = []
            while answer.count < message.count {
                guard let part = try? await connection.read(upTo: 4096, until: .generous), !part.isEmpty else { return }
                answer += part
            }
            #expect(answer == message.map { $0 ^ 0xff })
            // A wake-up from another loop.
            let other = group.loops[Int(round) % group.loops.count]
            await Task(executorPreference: other) { #expect(other.isCurrent) }.value
            #expect(loop.isCurrent)
        }
    }
}
