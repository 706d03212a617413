import Glibc
import HTTP
import Reactor
import Testing

@Suite("Outgoing client")
struct OutgoingClientTests {
    /// Far enough that no slow machine gets there.
    static var far: Deadline { .after(.seconds(3600)) }

    /// Runs `body` with a client, and stops it afterwards.
    static func withClient(
        _ configure: (inout OutgoingClient.Configuration) -> Void = { _ in },
        _ body: (OutgoingClient) async throws -> Void
    ) async throws {
        var configuration = OutgoingClient.Configuration()
        configure(&configuration)
        let client = try OutgoingClient(configuration)
        do {
            try await body(client)
            await client.stop()
        } catch {
            await client.stop()
            throw error
        }
    }

    static func request(_ method: HTTP.Method, port: UInt16, _ path: String) -> OutgoingRequest {
        OutgoingRequest(method, "http://127.0.0.1:\(port)\(path)", to: .configuredPlain, by: far)
    }

    // MARK: Messages

    @Test func bringsStatusFieldsAndContent() async throws {
        let routes: @Sendable (inout Router) -> Void = { router in
            router.on(.get, "/plain") { request in
                #expect(request.headers["User-Agent"] == "martlet")
                #expect(request.headers["Cookie"] == nil)
                return Response(.ok, headers: ["X-One": "1", "X-Two": "a,  b"], body: .bytes([1, 2, 3]))
            }
        }
        try await LiveServer.run(routes: routes) { live in
            try await Self.withClient { client in
                let answer = try await client.send(Self.request(.get, port: live.port, "/plain"))
                #expect(answer.status == .ok)
                #expect(answer.headers["x-one"] == "1")
                #expect(answer.headers["X-Two"] == "a,  b")
                #expect(answer.body == [1, 2, 3])
                let head = try await client.send(Self.request(.head, port: live.port, "/plain"))
                #expect(head.status == .ok)
                #expect(head.body.isEmpty)
                let missing = try await client.send(Self.request(.get, port: live.port, "/missing"))
                #expect(missing.status == .notFound)
            }
        }
    }

    @Test func sendsMethodFieldsAndContent() async throws {
        let routes: @Sendable (inout Router) -> Void = { router in
            for method in [HTTP.Method.post, .put, .delete, .patch] {
                router.on(method, "/echo") { request in
                    let fields: Headers = [
                        "X-Type": request.headers["Content-Type"] ?? "none", "X-Empty": request.headers["X-E"] ?? "no",
                        "X-Method": request.method.text,
                    ]
                    return Response(.created, headers: fields, body: .bytes(request.body))
                }
            }
        }
        try await LiveServer.run(routes: routes) { live in
            try await Self.withClient { client in
                for method in [HTTP.Method.post, .put, .delete, .patch] {
                    for content in [[], Array("a=b\0c".utf8), [UInt8](repeating: 7, count: 60_000)] {
                        var request = Self.request(method, port: live.port, "/echo")
                        request.body = content
                        request.headers = ["X-E": ""]
                        let bare = try await client.send(request)
                        #expect(bare.body == content)
                        #expect(bare.headers["X-Type"] == "none")
                        #expect(bare.headers["X-Empty"] == "")
                        #expect(bare.headers["X-Method"] == method.text)
                        request.headers = ["Content-Type": "application/json"]
                        try await #expect(client.send(request).headers["X-Type"] == "application/json")
                    }
                }
            }
        }
    }

    @Test func refusesFieldsThatAreTheClientsOwnAndSplitOnes() async throws {
        try await LiveServer.run { live in
            try await Self.withClient { client in
                for fields: Headers in [
                    ["Host": "other.example"], ["content-length": "5"], ["Transfer-Encoding": "chunked"],
                    ["Connection": "close"], ["X-A": "b\r\nX-C: d"],
                ] {
                    var request = Self.request(.get, port: live.port, "/plain")
                    request.headers = fields
                    await #expect(throws: OutgoingError.unfitRequest) { try await client.send(request) }
                    request.headers = ["X-A": "b"]
                    try await #expect(client.send(request).status == .ok)
                }
            }
        }
    }

    @Test func keepsConnectionsForTheNextRequest() async throws {
        try await LiveServer.run { live in
            try await Self.withClient { client in
                for _ in 0..<10 { _ = try await client.send(Self.request(.get, port: live.port, "/plain")) }
                #expect(live.server.connectionCount == 1)
            }
        }
    }

    @Test func interimAnswersAndTrailersDoNotCount() async throws {
        let server = try ScriptedServer { connection in
            ScriptedServer.send(
                "HTTP/1.1 103 Early Hints\r\nX-A: early\r\n\r\n"
                    + "HTTP/1.1 200 OK\r\nX-B: final\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n0\r\nX-C: trailer\r\nX-B: other\r\n\r\n", to: connection)
        }
        defer { server.stop() }
        try await Self.withClient { client in
            let answer = try await client.send(Self.request(.get, port: server.port, "/"))
            #expect(answer.body == Array("abc".utf8))
            #expect(answer.headers["X-A"] == nil)
            #expect(answer.headers.values(of: "X-B") == ["final"])
            #expect(answer.headers["X-C"] == nil)
        }
    }

    // MARK: Limits

    @Test(arguments: ["length", "chunks", "end"])
    func cutsContentOverTheLimit(_ framing: String) async throws {
        let server = try ScriptedServer { connection in
            let chunk = String(repeating: "a", count: 1000)
            switch framing {
            case "length":
                ScriptedServer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n\(chunk)", to: connection)
            case "chunks":
                let header = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                ScriptedServer.send("\(header)3e8\r\n\(chunk)\r\n0\r\n\r\n", to: connection)
            default: ScriptedServer.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\(chunk)", to: connection)
            }
        }
        defer { server.stop() }
        try await Self.withClient { client in
            var request = Self.request(.get, port: server.port, "/")
            request.answerLimit = 999
            await #expect(throws: OutgoingError.tooLarge) { try await client.send(request) }
            request.answerLimit = 1000
            try await #expect(client.send(request).body.count == 1000)
        }
    }

    @Test(arguments: ["content", "header", "interim"])
    func cutsAnswersWithoutEnd(_ kind: String) async throws {
        let server = try ScriptedServer { connection in
            var (start, more) = ("HTTP/1.1 200 OK\r\n\r\n", String(repeating: "a", count: 1000))
            if kind == "header" { (start, more) = ("HTTP/1.1 200 OK\r\n", "X-A: \(more)\r\n") }
            if kind == "interim" { (start, more) = ("", "HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n") }
            ScriptedServer.send(start, to: connection)
            while ScriptedServer.send(more, to: connection) {}
        }
        defer { server.stop() }
        try await Self.withClient { client in
            await #expect(throws: OutgoingError.tooLarge) {
                try await client.send(Self.request(.get, port: server.port, "/"))
            }
        }
    }

    @Test(arguments: ["silent", "trickle"])
    func endsSlowAnswersAtTheDeadline(_ kind: String) async throws {
        let server = try ScriptedServer { connection in
            guard kind == "trickle" else { return ScriptedServer.waitForEnd(of: connection) }
            ScriptedServer.send("HTTP/1.1 200 OK\r\n\r\n", to: connection)
            while ScriptedServer.send("a", to: connection) { usleep(10_000) }
        }
        defer { server.stop() }
        try await Self.withClient { client in
            var request = Self.request(.get, port: server.port, "/")
            request.deadline = .after(.milliseconds(200))
            await #expect(throws: OutgoingError.timedOut) { try await client.send(request) }
            #expect(request.deadline <= .now)
            await #expect(throws: OutgoingError.timedOut) { try await client.send(request) }
        }
    }

    @Test func endsAtTheDeadlineWhenTheNameTakesTooLong() async throws {
        let gate = Gate()
        try await Self.withClient {
            $0.resolve = { _, _ in
                gate.wait()
                return []
            }
        } _: { client in
            let request = OutgoingRequest(
                .get, "https://slow.example/", to: .stranger(FetchGuard()), by: .after(.milliseconds(100)))
            await #expect(throws: OutgoingError.timedOut) { try await client.send(request) }
            gate.open()
            var patient = request
            patient.deadline = Self.far
            await #expect(throws: OutgoingError.unresolved) { try await client.send(patient) }
        }
    }

    @Test func refusesAtOnceWhatIsTooMuch() async throws {
        let gate = Gate()
        try await Self.withClient {
            $0.ownRequests = 1
            $0.strangersRequests = 2
            $0.strangersRequestsPerHost = 1
            $0.resolve = { _, _ in
                gate.wait()
                return []
            }
        } _: { client in
            let own = OutgoingRequest(.get, "https://own.example/", to: .configured, by: Self.far)
            func strange(_ host: String) -> OutgoingRequest {
                OutgoingRequest(.get, "https://\(host)/", to: .stranger(FetchGuard()), by: Self.far)
            }
            await withTaskGroup(of: OutgoingError?.self) { tasks in
                // One of each pair takes the place, the other is refused while the first still waits.
                for request in [own, own, strange("a.example"), strange("a.example")] {
                    tasks.addTask { await Self.error { try await client.send(request) } }
                }
                await #expect(tasks.next() == .busy)
                await #expect(tasks.next() == .busy)
                tasks.addTask { await Self.error { try await client.send(strange("b.example")) } }
                tasks.addTask { await Self.error { try await client.send(strange("c.example")) } }
                await #expect(tasks.next() == .busy)
                gate.open()
                for _ in 0..<3 { await #expect(tasks.next() == .unresolved) }
            }
            #expect(await Self.error { try await client.send(own) } == .unresolved)
        }
    }

    @Test func cancellationEndsTheRequestAndFreesItsPlace() async throws {
        let reached = Gate()
        let server = try ScriptedServer { connection in
            reached.open()
            ScriptedServer.waitForEnd(of: connection)
        }
        defer { server.stop() }
        try await Self.withClient {
            $0.ownRequests = 1
        } _: { client in
            for _ in 0..<3 {
                let task = Task { try await client.send(Self.request(.get, port: server.port, "/")) }
                try await eventually { reached.isOpen }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    @Test func stoppingEndsWhatRuns() async throws {
        let reached = Gate()
        let server = try ScriptedServer { connection in
            reached.open()
            ScriptedServer.waitForEnd(of: connection)
        }
        defer { server.stop() }
        let client = try OutgoingClient()
        let task = Task { try await client.send(Self.request(.get, port: server.port, "/")) }
        try await eventually { reached.isOpen }
        await client.stop()
        await #expect(throws: OutgoingError.stopped) { try await task.value }
        await #expect(throws: OutgoingError.stopped) {
            try await client.send(Self.request(.get, port: server.port, "/"))
        }
    }

    @Test func saysWhenNobodyIsThereOrTalksSomethingElse() async throws {
        let server = try ScriptedServer { ScriptedServer.send("SSH-2.0-x\r\n", to: $0) }
        try await Self.withClient { client in
            await #expect(throws: OutgoingError.broken) {
                try await client.send(Self.request(.get, port: server.port, "/"))
            }
            server.stop()
            // A port that is taken, so that nobody else gets it meanwhile, and where nobody listens.
            let other = try LoopbackPort()
            await #expect(throws: OutgoingError.self) {
                try await client.send(Self.request(.get, port: other.number, "/"))
            }
            other.giveBack()
        }
    }

    // MARK: Redirects

    private static let redirecting: @Sendable (inout Router) -> Void = { router in
        for code: UInt16 in [301, 302, 303, 307, 308] {
            router.on(.get, "/\(code)") { _ in .redirect(to: "end", status: Status(rawValue: code)) }
        }
        router.on(.post, "/302") { _ in .redirect(to: "/end", status: .found) }
        router.on(.get, "/loop") { _ in .redirect(to: "/loop") }
        router.on(.get, "/nowhere") { _ in Response(.found) }
        router.on(.get, "/file") { _ in .redirect(to: "ftp://127.0.0.1/file") }
        router.on(.get, "/end") { request in .text(request.headers["Authorization"] ?? "none") }
        router.on(.get, "/away") { request in
            .redirect(to: "http://localhost:\(request.headers["X-Port"] ?? "")/end")
        }
    }

    @Test func followsRedirectsOnlyWhenAsked() async throws {
        try await LiveServer.run(routes: Self.redirecting) { live in
            try await Self.withClient { client in
                for code: UInt16 in [301, 302, 303, 307, 308] {
                    var request = Self.request(.get, port: live.port, "/\(code)")
                    try await #expect(client.send(request).status.rawValue == code)
                    request.redirects = .followed(atMost: 1)
                    try await #expect(client.send(request).status == .ok)
                }
                var post = Self.request(.post, port: live.port, "/302")
                post.redirects = .followed(atMost: 1)
                try await #expect(client.send(post).status == .found)
                for path in ["/loop", "/nowhere"] {
                    var request = Self.request(.get, port: live.port, path)
                    request.redirects = .followed(atMost: 3)
                    await #expect(throws: OutgoingError.refusedRedirect) { try await client.send(request) }
                }
                var file = Self.request(.get, port: live.port, "/file")
                file.redirects = .followed(atMost: 3)
                await #expect(throws: OutgoingError.refusedScheme) { try await client.send(file) }
            }
        }
    }

    @Test func credentialsStayWithTheirOrigin() async throws {
        try await LiveServer.run(routes: Self.redirecting) { live in
            let here = try #require(SocketAddress("127.0.0.1", port: live.port))
            try await Self.withClient {
                $0.resolve = { _, _ in [here] }
            } _: { client in
                var request = Self.request(.get, port: live.port, "/302")
                request.headers = ["Authorization": "Bearer secret", "X-Port": "\(live.port)"]
                request.redirects = .followed(atMost: 1)
                try await #expect(client.send(request).body == Array("Bearer secret".utf8))
                request.address = "http://127.0.0.1:\(live.port)/away"
                try await #expect(client.send(request).body == Array("none".utf8))
            }
        }
    }

    static func error(_ body: () async throws -> some Any) async -> OutgoingError? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? OutgoingError
        }
    }
}

/// Something that threads wait for.
final class Gate: Sendable {
    private let state = Locked(false)

    var isOpen: Bool { state.withLock { $0 } }

    func open() { state.withLock { $0 = true } }

    func wait() {
        while !isOpen { usleep(1000) }
    }
}
