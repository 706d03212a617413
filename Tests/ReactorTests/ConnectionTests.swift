import Reactor
import Testing

@Suite("Connections")
struct ConnectionTests {
    @Test func bytesArriveInBothDirectionsAndTheEndToo() async throws {
        try await withLoops(2) { group in
            let pair = try await ConnectionPair.make(client: group.loops[0], server: group.loops[1])
            async let echoed = group.loops[1].run {
                while true {
                    let bytes = try await pair.server.read(upTo: 100, until: .generous)
                    guard !bytes.isEmpty else { break }
                    try await pair.server.write(bytes, until: .generous)
                }
                pair.server.close()
            }
            let answer = try await group.loops[0].run {
                try await pair.client.write(Array("one".utf8), until: .generous)
                var answer = try await pair.client.read(upTo: 100, until: .generous)
                pair.client.finishWriting()
                while true {
                    let more = try await pair.client.read(upTo: 100, until: .generous)
                    guard !more.isEmpty else { break }
                    answer += more
                }
                pair.client.close()
                return answer
            }
            try await echoed
            #expect(answer == Array("one".utf8))
        }
    }

    @Test(.timeLimit(.minutes(10))) func anEndThatComesTogetherWithTheLastBytesIsNotMissed() async throws {
        try await withLoops(1) { group in
            let loop = group.loops[0]
            let pair = try await ConnectionPair.make(client: loop, server: loop)
            try await loop.run {
                async let first = pair.server.read(upTo: 100, until: .never)
                // Parked by now: one loop runs its jobs in order.
                await Task.yield()
                try await pair.client.write([1], until: .never)
                pair.client.finishWriting()
                // The kernel reports both in one event, and the first read is shorter than it could be.
                let bytes = try await first
                let end = try await pair.server.read(upTo: 100, until: .never)
                #expect(bytes == [1])
                #expect(end.isEmpty)
            }
        }
    }

    @Test func aWriterFasterThanItsReaderLosesNothing() async throws {
        try await withLoops(2) { group in
            let pair = try await ConnectionPair.make(client: group.loops[0], server: group.loops[1])
            let sent = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            async let writing: Void = group.loops[0].run {
                try await pair.client.write(sent, until: .generous)
                pair.client.close()
            }
            let received = try await group.loops[1].run {
                var received: [UInt8] = []
                while true {
                    let bytes = try await pair.server.read(upTo: 50_000, until: .generous)
                    guard !bytes.isEmpty else { return received }
                    received += bytes
                }
            }
            try await writing
            #expect(received == sent)
        }
    }

    @Test func waitingEndsWithTheDeadlineAndTheConnectionStaysUsable() async throws {
        try await withLoops(1) { group in
            let loop = group.loops[0]
            let pair = try await ConnectionPair.make(client: loop, server: loop)
            let bytes = try await loop.run {
                await #expect(throws: ConnectionError.timedOut) {
                    _ = try await pair.server.read(upTo: 10, until: .after(.milliseconds(5)))
                }
                await #expect(throws: ConnectionError.timedOut) {
                    _ = try await pair.client.write(
                        [UInt8](repeating: 0, count: 50_000_000), until: .after(.milliseconds(5)))
                }
                return try await pair.server.read(upTo: 10, until: .generous)
            }
            #expect(bytes.count == 10)
        }
    }

    @Test(.timeLimit(.minutes(10))) func aShorterDeadlineAfterALongerOneStillHolds() async throws {
        try await withLoops(1) { group in
            let loop = group.loops[0]
            let pair = try await ConnectionPair.make(client: loop, server: loop)
            try await loop.run {
                for byte in UInt8(0)..<3 {
                    async let reading = pair.server.read(upTo: 10, until: .after(.seconds(3600)))
                    try await pair.client.write([byte], until: .after(.seconds(3600)))
                    #expect(try await reading == [byte])
                    await #expect(throws: ConnectionError.timedOut) {
                        _ = try await pair.server.read(upTo: 10, until: .after(.milliseconds(3)))
                    }
                }
            }
        }
    }

    @Test func cancellingAndClosingEndAWait() async throws {
        try await withLoops(2) { group in
            let loop = group.loops[0]
            let pair = try await ConnectionPair.make(client: loop, server: group.loops[1])
            let cancelled = Task(executorPreference: loop) { () async -> ConnectionError? in
                do throws(ConnectionError) {
                    _ = try await pair.client.read(upTo: 1, until: .never)
                    return nil
                } catch {
                    return error
                }
            }
            cancelled.cancel()
            #expect(await cancelled.value == .cancelled)

            try await loop.run {
                async let reading = pair.client.read(upTo: 1, until: .never)
                loop.execute { pair.client.close() }
                do {
                    _ = try await reading
                    Issue.record("a closed connection gave bytes")
                } catch {
                    #expect(error as? ConnectionError == .closed)
                }
                #expect(!pair.client.isOpen)
            }
        }
    }

    @Test func abortReachesThePeerAsAReset() async throws {
        try await withLoops(2) { group in
            let pair = try await ConnectionPair.make(client: group.loops[0], server: group.loops[1])
            try await group.loops[0].run { pair.client.abort() }
            try await group.loops[1].run {
                await #expect(throws: ConnectionError.reset) {
                    _ = try await pair.server.read(upTo: 1, until: .generous)
                }
            }
        }
    }

    @Test func droppingTheLastReferenceClosesTheSocket() async throws {
        try await withLoops(2) { group in
            let pair = try await ConnectionPair.make(client: group.loops[0], server: group.loops[1])
            let server = pair.server
            func forget(_ client: consuming Connection) {}
            forget(pair.client)
            _ = consume pair
            let bytes = try await group.loops[1].run { try await server.read(upTo: 1, until: .generous) }
            #expect(bytes.isEmpty)
        }
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func loopsShareOnePortUntilTheListenersClose(_ host: String) async throws {
        try await withLoops(3) { group in
            let first = try Listener(SocketAddress(host, port: 0)!, on: group.loops[0])
            #expect(first.address.port != 0)
            let listeners = try [first] + group.loops.dropFirst().map { try Listener(first.address, on: $0) }
            await withTaskGroup { tasks in
                for listener in listeners {
                    tasks.addTask(executorPreference: listener.loop) {
                        while let connection = await listener.accept() { connection.close() }
                    }
                }
                for _ in 0..<50 {
                    let end = try? await group.loops[0].run {
                        let connection = try await Connection.connect(
                            to: first.address, on: group.loops[0], until: .generous)
                        return try await connection.read(upTo: 1, until: .generous)
                    }
                    #expect(end == [])
                }
                for listener in listeners { listener.loop.execute { listener.close() } }
                await tasks.waitForAll()
            }
            try await group.loops[0].run {
                await #expect(throws: ConnectionError.self) {
                    _ = try await Connection.connect(to: first.address, on: group.loops[0], until: .generous)
                }
            }
        }
    }

    @Test func anAddressInUseOrNotOursIsAnError() async throws {
        try await withLoops(1) { group in
            let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!, on: group.loops[0])
            let inUse = #expect(throws: SystemError.self) { try Listener.checkFree(listener.address) }
            #expect(inUse?.description == "bind: Address already in use")
            try Listener.checkFree(SocketAddress("127.0.0.2", port: listener.address.port)!)
            #expect(throws: SystemError.self) {
                _ = try Listener(SocketAddress("203.0.113.7", port: 0)!, on: group.loops[0])
            }
        }
    }

    @Test func addressesReadAndPrintTheSame() throws {
        for text in ["127.0.0.1:80", "255.1.2.3:65535"] {
            let parts = text.split(separator: ":")
            #expect(SocketAddress(String(parts[0]), port: UInt16(parts[1])!)?.description == text)
        }
        #expect(SocketAddress("2001:db8::1", port: 443)?.description == "[2001:db8::1]:443")
        #expect(SocketAddress("::1", port: 0)?.bytes == [UInt8](repeating: 0, count: 15) + [1])
        #expect(SocketAddress("10.0.0.1", port: 0)?.bytes == [10, 0, 0, 1])
        for text in ["", "localhost", "1.2.3", "1.2.3.4.5", "[::1]", "1.2.3.4 "] {
            #expect(SocketAddress(text, port: 1) == nil, "\(text)")
        }
    }
}
