import HTTP
import Reactor
import TLSTesting
import Testing

/// Clients that begin a TLS handshake and do not end it, beside others that want to be served.
@Suite("Handshakes that do not end", .timeLimit(.minutes(10)))
struct HandshakeTests {
    /// The beginning of a record of a handshake.
    private static let hello: [UInt8] = [22, 3, 1]

    /// Runs `body` with a server under TLS on one loop, where each step of a handshake waits for its turn.
    private static func run(
        _ change: @Sendable @escaping (inout ServerConfiguration) -> Void,
        _ body: @Sendable (LiveServer) async throws -> Void
    ) async throws {
        let own = try TestCertificate("a.example")
        let tls = try TLSServer([TLSIdentity(certificate: own.pem, key: own.keyPEM)])
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            $0.listeners[0].tls = tls
            $0.timeouts.handshake = .seconds(600)
            $0.overload.turn = .zero
            change(&$0)
        }
        try await LiveServer.run(configure: configure, body)
    }

    private static func isServed(_ client: TLSClient) -> Bool {
        client.send(.get("/plain"))
        return String(decoding: client.receive(), as: UTF8.self).hasSuffix("plain")
    }

    private static func halfDone(_ count: Int, _ live: LiveServer) -> [RawClient] {
        (0..<count).map { _ in
            let client = live.client()
            client.send(hello)
            return client
        }
    }

    @Test func theOldestOfTooManyMakeRoom() async throws {
        try await Self.run({ $0.maxHandshakes = 8 }) { live in
            let served = try TLSClient(port: live.port)
            #expect(Self.isServed(served))
            let halfDone = Self.halfDone(40, live)
            for client in halfDone[..<32] { #expect(client.isCutOffHere()) }
            try await eventually { live.server.connectionCount == 9 }
            #expect(Self.isServed(served))
            // The next one takes a place, and leaves it when its handshake is over.
            let newcomer = try TLSClient(port: live.port)
            #expect(Self.isServed(newcomer))
            #expect(halfDone[32].isCutOffHere())
            let another = Self.halfDone(1, live)
            try await eventually { live.server.connectionCount == 10 }
            #expect(!halfDone[33].hasBytes() && !another[0].hasBytes())
            #expect(Self.isServed(newcomer) && Self.isServed(served))
        }
        try await Self.run({ _ in }) { live in
            let halfDone = Self.halfDone(40, live)
            try await eventually { live.server.connectionCount == 40 }
            #expect(Self.isServed(try TLSClient(port: live.port)))
            #expect(!halfDone.contains { $0.hasBytes() })
        }
    }

    @Test func inAFullLoopTheyMakeRoomBeforeWhoeverIsServed() async throws {
        try await Self.run({ $0.maxConnections = 10 }) { live in
            // Idle for longer than any of those who come.
            let served = try (0..<2).map { _ in try TLSClient(port: live.port) }
            for client in served { #expect(Self.isServed(client)) }
            let halfDone = Self.halfDone(40, live)
            for client in halfDone[..<32] { #expect(client.isCutOffHere()) }
            for client in served { #expect(Self.isServed(client)) }
            // Those that were given up are forgotten when their tasks have noticed.
            try await eventually { live.server.connectionCount == 10 }
        }
    }

    @Test func inALoopFullOfIdleOnesAHandshakeHasItsTime() async throws {
        try await Self.run({ $0.maxConnections = 10 }) { live in
            let idle = try (0..<10).map { _ in try TLSClient(port: live.port) }
            for client in idle { #expect(Self.isServed(client)) }
            let newcomers = Self.halfDone(2, live)
            // Two more come in behind them, in the places of idle ones.
            for _ in 0..<2 { #expect(Self.isServed(try TLSClient(port: live.port))) }
            #expect(!newcomers.contains { $0.hasBytes() })
        }
    }
}
