import Testing

@testable import HTTP

/// What RFC 9112 leaves open or forbids, over a socket: nothing between the bytes and the answer is left out.
@Suite("RFC 9112 on the wire: forms, versions, options", .timeLimit(.minutes(10)))
struct WireTests {
    @Test(arguments: RequestParserTests.refusals)
    func aRefusalIsAnsweredAndClosesAndItsNeighbourIsNot(_ test: RequestParserTests.Case) async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send(test.refused)
            let refusal = try #require(client.answer())
            #expect(refusal.status == Int(test.refusal.status.rawValue))
            #expect(refusal.text == "\(test.refusal.status): \(test.refusal.reason)\n")
            #expect(refusal.header("Connection") == "close")
            #expect(client.endsHere())

            let neighbour = live.client()
            neighbour.send(test.accepted)
            neighbour.finishSending()
            let isHead = test.accepted.hasPrefix("HEAD")
            var answer = try #require(neighbour.answer(toHead: isHead))
            if answer.status == 100 { answer = try #require(neighbour.answer(toHead: isHead)) }
            #expect([200, 404, 405].contains(answer.status))
            // What the router does not know, it was at least asked for.
            #expect(live.records.count == 2)
            #expect(live.records.last?.path.isEmpty == false)
        }
    }

    @Test func theAbsoluteFormAndTheAsteriskAreUnderstood() async throws {
        let routes: @Sendable (inout Router) -> Void = { router in
            LiveServer.standardRoutes(&router)
            router.on(.options, "*") { _ in .text("all of it") }
        }
        try await LiveServer.run(routes: routes) { live in
            let client = live.client()
            client.send("GET http://a/plain HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.answer()?.text == "plain")
            client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.answer()?.text == "all of it")
            client.send("OPTIONS /plain HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.answer()?.status == 405)
            client.send("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n")
            #expect(client.answer()?.status == 501)
            #expect(client.endsHere())
        }
    }

    @Test(arguments: ["", "Connection: keep-alive\r\n", "Connection: close\r\n", "Keep-Alive: timeout=9\r\n"])
    func version10IsAnsweredOnceAndClosed(_ fields: String) async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send("POST /echo HTTP/1.0\r\n\(fields)Content-Length: 2\r\n\r\nab" + .get("/plain"))
            let answer = try #require(client.answer())
            #expect(answer.text == "ab")
            #expect(answer.header("Connection") == "close")
            // What came behind it is not read as a request.
            #expect(client.answer() == nil)
            #expect(live.records.count == 1)
            // The same in version 1.1 goes on.
            let next = live.client()
            next.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab" + .get("/plain"))
            #expect(next.answer()?.text == "ab")
            #expect(next.answer()?.text == "plain")
        }
    }

    @Test func contentBehindAnExpectationArrivesInBothVersions() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send("POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            client.send("ab")
            #expect(client.answer()?.text == "ab")
            let next = live.client()
            next.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
            #expect(next.answer()?.status == 100)
            next.send("2\r\nab\r\n0\r\n\r\n")
            #expect(next.answer()?.text == "ab")
        }
    }

    @Test(arguments: [
        ("h2c", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
        (
            "WebSocket",
            "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        ),
    ])
    func anotherProtocolIsNotTakenUp(_ name: String, _ fields: String) async throws {
        try await LiveServer.run { live in
            let client = live.client()
            // What follows at once could be of the other protocol, or a request that only looks like it.
            client.send(.get("/plain", fields) + .get("/item/1"))
            let answer = try #require(client.answer())
            #expect(answer.status == 200)
            #expect(answer.header("Upgrade") == nil)
            #expect(answer.header("Connection") == "close")
            #expect(client.answer() == nil)
            #expect(live.records.map(\.path) == ["/plain"])
            // The word alone asks for nothing.
            let next = live.client()
            next.send(.get("/plain", "Upgrade: h2c\r\n") + .get("/item/1"))
            #expect(next.answer()?.text == "plain")
            #expect(next.answer()?.text == "1")
        }
    }

    @Test func theGreetingOfVersion2IsRefused() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            #expect(client.answer()?.status == 505)
            #expect(client.endsHere())
            #expect(live.client().answer(afterSending: .get("/plain"))?.status == 200)
        }
    }

    @Test func valuesMayHoldBytesAboveASCIIAndNoWordOfThemIsLost() async throws {
        let routes: @Sendable (inout Router) -> Void = { router in
            router.on(.get, "/value") { .text($0.headers["X-Name"] ?? "none") }
        }
        try await LiveServer.run(routes: routes) { live in
            let client = live.client()
            client.send(.get("/value", "X-Name: J\u{fc}rgen\r\n"))
            #expect(client.answer()?.text == "J\u{fc}rgen")
            // Not UTF-8: kept out of the text, and harmless.
            client.send(
                Array("GET /value HTTP/1.1\r\nHost: a\r\nX-Name: J".utf8) + [0xFC, 0x80] + Array("\r\n\r\n".utf8))
            #expect(client.answer()?.text.hasPrefix("J\u{fffd}") == true)
        }
    }

    @Test func aPathIsDecodedOnce() async throws {
        try await LiveServer.run { live in
            let client = live.client()
            for (path, value) in [("%2541", "%41"), ("%252e%252e", "%2e%2e"), ("%252F", "%2F"), ("%2500", "%00")] {
                client.send(.get("/item/" + path))
                #expect(client.answer()?.text == value)
            }
        }
    }

    @Test func chunkedContentMayHaveExtensionsAndTrailersAndTheyChangeNothing() async throws {
        let routes: @Sendable (inout Router) -> Void = { router in
            router.on(.post, "/fields") { request in
                .text(
                    request.headers.map(\.name).joined(separator: " ") + ":"
                        + String(decoding: request.body, as: UTF8.self))
            }
        }
        try await LiveServer.run(routes: routes) { live in
            let client = live.client()
            client.send("POST /fields HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            client.send("2;a=b;c=\"d e\"\r\nab\r\n1;\u{e4}\r\nc\r\n0;end\r\nX-Role: admin\r\nCookie: a=b\r\n\r\n")
            #expect(client.answer()?.text == "Host Transfer-Encoding:abc")
            client.send("\r\n" + .post("/fields", "next"))
            #expect(client.answer()?.text == "Host Content-Length:next")
        }
    }

    @Test func aRouteMayTakeMoreOrLessContentThanTheOthers() async throws {
        var router = Router()
        let echo: RequestResponder = { .text("\($0.body.count)") }
        router.add(Route(.post, "/large", bodyLimit: 3000, respond: echo))
        router.add(Route(.put, "/large", respond: echo))
        router.add(Route(.post, "/of/:id/large", bodyLimit: 3000, respond: echo))
        router.add(Route(.post, "/usual", respond: echo))
        router.add(Route(.post, "/small", bodyLimit: 10, respond: echo))
        let routes = router
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            $0.limits.body = 1000
            $0.limits.bodyOfRoute = { routes.bodyLimit($0, $1) }
        }
        try await LiveServer.run(configure: configure, routes: { $0 = routes }) { live in
            func status(_ method: String, _ path: String, _ count: Int, chunked: Bool) -> Int? {
                let body = String(repeating: "b", count: count)
                let framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: \(count)"
                let content = chunked ? String(count, radix: 16) + "\r\n\(body)\r\n0\r\n\r\n" : body
                return live.client().answer(
                    afterSending: "\(method) \(path) HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n\(content)")?.status
            }
            for chunked in [false, true] {
                #expect(status("POST", "/large", 3000, chunked: chunked) == 200)
                #expect(status("POST", "/large", 3001, chunked: chunked) == 413)
                #expect(status("POST", "/of/a/large", 3000, chunked: chunked) == 200)
                #expect(status("POST", "/of/a/large", 3001, chunked: chunked) == 413)
                #expect(status("PUT", "/large", 1000, chunked: chunked) == 200)
                #expect(status("PUT", "/large", 1001, chunked: chunked) == 413)
                #expect(status("POST", "/usual", 1000, chunked: chunked) == 200)
                #expect(status("POST", "/usual", 1001, chunked: chunked) == 413)
                #expect(status("POST", "/small", 10, chunked: chunked) == 200)
                #expect(status("POST", "/small", 11, chunked: chunked) == 413)
                #expect(status("POST", "/nowhere", 1001, chunked: chunked) == 413)
            }
        }
    }

    @Test func whatIsTooLargeIsAnsweredByWhoeverKnowsItsPages() async throws {
        var router = Router(fallback: { _, miss in .text("\(miss.status)\n", status: miss.status) })
        router.add(Route(.post, "/small", bodyLimit: 10, respond: { Response.text("\($0.body.count)") }))
        let routes = router
        let configure: @Sendable (inout ServerConfiguration) -> Void = {
            $0.limits.bodyOfRoute = { routes.bodyLimit($0, $1) }
            $0.limits.tooLarge = { request in
                .text("\(request.method.text) \(request.path) \(request.body.count)", status: .contentTooLarge)
            }
        }
        try await LiveServer.run(configure: configure, routes: { $0 = routes }) { live in
            for framing in [
                "Content-Length: 11\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n",
            ] {
                let client = live.client()
                client.send("POST /small?secret HTTP/1.1\r\nHost: a\r\n" + framing)
                let answer = try #require(client.answer())
                #expect(answer.status == 413 && answer.text == "POST /small 0")
                #expect(client.endsHere())
            }
            // What is refused for another reason is not asked about.
            let other = live.client()
            other.send("POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: br\r\n\r\n")
            #expect(other.answer()?.status == 501)
            let next = live.client()
            next.send(.post("/small", "0123456789"))
            #expect(next.answer()?.text == "10")
        }
    }
}
