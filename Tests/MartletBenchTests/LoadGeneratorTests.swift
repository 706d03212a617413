import Testing

@testable import MartletBench

@Suite("Loading a server")
struct LoadGeneratorTests {
    private static let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)

    private func load(
        _ expectation: FixedWorkload.Expectation, depth: Int = 1, seconds: Double = 0.05
    ) throws -> LoadResult {
        try BareResponder.run(answer: LoadGeneratorTests.answer, on: Processors(pins: false)) { responder in
            let port = responder.port
            let work = FixedWorkload([RequestText.get("/", port: port)], depth: depth, expecting: expectation)
            var load = try LoadGenerator(work, port: port, connections: 3)
            return try load.run(seconds: seconds)
        }
    }

    @Test("Good answers count, pipelined or not", arguments: [1, 4])
    func countsGoodAnswers(depth: Int) throws {
        let result = try load(.exactly(status: 200, body: Array("ok".utf8)), depth: depth)
        #expect(result.answers > 0)
        #expect(result.answers.isMultiple(of: depth))
        #expect(result.seconds > 0)
        #expect(result.latencies.count > 0)
    }

    @Test("A wrong answer is no number")
    func refusesWrongAnswers() throws {
        #expect(throws: BenchFailure.self) { try load(.exactly(status: 204, body: Array("ok".utf8))) }
        #expect(throws: BenchFailure.self) { try load(.exactly(status: 200, body: Array("no".utf8))) }
        #expect(throws: BenchFailure.self) { try load(.begins(status: 200, body: Array("okay".utf8))) }
        #expect(try load(.begins(status: 200, body: Array("o".utf8))).answers > 0)
    }

    /// Three requests, each with an answer of its own to come.
    private struct Three: Workload {
        let depth = 1
        let fixed: FixedWorkload
        var remaining = 3

        mutating func request(for connection: Int) -> UnsafeRawBufferPointer? {
            guard remaining > 0 else { return nil }
            remaining -= 1
            var fixed = fixed
            return fixed.request(for: connection)
        }

        func take(_ answer: Answer, on connection: Int) -> Verdict { fixed.take(answer, on: connection) }
    }

    @Test("Work that ends is done once, whole")
    func doesAllTheWork() throws {
        let result = try BareResponder.run(answer: LoadGeneratorTests.answer, on: Processors(pins: false)) {
            responder in
            let port = responder.port
            let fixed = FixedWorkload(
                [RequestText.get("/", port: port)], expecting: .exactly(status: 200, body: Array("ok".utf8)))
            var load = try LoadGenerator(Three(fixed: fixed), port: port, connections: 2)
            return try load.runToEnd()
        }
        #expect(result.answers == 3)
    }
}
