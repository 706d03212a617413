import HTTP
import JOSE
import Reactor
import Synchronization
import Testing

@testable import TokenVerifier

@Suite("Documents over HTTP", .timeLimit(.minutes(10)))
struct HTTPKeySetSourceTests {
    /// A server on this machine for as long as the body runs.
    private func withServer(
        _ respond: @escaping @Sendable (Request) -> Response,
        _ body: (HTTPKeySetSource, _ port: UInt16) async throws -> Void
    ) async throws {
        let group = try EventLoopGroup(count: 1)
        let address = try #require(SocketAddress("127.0.0.1", port: 0))
        let server = HTTPServer(
            configuration: ServerConfiguration(addresses: [address]), group: group, respond: { respond($0) })
        try server.start()
        let client = try OutgoingClient()
        let port = try #require(server.boundAddresses.first?.port)
        let outcome: Result<Void, any Error>
        do {
            // A starved machine may take long.
            try await body(HTTPKeySetSource(client, plainHTTP: .loopback, timeout: .seconds(60)), port)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await client.stop()
        await server.drain(within: .seconds(60))
        await group.stop()
        try outcome.get()
    }

    @Test func comeWithTagAndLifetime() async throws {
        let fields = Mutex<[String?]>([])
        try await withServer { request in
            fields.withLock { $0 = [request.headers["If-None-Match"], request.headers["Accept"]] }
            let headers: Headers = ["ETag": "\"1\"", "Cache-Control": "max-age=60"]
            if request.headers["If-None-Match"] == "\"1\"" { return Response(.notModified, headers: headers) }
            return Response(.ok, headers: headers, body: .bytes(Array("{}".utf8)))
        } _: { source, port in
            let address = "http://127.0.0.1:\(port)/jwks"
            let first = try await source.document(at: address, unless: nil)
            #expect(first == .document(Array("{}".utf8), lifetime: .seconds(60), validator: "\"1\""))
            #expect(fields.withLock { $0 } == [nil, "application/jwk-set+json, application/json"])
            let second = try await source.document(at: address, unless: "\"1\"")
            #expect(second == .unchanged(lifetime: .seconds(60)))
        }
    }

    @Test func areNotWhateverElseIsAnswered() async throws {
        try await withServer { request in
            switch request.path {
            case "/large": Response(.ok, body: .bytes([UInt8](repeating: 0x20, count: 256 * 1024 + 1)))
            case "/fits": Response(.ok, body: .bytes([UInt8](repeating: 0x20, count: 256 * 1024)))
            case "/moved": Response.redirect(to: "/fits", status: .found)
            default: Response(.notFound)
            }
        } _: { source, port in
            let origin = "http://127.0.0.1:\(port)"
            _ = try await source.document(at: origin + "/fits", unless: nil)
            for (path, failure) in [
                ("/large", KeySetFailure.oversize), ("/moved", .refused(status: 302)), ("/none", .refused(status: 404)),
            ] {
                await #expect(throws: failure) { try await source.document(at: origin + path, unless: nil) }
            }
        }
    }

    @Test(arguments: [
        "http://id.example/keys", "http://localhost.example/keys", "http://localhost@id.example/keys",
        "http://127.0.0.1.example/", "http://127.0.0.10/", "ftp://localhost/", "file:///etc/passwd", "keys", "",
        "HTTP://localhost/",
    ])
    func areNotFetchedInPlainTextFromElsewhere(_ address: String) async throws {
        let client = try OutgoingClient()
        let source = HTTPKeySetSource(client, plainHTTP: .loopback)
        await #expect(throws: KeySetFailure.unsafeAddress) { try await source.document(at: address, unless: nil) }
        await client.stop()
    }

    @Test func areNotFetchedInPlainTextAtAllUnlessTold() async throws {
        try await withServer { _ in
            Response(.ok, body: .bytes([]))
        } _: { source, port in
            let client = try OutgoingClient()
            let strict = HTTPKeySetSource(client)
            let address = "http://localhost:\(port)/"
            await #expect(throws: KeySetFailure.unsafeAddress) { try await strict.document(at: address, unless: nil) }
            await client.stop()
            _ = try await source.document(at: address, unless: nil)
        }
    }

    @Test func failWhereNobodyAnswers() async throws {
        let client = try OutgoingClient()
        let source = HTTPKeySetSource(client, plainHTTP: .loopback, timeout: .seconds(60))
        // Port 1 of this machine: nobody listens there.
        await #expect(throws: KeySetFailure.unreachable) {
            try await source.document(at: "http://127.0.0.1:1/keys", unless: nil)
        }
        await client.stop()
        await #expect(throws: KeySetFailure.unreachable) {
            try await source.document(at: "http://127.0.0.1:1/keys", unless: nil)
        }
    }
}
