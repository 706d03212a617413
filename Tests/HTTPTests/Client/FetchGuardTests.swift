import Glibc
import HTTP
import Reactor
import Testing

@Suite("Fetches of addresses that strangers choose")
struct FetchGuardTests {
    private static let files = [
        "ok": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "private": "HTTP/1.1 302 Found\r\nLocation: https://inside.example:{port}/ok\r\nContent-Length: 0\r\n\r\n",
        "literal": "HTTP/1.1 302 Found\r\nLocation: https://169.254.169.254:{port}/ok\r\nContent-Length: 0\r\n\r\n",
        "plain": "HTTP/1.1 302 Found\r\nLocation: http://rp.example:{port}/ok\r\nContent-Length: 0\r\n\r\n",
        "other": "HTTP/1.1 302 Found\r\nLocation: https://other.example:{port}/ok\r\nContent-Length: 0\r\n\r\n",
    ]

    /// The one address that stands for the public internet here.
    private static let loopback = "127.0.0.1"

    private static func fetch(
        _ host: String, _ path: String, from server: TLSFileServer,
        redirects: OutgoingRequest.Redirects = .answered, permitted: String? = loopback
    ) -> OutgoingRequest {
        var fetchGuard = FetchGuard()
        fetchGuard.ports = [server.port]
        fetchGuard.permits = { $0.host == permitted }
        var request = OutgoingRequest(
            .get, "https://\(host):\(server.port)/\(path)", to: .stranger(fetchGuard), by: OutgoingClientTests.far)
        request.redirects = redirects
        return request
    }

    /// Runs `body` with a server, and a client that trusts its authority and knows these names alone.
    private static func run(
        names: [String: [String]], trusts: Bool = true,
        _ body: (TLSFileServer, OutgoingClient, Questions) async throws -> Void
    ) async throws {
        let server = try TLSFileServer(names: ["rp.example", "other.example", "inside.example"], files: files)
        let questions = Questions()
        let authorities = trusts ? server.authorities : nil
        try await OutgoingClientTests.withClient {
            $0.authorities = authorities
            $0.resolve = { host, port in
                questions.count(host)
                let texts = names["\(host) \(questions.of(host))"] ?? names[host] ?? []
                return texts.compactMap { SocketAddress($0, port: port) }
            }
        } _: { client in
            try await body(server, client, questions)
        }
    }

    @Test func refusesNamesThatLeadInside() async throws {
        let names = [
            "rp.example": ["127.0.0.1"], "inside.example": ["10.0.0.1"], "mixed.example": ["127.0.0.1", "10.0.0.1"],
            "six.example": ["::1"], "translated.example": ["64:ff9b::7f00:1"], "metadata.example": ["169.254.169.254"],
        ]
        try await Self.run(names: names) { server, client, _ in
            for host in ["inside", "mixed", "six", "translated", "metadata"] {
                await #expect(throws: OutgoingError.refusedAddress, "\(host)") {
                    try await client.send(Self.fetch("\(host).example", "ok", from: server))
                }
            }
            await #expect(throws: OutgoingError.unresolved) {
                try await client.send(Self.fetch("unknown.example", "ok", from: server))
            }
            await #expect(throws: OutgoingError.refusedAddress) {
                try await client.send(Self.fetch("rp.example", "ok", from: server, permitted: nil))
            }
            let answer = try await client.send(Self.fetch("rp.example", "ok", from: server))
            #expect(answer.body == Array("ok".utf8))
        }
    }

    @Test func goesToTheAddressesThatWereJudgedWhateverTheNameMeansLater() async throws {
        // The first question is answered with an address that is allowed, every later one with an address inside.
        let names = ["rp.example 1": ["127.0.0.1"], "rp.example": ["10.0.0.1"]]
        try await Self.run(names: names) { server, client, questions in
            try await #expect(client.send(Self.fetch("rp.example", "ok", from: server)).status == .ok)
            #expect(questions.of("rp.example") == 1)
            // No connection, name or session of the first is left for the second.
            await #expect(throws: OutgoingError.refusedAddress) {
                try await client.send(Self.fetch("rp.example", "ok", from: server))
            }
        }
    }

    @Test func redirectsAreJudgedAsTheFirstAddressWas() async throws {
        let names = ["rp.example": ["127.0.0.1"], "other.example": ["127.0.0.1"], "inside.example": ["10.0.0.1"]]
        try await Self.run(names: names) { server, client, questions in
            for (path, error) in [
                ("private", OutgoingError.refusedAddress), ("literal", .refusedAddress), ("plain", .refusedScheme),
            ] {
                await #expect(throws: error, "\(path)") {
                    let request = Self.fetch("rp.example", path, from: server, redirects: .followed(atMost: 2))
                    return try await client.send(request)
                }
                try await #expect(client.send(Self.fetch("rp.example", path, from: server)).status == .found)
            }
            #expect(questions.of("inside.example") == 1)
            let request = Self.fetch("rp.example", "other", from: server, redirects: .followed(atMost: 2))
            try await #expect(client.send(request).body == Array("ok".utf8))
            // Once https, always https, also where the operator allows http. This comes last: the connection is kept,
            // and the server has time for one alone.
            var plain = Self.fetch("rp.example", "plain", from: server, redirects: .followed(atMost: 2))
            plain.destination = .configuredPlain
            await #expect(throws: OutgoingError.refusedScheme) { try await client.send(plain) }
        }
    }

    @Test func theCertificateMustProveTheHost() async throws {
        let names = ["rp.example": ["127.0.0.1"], "imposter.example": ["127.0.0.1"]]
        try await Self.run(names: names) { server, client, _ in
            await #expect(throws: OutgoingError.untrusted) {
                try await client.send(Self.fetch("imposter.example", "ok", from: server))
            }
            await #expect(throws: OutgoingError.untrusted) {
                try await client.send(Self.fetch("127.0.0.1", "ok", from: server))
            }
            try await #expect(client.send(Self.fetch("rp.example", "ok", from: server)).status == .ok)
        }
        // The system does not know this authority.
        try await Self.run(names: names, trusts: false) { server, client, _ in
            await #expect(throws: OutgoingError.untrusted) {
                try await client.send(Self.fetch("rp.example", "ok", from: server))
            }
        }
    }

    /// In a process of its own: the environment belongs to all threads.
    @Test func ignoresProxiesOfTheEnvironment() async throws {
        await #expect(processExitsWith: .success) {
            for name in ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
                setenv(name, "http://127.0.0.1:1", 1)
            }
            let names = ["rp.example": ["127.0.0.1"]]
            try await FetchGuardTests.run(names: names) { server, client, _ in
                let answer = try await client.send(FetchGuardTests.fetch("rp.example", "ok", from: server))
                guard answer.status == .ok else { throw OutgoingError.broken }
            }
        }
    }
}

/// How often each name was asked for.
private final class Questions: Sendable {
    private let counts = Locked([String: Int]())

    func count(_ host: String) { counts.withLock { $0[host, default: 0] += 1 } }
    func of(_ host: String) -> Int { counts.withLock { $0[host, default: 0] } }
}
