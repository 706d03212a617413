import Foundation
import HTTP
import Testing

@testable import Reactor

/// Clients that are slow, or many requests at once: none holds a thread, much memory or the turn of others.
@Suite("Slow and greedy clients", .timeLimit(.minutes(10)))
struct SlowPeerTests {
    /// More than the kernel buffers of a connection take.
    private static let large = String(repeating: "0123456789abcdef", count: 1 << 19)

    private static let routes: @Sendable (inout Router) -> Void = { router in
        LiveServer.standardRoutes(&router)
        router.on(.get, "/large") { _ in .text(large) }
    }

    @Test func whoDoesNotReadIsCutOff() async throws {
        try await LiveServer.run(configure: { $0.timeouts.write = .milliseconds(50) }, routes: Self.routes) { live in
            let lazy = live.client()
            lazy.send(.get("/large"))
            // The server is the one that ends it.
            try await eventually { live.records.count == 1 && live.server.connectionCount == 0 }
            let keen = live.client()
            keen.send(.get("/plain"))
            #expect(keen.answer()?.text == "plain")
        }
        // With time enough the same answer arrives.
        try await LiveServer.run(routes: Self.routes) { live in
            let keen = live.client()
            keen.send(.get("/large"))
            #expect(keen.answer()?.body.count == Self.large.utf8.count)
        }
    }

    @Test func whoSendsMuchAndNeverEndsIsBrokenOffFirst() async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            $0.limits.body = 1 << 20
            $0.limits.held = 1 << 20
        }
        try await LiveServer.run(configure: configure) { live in
            let start = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n"
            let most = String(repeating: "a", count: 270_000)
            let small = live.client()
            small.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
            var greedy: [RawClient] = []
            // Each waits for its last bytes, and they come one after the other: all would hold three megabytes.
            for count in 1...10 {
                let client = live.client()
                // Its connection is accepted, and what it sends is read before the next one comes.
                client.send(.get("/plain"))
                #expect(client.answer()?.text == "plain")
                client.send(start + most)
                greedy.append(client)
                // Three of them fit beside the small one, or two: their buffers are larger than what is in them.
                if count > 3 { try await eventually { live.server.connectionCount <= 4 } }
            }
            // The first were given up, the last can finish, and so can whoever holds next to nothing.
            #expect(greedy[0].answer() == nil)
            let last = try #require(greedy.last)
            last.send(String(repeating: "b", count: 30_000))
            #expect(last.answer()?.body.count == 300_000)
            small.send("cde")
            #expect(small.answer()?.text == "abcde")
        }
        // Below the limit nobody is.
        try await LiveServer.run(configure: { $0.limits.body = 1 << 20 }) { live in
            let clients = (0..<10).map { _ in live.client() }
            for client in clients {
                client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n")
                client.send(String(repeating: "a", count: 270_000))
            }
            for client in clients {
                client.send(String(repeating: "b", count: 30_000))
                #expect(client.answer()?.body.count == 300_000)
            }
        }
    }

    @Test func whoDoesNotReadMuchIsBrokenOffWhenThereIsTooMuchOfIt() async throws {
        try await LiveServer.run(configure: { $0.limits.held = 16 << 20 }, routes: Self.routes) { live in
            let lazy = (0..<6).map { _ in live.client() }
            for client in lazy { client.send(.get("/large")) }
            try await eventually { live.records.count == 6 && live.server.connectionCount <= 4 }
            let keen = live.client()
            keen.send(.get("/plain"))
            #expect(keen.answer()?.text == "plain")
        }
    }

    @Test func tenThousandRequestsInARowDoNotKeepOthersWaiting() async throws {
        let others = Locked([RawClient]())
        let place = Locked(UInt16(0))
        let routes: @Sendable (inout Router) -> Void = { router in
            router.on(.get, "/item/:id") { request in
                // In the middle of the row another client comes, connected and sent before anything else happens.
                if request.parameter("id") == "100" {
                    let other = RawClient(port: place.withLock { $0 })
                    other.send(.get("/other"))
                    others.withLock { $0.append(other) }
                }
                return .text("")
            }
            router.on(.get, "/other") { _ in .text("other") }
        }
        try await LiveServer.run(routes: routes) { live in
            place.withLock { $0 = live.port }
            let greedy = live.client()
            let row = (0..<10_000).map { String.get("/item/\($0)") }.joined()
            // Sent from elsewhere: both sides would wait for each other once the buffers between them are full.
            let sender = Thread { greedy.send(row) }
            sender.start()
            for _ in 0..<10_000 where greedy.answer()?.status != 200 { Issue.record("an answer is missing") }
            #expect(others.withLock { $0.first?.answer()?.text } == "other")
            let order = live.records.map(\.path)
            #expect(order.count == 10_001)
            let turn = try #require(order.firstIndex(of: "/other"))
            // A few turns of 32 requests: to accept, to read, to answer.
            #expect(turn > 100)
            #expect(turn < 100 + 8 * 32, "answered only after \(turn) others")
        }
    }
}
