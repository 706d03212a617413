import Glibc
import HTTP
import Testing

@testable import Reactor

/// More requests than a loop can answer: who was let in is answered, the others are refused at once.
@Suite("Overload", .timeLimit(.minutes(10)))
struct OverloadTests {
    /// A route that keeps the loop busy, as long computations do, until it is let go on, and one that takes no time.
    private static func routes(_ gate: Gate) -> @Sendable (inout Router) -> Void {
        { router in
            LiveServer.standardRoutes(&router)
            router.on(.get, "/busy") { _ in
                gate.hold()
                return .text("busy")
            }
        }
    }

    /// Nothing is begun at once, so that everybody waits in line; nobody who waits is too old.
    private static let configure: @Sendable (inout ServerConfiguration) -> Void = {
        $0.overload.turn = .zero
        $0.overload.patience = .seconds(600)
    }

    @Test func whoFindsTheLineFullIsRefusedAtOnceAndTheOthersAreAnswered() async throws {
        let gate = Gate()
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            Self.configure(&$0)
            $0.overload.waiting = 3
        }
        try await LiveServer.run(configure: configure, routes: Self.routes(gate)) { live in
            let first = live.client()
            first.send(.get("/busy"))
            try await eventually { gate.isHeld }
            // All are there when the loop looks again: three may wait.
            let clients = (0..<8).map { _ in live.client() }
            for client in clients { client.send(.get("/plain")) }
            gate.open()
            #expect(first.answer()?.text == "busy")
            let answers = try clients.map { try #require($0.answer()) }
            let refusals = answers.filter { $0.status == 503 }
            #expect(answers.count { $0.text == "plain" } == 3)
            #expect(refusals.count == 5)
            // Nobody who waits is begun before all others have their refusal.
            let statuses = live.records.map(\.status)
            #expect(statuses == [200] + [Int](repeating: 503, count: 5) + [200, 200, 200])
            for refusal in refusals {
                #expect(refusal.header("Retry-After") == "2")
                #expect(refusal.header("Cache-Control") == "no-store")
            }
            // The connection goes on, and so does the server.
            for client in clients {
                client.send(.get("/plain"))
                #expect(client.answer()?.text == "plain")
            }
        }
    }

    @Test func aRefusalEndsAConnectionOnlyWhereAnAnswerWould() async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            Self.configure(&$0)
            $0.overload.waiting = 0
        }
        try await LiveServer.run(configure: configure) { live in
            let client = live.client()
            // Several in one go, several that come one after the other, and one in two pieces.
            for text in [.get("/plain") + .get("/plain") + .post("/echo", "a"), .get("/plain"), .get("/plain")] {
                client.send(text)
                for _ in text.split(separator: " HTTP/1.1\r\n").dropFirst() {
                    let answer = client.answer()
                    #expect(answer?.status == 503 && answer?.header("Connection") == nil)
                }
            }
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
            client.send("b")
            #expect(client.answer()?.status == 503)
            // The last one, and the last one with something behind it that nobody reads.
            for rest in ["", "GET /nothing"] {
                let client = live.client()
                client.send(.get("/plain", "Connection: close\r\n") + rest)
                let answer = client.answer()
                #expect(answer?.status == 503 && answer?.header("Connection") == "close")
                #expect(client.endsHere())
            }
            client.finishSending()
            #expect(client.endsHere())
            try await eventually { live.server.connectionCount == 0 }
            #expect(live.records.map(\.status) == [Int](repeating: 503, count: 8))
        }
    }

    @Test func aRefusalThatTheSocketDoesNotTakeAtOnceArrivesWhole() async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            Self.configure(&$0)
            $0.overload.waiting = 0
            // More than the kernel buffers of a connection take.
            let long = Response.text(String(repeating: "a", count: 16 << 20), status: .serviceUnavailable)
            $0.overload.answer = { _ in long }
        }
        try await LiveServer.run(configure: configure) { live in
            let client = live.client()
            for fields in ["", "Connection: close\r\n"] {
                client.send(.get("/plain", fields))
                let answer = client.answer()
                #expect(answer?.status == 503 && answer?.body.count == 16 << 20)
            }
            #expect(client.endsHere())
        }
    }

    @Test func aFloodInOneLaneLeavesTheOtherOpen() async throws {
        let gate = Gate()
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            Self.configure(&$0)
            $0.overload.waiting = 3
            $0.overload.lane = { _, path in path == "/plain" ? .people : .machines }
        }
        try await LiveServer.run(configure: configure, routes: Self.routes(gate)) { live in
            let first = live.client()
            first.send(.get("/busy"))
            try await eventually { gate.isHeld }
            let flood = (0..<20).map { _ in live.client() }
            for client in flood { client.send(.get("/plain")) }
            let machine = live.client()
            machine.send(.get("/item/1"))
            gate.open()
            #expect(machine.answer()?.text == "1")
            #expect(flood.count { $0.answer()?.status == 503 } == 17)
        }
    }

    @Test func requestsThatHoldTooMuchTogetherAreRefused() async throws {
        try await LiveServer.run(configure: { $0.overload.bytes = 20_000 }) { live in
            let client = live.client()
            client.send(.post("/echo", String(repeating: "a", count: 30_000)))
            #expect(client.answer()?.status == 503)
            client.send(.post("/echo", String(repeating: "a", count: 10_000)))
            #expect(client.answer()?.body.count == 10_000)
            // What was answered holds nothing any more.
            client.send(.post("/echo", String(repeating: "a", count: 10_000)))
            #expect(client.answer()?.body.count == 10_000)
        }
    }

    @Test func aRefusalIsNotedAsOne() async throws {
        try await LiveServer.run(configure: { $0.overload.bytes = 0 }) { live in
            let client = live.client()
            client.send(.get("/plain"))
            #expect(client.answer()?.status == 503)
            try await eventually { live.records.count == 1 }
            #expect(live.records.first?.isRefusedForLoad == true)
        }
        try await LiveServer.run { live in
            let client = live.client()
            client.send(.get("/plain"))
            #expect(client.answer()?.status == 200)
            try await eventually { live.records.count == 1 }
            #expect(live.records.first?.isRefusedForLoad == false)
        }
    }

    /// Keeps the thread of a loop from doing anything else until it is opened.
    private final class Gate: Sendable {
        private let states = Locked((isHeld: false, isOpen: false))

        var isHeld: Bool { states.withLock { $0.isHeld } }

        func open() { states.withLock { $0.isOpen = true } }

        func hold() {
            states.withLock { $0.isHeld = true }
            while !states.withLock({ $0.isOpen }) { usleep(1000) }
        }
    }
}
