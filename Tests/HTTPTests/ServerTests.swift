import HTTP
import Reactor
import Testing

@Suite("RFC 9112 server on the wire")
struct ServerTests {
    @Test func answersAndKeepsTheConnection() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            for _ in 0..<3 {
                client.send(.get("/plain"))
                let answer = try #require(client.answer())
                #expect(answer.status == 200)
                #expect(answer.text == "plain")
                #expect(answer.header("Content-Type") == "text/plain; charset=utf-8")
                #expect(answer.header("Connection") == nil)
                #expect(answer.header("Date")?.hasSuffix(" GMT") == true)
                #expect(answer.header("X-Request-Id")?.utf8.count == 13)
            }
            client.send(.get("/plain", "Connection: close\r\n"))
            #expect(client.answer()?.header("Connection") == "close")
            #expect(client.endsHere())
        }
    }

    @Test func anOldVersionIsAnsweredAndClosed() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send("GET /plain HTTP/1.0\r\n\r\n")
            let answer = try #require(client.answer())
            #expect(answer.status == 200)
            #expect(answer.header("Connection") == "close")
            #expect(client.endsHere())
        }
    }

    @Test func aRefusedRequestEndsTheConnectionAndTheOneBeforeItIsAnswered() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send(.get("/plain") + "GET /plain HTTP/1.1\nHost: a\r\n\r\n" + .get("/plain"))
            #expect(client.answer()?.status == 200)
            let refusal = try #require(client.answer())
            #expect(refusal.status == 400)
            #expect(refusal.header("Connection") == "close")
            #expect(refusal.text == "400 Bad Request: a line must end with CR LF\n")
            #expect(client.endsHere())
        }
    }

    private static func header(_ field: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n"
    }

    struct Excess: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let request: String
        let status: Int
    }

    @Test(arguments: [
        Excess(testDescription: "target", request: "GET /" + String(repeating: "a", count: 9000), status: 414),
        Excess(
            testDescription: "field",
            request: .get("/", "X: " + String(repeating: "a", count: 20_000) + "\r\n"),
            status: 431
        ),
        Excess(testDescription: "fields", request: .get("/", String(repeating: "X: a\r\n", count: 100)), status: 431),
        Excess(testDescription: "length", request: header("Content-Length: 65537"), status: 413),
        Excess(testDescription: "chunk", request: header("Transfer-Encoding: chunked") + "10001\r\n", status: 413),
        Excess(testDescription: "coding", request: header("Transfer-Encoding: br"), status: 501),
        Excess(testDescription: "expectation", request: header("Expect: b"), status: 417),
        Excess(testDescription: "version", request: "GET / HTTP/3.0\r\nHost: a\r\n\r\n", status: 505),
    ])
    func tooMuchIsRefusedWithTheStatusThatSaysSo(_ excess: Excess) async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send(excess.request)
            #expect(client.answer()?.status == excess.status)
            #expect(client.endsHere())
            // The neighbour: as large as allowed.
            let next = live.client()
            let body = String(repeating: "b", count: 65_536)
            next.send(.post("/echo", body))
            #expect(next.answer()?.text == body)
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send((0..<500).map { String.get("/item/\($0)") }.joined())
            for number in 0..<500 { #expect(client.answer()?.text == "\(number)") }
        }
    }

    @Test func bytesThatComeOneByOneMakeTheSameRequest() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            for byte in String.post("/echo", "hello").utf8 { client.send([byte]) }
            #expect(client.answer()?.text == "hello")
        }
    }

    @Test func chunkedContentAndContentAfterLeaveArrive() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            client.send("2\r\nde\r\n0\r\n\r\n")
            #expect(client.answer()?.text == "abcde")
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            #expect(client.answer()?.status == 100)
            client.send("fghij")
            #expect(client.answer()?.text == "fghij")
            // Too much is refused instead of awaited.
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n")
            #expect(client.answer()?.status == 413)
        }
    }

    @Test func headHasTheHeaderOfGetAndNoContent() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send("HEAD /plain HTTP/1.1\r\nHost: a\r\n\r\n" + .get("/plain"))
            let head = try #require(client.answer(toHead: true))
            #expect(head.status == 200)
            #expect(head.header("Content-Length") == "5")
            #expect(client.answer()?.text == "plain")
        }
    }

    @Test func aMissingPathOrMethodSaysSoAndTheConnectionGoesOn() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send(.get("/nothing"))
            #expect(client.answer()?.status == 404)
            client.send(.post("/plain", "a"))
            let answer = try #require(client.answer())
            #expect(answer.status == 405)
            #expect(answer.header("Allow") == "GET, HEAD")
            client.send(.get("/plain"))
            #expect(client.answer()?.status == 200)
        }
    }

    @Test func anUnfinishedRequestIsAnsweredWhenItsTimeIsOver() async throws {
        let short: @Sendable (inout ServerConfiguration) -> Void = {
            $0.timeouts.header = .milliseconds(250)
            $0.timeouts.body = .milliseconds(250)
        }
        try await LiveServer.run(configure: short) { live in
            for unfinished in [
                "GET /plain HTTP/1.1\r\nHost:", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc",
                .get("/plain") + "G",
            ] {
                let client = try live.servedClient()
                client.send(unfinished)
                if unfinished.hasSuffix("G") { #expect(client.answer()?.status == 200) }
                #expect(client.answer()?.status == 408)
                #expect(client.endsHere())
            }
        }
    }

    @Test func aTrickleOfBytesDoesNotBuyTime() async throws {
        let short: @Sendable (inout ServerConfiguration) -> Void = {
            $0.timeouts.header = .milliseconds(300)
            $0.timeouts.body = .milliseconds(300)
        }
        try await LiveServer.run(configure: short) { live in
            for start in [
                "GET /plain HTTP/1.1\r\nX: ", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n",
            ] {
                let client = try live.servedClient()
                client.send(start)
                // Each byte comes long before the limit, all together long after it.
                for _ in 0..<2000 where !client.hasBytes() {
                    client.send("a")
                    try await Task.sleep(for: .milliseconds(5))
                }
                #expect(client.hasBytes())
                #expect(client.answer()?.status == 408)
            }
        }
    }

    @Test func aPeerThatHasItsLastAnswerAndNeverClosesIsLeft() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send(.get("/plain", "Connection: close\r\n") + "more that nobody reads")
            #expect(client.answer()?.text == "plain")
            #expect(client.endsHere())
            try await eventually { live.server.connectionCount == 0 }
        }
    }

    @Test func anIdleConnectionIsClosedWithoutAWord() async throws {
        try await LiveServer.run(configure: { $0.timeouts.idle = .milliseconds(30) }) { live in
            let client = live.client()
            client.send(.get("/plain"))
            #expect(client.answer()?.status == 200)
            #expect(client.endsHere())
        }
        try await LiveServer.run(configure: { $0.timeouts.header = .milliseconds(30) }) { live in
            #expect(live.client().endsHere())
        }
    }

    @Test func aStreamThatEndsInsideARequestIsRefused() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send("GET /plain HTTP/1.1\r\n")
            client.finishSending()
            #expect(client.answer()?.status == 400)
            let next = live.client()
            next.send(.get("/plain"))
            next.finishSending()
            #expect(next.answer()?.status == 200)
            #expect(next.endsHere())
        }
    }

    @Test func anAnswerThatWouldBeSplitIsWithheld() async throws {
        let routes: @Sendable (inout Router) -> Void = { router in
            router.on(.get, "/to") { request in
                .redirect(to: String(decoding: request.query, as: UTF8.self).replacing("CRLF", with: "\r\n"))
            }
            router.on(.get, "/cookie") { request in
                var response = Response.text("set")
                response.setCookie(SetCookie(name: "a", value: String(decoding: request.query, as: UTF8.self)))
                return response
            }
            router.on(.get, "/own") { _ in
                Response(
                    .ok, headers: ["Content-Length": "1", "X-A": "b", "Transfer-Encoding": "x"], body: .bytes([1, 2]))
            }
            router.on(.get, "/continue") { _ in Response(Status(rawValue: 100)) }
        }
        try await LiveServer.run(routes: routes) { live in
            let client = live.client()
            client.send(.get("/to?/fine"))
            let fine = try #require(client.answer())
            #expect(fine.status == 303)
            #expect(fine.header("Location") == "/fine")
            for path in ["/to?/CRLFSet-Cookie:a=b", "/cookie?b;c", "/continue"] {
                client.send(.get(path))
                let withheld = try #require(client.answer())
                #expect(withheld.status == 500)
                #expect(withheld.header("Set-Cookie") == nil)
                #expect(withheld.header("Location") == nil)
            }
            #expect(live.faults.withLock { $0.count } == 3)
            client.send(.get("/cookie?b"))
            #expect(client.answer()?.header("Set-Cookie") == "a=b; Path=/; HttpOnly; Secure; SameSite=Lax")
            // The length is the server's, whatever the responder says.
            client.send(.get("/own"))
            let own = try #require(client.answer())
            #expect(own.header("Content-Length") == "2")
            #expect(own.header("X-A") == "b")
            #expect(own.header("Transfer-Encoding") == nil)
            #expect(client.answer(afterSending: .get("/to?/fine"))?.status == 303)
        }
    }

    @Test func aPreparedAnswerIsSentWholeOrNotAtAll() async throws {
        let prepared = PreparedResponse(
            headers: ["Content-Type": "application/json", "Cache-Control": "public, max-age=60"],
            body: Array("{}".utf8)
        )
        try await LiveServer.run(routes: { $0.on(.get, "/keys") { _ in .prepared(prepared) } }) { live in
            let client = live.client()
            let full = try #require(client.answer(afterSending: .get("/keys")))
            #expect(full.status == 200)
            #expect(full.text == "{}")
            let tag = try #require(full.header("ETag"))
            for held in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let answer = try #require(client.answer(afterSending: .get("/keys", "If-None-Match: \(held)\r\n")))
                #expect(answer.status == 304, "\(held)")
                #expect(answer.header("ETag") == tag)
                #expect(answer.header("Cache-Control") == "public, max-age=60")
                #expect(answer.header("Content-Type") == nil)
                #expect(answer.header("Content-Length") == nil)
            }
            for other in ["\"x\"", tag.dropLast() + "0\"", ""] {
                let answer = try #require(client.answer(afterSending: .get("/keys", "If-None-Match: \(other)\r\n")))
                #expect(answer.status == 200, "\(other)")
            }
        }
    }

    @Test func everyAnswerIsLoggedOnceWithoutItsQuery() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            let first = client.answer(afterSending: .get("/plain?secret=1"))
            let second = client.answer(afterSending: .get("/%6eothing"))
            let third = client.answer(afterSending: "x\r\n")
            let ids = [first, second, third].map { $0?.header("X-Request-Id") ?? "" }
            #expect(Set(ids).count == 3)
            #expect(
                live.records == [
                    .init(method: "GET", path: "/plain", status: 200, bytes: 5, id: ids[0]),
                    .init(method: "GET", path: "/nothing", status: 404, bytes: 14, id: ids[1]),
                    .init(method: "", path: "", status: 400, bytes: third?.body.count ?? 0, id: ids[2]),
                ])
        }
    }

    @Test func aNewcomerBeyondTheLimitTakesThePlaceOfWhoeverHasBeenIdleLongest() async throws {
        try await LiveServer.run(configure: { $0.maxConnections = 2 }) { live in
            let (first, second) = (live.client(), live.client())
            for client in [first, second, first] {
                #expect(client.answer(afterSending: .get("/plain"))?.status == 200)
            }
            let third = live.client()
            #expect(third.answer(afterSending: .get("/plain"))?.status == 200)
            #expect(second.endsHere())
            for client in [first, third] { #expect(client.answer(afterSending: .get("/plain"))?.status == 200) }
            // However many come and say nothing, the next one is heard.
            let silent = (0..<20).map { _ in live.client() }
            #expect(live.client().answer(afterSending: .get("/plain"))?.status == 200)
            for client in [first, third] + silent[..<18] { #expect(client.endsHere()) }
            try await eventually { live.server.connectionCount <= 2 }
        }
    }

    @Test func unfinishedRequestsMakeRoomAndThoseAtWorkDoNot() async throws {
        let gate = DrainTests.Gate()
        let routes: @Sendable (inout Router) -> Void = { router in
            LiveServer.standardRoutes(&router)
            router.on(.get, "/gated") { _ in
                await gate.pass()
                return .text("passed")
            }
        }
        try await LiveServer.run(configure: { $0.maxConnections = 1 }, routes: routes) { live in
            let unfinished = live.client()
            unfinished.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
            let busy = live.client()
            busy.send(.get("/gated", "Connection: close\r\n"))
            await gate.waitForArrivals(1)
            #expect(unfinished.answer() == nil)
            #expect(live.client().endsHere())
            gate.open()
            #expect(busy.answer()?.text == "passed")
            #expect(busy.endsHere())
            try await eventually { live.server.connectionCount == 0 }
            #expect(live.client().answer(afterSending: .get("/plain"))?.status == 200)
        }
    }

    @Test func allLoopsAnswerOnOnePort() async throws {
        let routes: @Sendable (inout Router) -> Void = { router in
            router.on(.get, "/loop") { _ in .text("\(EventLoop.current?.index ?? -1)") }
        }
        try await LiveServer.run(loops: 3, routes: routes) { live in
            var loops: Set<String> = []
            // The kernel spreads by a hash of the ports: two hundred connections that miss a loop are a defect.
            for _ in 0..<200 { loops.insert(live.client().answer(afterSending: .get("/loop"))?.text ?? "") }
            #expect(loops == ["0", "1", "2"])
        }
    }

    @Test func aPortInUseIsRefusedAtTheStart() async throws {
        try await LiveServer.run { live in
            let group = try EventLoopGroup(count: 1)
            let taken = ServerConfiguration(addresses: live.server.boundAddresses)
            let second = HTTPServer(configuration: taken, group: group, respond: { _ in .text("") })
            #expect(throws: SystemError.self) { try second.start() }
            #expect(second.boundAddresses.isEmpty)
            await group.stop()
        }
    }
}

extension LiveServer {
    /// A client whose connection has had its first answer.
    ///
    /// From the accept on a connection has the time of a header; whoever is held up between that and the first byte is
    /// closed without a word. After an answer there is the time of an idle connection.
    func servedClient() throws -> RawClient {
        for _ in 0..<1000 {
            let client = client()
            if client.answer(afterSending: .get("/plain"))?.status == 200 { return client }
        }
        throw NeverHappened()
    }
}

extension RawClient {
    func answer(afterSending text: String) -> Answer? {
        send(text)
        return answer()
    }
}
