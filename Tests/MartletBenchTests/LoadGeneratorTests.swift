import Glibc
import Testing

@testable import MartletBench

@Suite("Loading a server")
struct LoadGeneratorTests {
    private static let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)

    /// Ends after some requests of each connection, however slow the machine is.
    private func load(_ expectation: FixedWorkload.Expectation, depth: Int = 1, turns: Int = 12) throws -> LoadResult {
        try BareResponder.run(answer: LoadGeneratorTests.answer, on: Processors(pins: false)) { responder in
            let port = responder.port
            let fixed = FixedWorkload([RequestText.get("/", port: port)], depth: depth, expecting: expectation)
            var load = try LoadGenerator(Counted(fixed: fixed, remaining: turns), port: port, connections: 3)
            return try load.runToEnd()
        }
    }

    @Test("Good answers count, pipelined or not", arguments: [1, 4])
    func countsGoodAnswers(depth: Int) throws {
        let result = try load(.exactly(status: 200, body: Array("ok".utf8)), depth: depth)
        #expect(result.answers == 12 * depth)
        #expect(result.seconds > 0)
        #expect(result.latencies.count == 12)
    }

    @Test("A wrong answer is no number")
    func refusesWrongAnswers() throws {
        #expect(throws: BenchFailure.self) { try load(.exactly(status: 204, body: Array("ok".utf8))) }
        #expect(throws: BenchFailure.self) { try load(.exactly(status: 200, body: Array("no".utf8))) }
        #expect(throws: BenchFailure.self) { try load(.begins(status: 200, body: Array("okay".utf8))) }
        #expect(try load(.begins(status: 200, body: Array("o".utf8))).answers > 0)
    }

    @Test("What the server closed between two measurements is connected again")
    func replacesEndedConnections() throws {
        let (listener, port) = try ClientSocket.listen()
        defer { close(listener) }
        let work = FixedWorkload(
            [RequestText.get("/", port: port)], depth: 1, expecting: .exactly(status: 200, body: []))
        var load = try LoadGenerator(Counted(fixed: work, remaining: 0), port: port, connections: 2)
        let first = accept(listener, nil, nil)
        // The answer to bytes that were never sent is the end alone.
        shutdown(first, Int32(SHUT_RDWR))
        defer { close(first) }
        #expect(try load.runToEnd().reconnects == 1)
        #expect(try load.runToEnd().reconnects == 0)
    }

    /// So many requests, each with answers of its own to come.
    private struct Counted: Workload {
        let fixed: FixedWorkload
        var remaining: Int
        var depth: Int { fixed.depth }

        mutating func request(for connection: Int) -> UnsafeRawBufferPointer? {
            guard remaining > 0 else { return nil }
            remaining -= 1
            var fixed = fixed
            return fixed.request(for: connection)
        }

        func take(_ answer: Answer, on connection: Int) -> Verdict { fixed.take(answer, on: connection) }
    }
}
