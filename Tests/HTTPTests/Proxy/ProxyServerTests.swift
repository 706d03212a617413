import HTTP
import Reactor
import TLSTesting
import Testing

@Suite("A server behind proxies and under TLS", .timeLimit(.minutes(10)))
struct ProxyServerTests {
    /// Says what the server knows of the client.
    @Sendable private static func routes(_ router: inout Router) {
        router.on(.get, "/client") { request in
            let certificate = request.clientCertificate.map { "\($0.der.count)\($0.isVerified ? " verified" : "")" }
            return .text("\(request.peer) \(request.isSecure ? "https" : "http") \(certificate ?? "-")")
        }
    }

    private static func trusting(_ networks: String...) -> TrustedProxies {
        TrustedProxies(networks: networks.compactMap { try? Network($0) })
    }

    /// A configuration with one listener of its own kind on a free port.
    private static func listener(
        _ configuration: inout ServerConfiguration, _ proxies: TrustedProxies, _ change: (inout ServerListener) -> Void
    ) {
        var listener = ServerListener(.ip(SocketAddress("127.0.0.1", port: 0)!))
        change(&listener)
        configuration.listeners = [listener]
        configuration.proxies = proxies
        configuration.timeouts.handshake = .seconds(600)
    }

    private static let poison =
        "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nForwarded: for=192.0.2.1;proto=https\r\n"

    @Test func fieldsOfAStrangerMeanNothing() async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            Self.listener(&$0, Self.trusting("10.0.0.0/8"), { _ in })
        }
        try await LiveServer.run(configure: configure, routes: Self.routes) { live in
            let answer = live.client().answer(afterSending: .get("/client", Self.poison))
            #expect(answer?.text == "127.0.0.1 http -")
        }
    }

    @Test func aListenerForSomePeersRefusesAllOthersWhateverTheySay() async throws {
        let strangers: @Sendable (inout ServerConfiguration) -> Void = {
            Self.listener(&$0, Self.trusting("10.0.0.0/8"), { $0.peers = Self.trusting("10.0.0.0/8").networks })
        }
        try await LiveServer.run(configure: strangers, routes: Self.routes) { live in
            for request in [
                .get("/client"), .get("/client", Self.poison), .post("/client", "a=b"), "nonsense",
                "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + .get("/client"),
            ] {
                let client = live.client()
                let answer = client.answer(afterSending: request)
                #expect(answer?.status == 403 && answer?.text.contains("https") == true)
                #expect(client.endsHere())
            }
            #expect(live.records.allSatisfy { $0.status == 403 && $0.peer == "127.0.0.1" })
        }
        let neighbours: @Sendable (inout ServerConfiguration) -> Void = {
            Self.listener(&$0, Self.trusting("10.0.0.0/8"), { $0.peers = Network.ofThisMachine })
        }
        try await LiveServer.run(configure: neighbours, routes: Self.routes) { live in
            #expect(live.client().answer(afterSending: .get("/client"))?.text == "127.0.0.1 http -")
        }
    }

    @Test func fieldsOfATrustedProxyCountForEachRequestAndInTheLog() async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            Self.listener(&$0, Self.trusting("127.0.0.1"), { _ in })
        }
        try await LiveServer.run(configure: configure, routes: Self.routes) { live in
            let client = live.client()
            #expect(client.answer(afterSending: .get("/client", Self.poison))?.text == "192.0.2.1 https -")
            #expect(client.answer(afterSending: .get("/client"))?.text == "127.0.0.1 http -")
            let malformed = "X-Forwarded-For: 192.0.2.1, rubbish\r\nX-Forwarded-Proto: https\r\n"
            #expect(client.answer(afterSending: .get("/client", malformed))?.text == "127.0.0.1 http -")
            #expect(live.records.map(\.peer) == ["192.0.2.1", "127.0.0.1", "127.0.0.1"])
        }
    }

    @Test func aPROXYHeaderNamesTheClientAndIsRequired() async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            Self.listener(&$0, Self.trusting("127.0.0.1"), { $0.proxyProtocol = .required })
        }
        try await LiveServer.run(configure: configure, routes: Self.routes) { live in
            let client = live.client()
            let header = ProxyHeaderTests.header(0x21, 0x11, ProxyHeaderTests.ipv4)
            // In pieces, and with the request right behind it.
            client.send(Array(header.prefix(5)))
            client.send(Array(header.dropFirst(5)) + Array(String.get("/client", Self.poison).utf8))
            // The client that the header names is no proxy, so its own fields mean nothing.
            #expect(client.answer()?.text == "192.0.2.1 http -")
            #expect(client.answer(afterSending: .get("/client"))?.text == "192.0.2.1 http -")
            #expect(live.records.map(\.peer) == ["192.0.2.1", "192.0.2.1"])

            let local = live.client()
            local.send(ProxyHeaderTests.header(0x20, 0, []) + Array(String.get("/client").utf8))
            #expect(local.answer()?.text == "127.0.0.1 http -")

            let bare = live.client()
            bare.send(.get("/client"))
            #expect(bare.answer() == nil)
            let damaged = live.client()
            damaged.send(ProxyHeaderTests.header(0x21, 0x41, ProxyHeaderTests.ipv4) + Array(String.get("/client").utf8))
            #expect(damaged.answer() == nil)
            #expect(live.records.count == 3)
        }
    }

    @Test func aPROXYHeaderOfAStrangerClosesTheConnection() async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            Self.listener(&$0, Self.trusting("10.0.0.0/8"), { $0.proxyProtocol = .required })
        }
        try await LiveServer.run(configure: configure, routes: Self.routes) { live in
            let client = live.client()
            client.send(ProxyHeaderTests.header(0x21, 0x11, ProxyHeaderTests.ipv4) + Array(String.get("/client").utf8))
            #expect(client.answer() == nil)
            #expect(live.records.isEmpty)
        }
    }

    @Test func whoeverSendsNoPROXYHeaderMeetsTheDeadline() async throws {
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            Self.listener(&$0, Self.trusting("127.0.0.1"), { $0.proxyProtocol = .required })
            $0.timeouts.handshake = .milliseconds(50)
        }
        try await LiveServer.run(configure: configure, routes: Self.routes) { live in
            let client = live.client()
            client.send(Array(ProxyHeaderTests.header(0x21, 0x11, ProxyHeaderTests.ipv4).prefix(20)))
            #expect(client.isCutOffHere())
            try await eventually { live.server.connectionCount == 0 }
        }
    }

    @Test func requestsUnderTLSAreSecureAndCarryTheClientsCertificate() async throws {
        let (own, clients) = (try TestCertificate("a.example"), try TestCertificate("c.example"))
        let tls = try TLSServer(
            [TLSIdentity(certificate: own.pem, key: own.keyPEM)], authorities: TLSAuthorities(clients.pem))
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            Self.listener(&$0, TrustedProxies()) {
                $0.tls = tls
                $0.clientCertificates = .optional
            }
            // Each request but the first of a connection comes while it has no task.
            $0.timeouts.task = .zero
        }
        try await LiveServer.run(configure: configure, routes: Self.routes) { live in
            func answer(_ certificate: TestCertificate?, _ path: String = "/client") throws -> String {
                var wishes = TLSClient.Wishes.host("a.example")
                wishes.certificate = certificate
                wishes.protocols = ["http/1.1"]
                let client = try TLSClient(port: live.port, wishes)
                client.send(.get(path, "Connection: close\r\n"))
                let all = String(decoding: client.receiveAll(), as: UTF8.self)
                #expect(client.hasReceivedCloseNotify)
                return String(all.split(separator: "\r\n", omittingEmptySubsequences: false).last ?? "")
            }
            let (without, with) = (try answer(nil), try answer(clients))
            #expect(without == "127.0.0.1 https -")
            #expect(with == "127.0.0.1 https \(clients.der.count) verified")

            // Many requests in one go, and a next one on the same connection.
            let client = try TLSClient(port: live.port)
            client.send(String(repeating: .get("/client"), count: 100))
            var count = 0
            while count < 100 {
                let more = String(decoding: client.receive(), as: UTF8.self)
                guard !more.isEmpty else { break }
                count += more.split(separator: "HTTP/1.1 200", omittingEmptySubsequences: false).count - 1
            }
            #expect(count == 100)
            client.send(.get("/client", "Connection: close\r\n"))
            #expect(String(decoding: client.receiveAll(), as: UTF8.self).hasSuffix("127.0.0.1 https -"))
        }
    }

    @Test func aPROXYHeaderStandsBeforeTLS() async throws {
        let own = try TestCertificate("a.example")
        let tls = try TLSServer([TLSIdentity(certificate: own.pem, key: own.keyPEM)])
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            Self.listener(&$0, Self.trusting("127.0.0.0/8")) {
                $0.tls = tls
                $0.proxyProtocol = .required
            }
        }
        try await LiveServer.run(configure: configure, routes: Self.routes) { live in
            let header = ProxyHeaderTests.header(0x21, 0x21, ProxyHeaderTests.ipv6)
            let client = try TLSClient(port: live.port, preamble: header)
            client.send(.get("/client", "Connection: close\r\n"))
            #expect(String(decoding: client.receiveAll(), as: UTF8.self).hasSuffix("2001:db8::7 https -"))
            #expect(throws: TLSClient.Refused.self) { try TLSClient(port: live.port) }
        }
    }

    @Test func aTLSHandshakeThatDoesNotEndIsCutAndPlainHTTPIsNotServed() async throws {
        let own = try TestCertificate("a.example")
        let tls = try TLSServer([TLSIdentity(certificate: own.pem, key: own.keyPEM)])
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            Self.listener(&$0, TrustedProxies()) { $0.tls = tls }
            $0.timeouts.handshake = .milliseconds(200)
        }
        try await LiveServer.run(configure: configure, routes: Self.routes) { live in
            let plain = live.client()
            plain.send(.get("/client"))
            #expect(plain.answer() == nil)
            let silent = live.client()
            #expect(silent.endsHere())
            try await eventually { live.server.connectionCount == 0 }
            #expect(live.records.isEmpty)
        }
    }
}
