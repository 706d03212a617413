import Testing

@testable import HTTP

@Suite("RFC 9112 request parser")
struct RequestParserTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refused: String
        let accepted: String
        let refusal: Refusal

        init(_ description: String, _ refusal: Refusal, _ refused: String, butNot accepted: String) {
            testDescription = description
            self.refused = refused
            self.accepted = accepted
            self.refusal = refusal
        }
    }

    private static func header(
        _ fields: String, line: String = "GET / HTTP/1.1", host: String = "Host: a\r\n"
    ) -> String {
        "\(line)\r\n\(host)\(fields)\r\n"
    }

    private static func chunked(_ body: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)"
    }

    static let refusals: [Case] = [
        Case("bare LF after the request line", .bareLineEnd, "GET / HTTP/1.1\nHost: a\r\n\r\n", butNot: header("")),
        Case("bare LF after a field", .bareLineEnd, header("X: b\n"), butNot: header("X: b\r\n")),
        Case("bare LF at the end of the header", .bareLineEnd, "GET / HTTP/1.1\r\nHost: a\r\n\n", butNot: header("")),
        Case("bare CR in a value", .fieldLine, header("X: b\rc\r\n"), butNot: header("X: b\tc\r\n")),
        Case("bare CR in the request line", .requestLine, header("", line: "GET /\r HTTP/1.1"), butNot: header("")),
        Case("NUL in a value", .fieldLine, header("X: b\0c\r\n"), butNot: header("X: bc\r\n")),
        Case("DEL in a value", .fieldLine, header("X: b\u{7f}\r\n"), butNot: header("X: b~\r\n")),
        Case("folding", .folding, header("X: b\r\n c\r\n"), butNot: header("X: b\r\nY: c\r\n")),
        Case("folding with a tab", .folding, header("X: b\r\n\tc\r\n"), butNot: header("X: b\r\nY:\tc\r\n")),
        Case("folded first field", .folding, header("", host: " Host: a\r\n"), butNot: header("")),
        Case("space before the colon", .fieldLine, header("X : b\r\n"), butNot: header("X: b\r\n")),
        Case("no colon", .fieldLine, header("X\r\n"), butNot: header("X:\r\n")),
        Case("no name", .fieldLine, header(": b\r\n"), butNot: header("x: b\r\n")),
        Case("name with a bracket", .fieldLine, header("X(: b\r\n"), butNot: header("X!: b\r\n")),
        Case("no host", .host, header("", host: ""), butNot: header("", host: "host: a\r\n")),
        Case("two hosts", .host, header("Host: a\r\n"), butNot: header("Hosts: a\r\n")),
        Case(
            "host with two ports", .host, header("", host: "Host: a:1:2\r\n"),
            butNot: header("", host: "Host: a:12\r\n")),
        Case("port of letters", .host, header("", host: "Host: a:b\r\n"), butNot: header("", host: "Host: a:\r\n")),
        Case("port alone", .host, header("", host: "Host: :80\r\n"), butNot: header("", host: "Host: a:80\r\n")),
        Case(
            "half a bracket", .host, header("", host: "Host: [::1\r\n"), butNot: header("", host: "Host: [::1]:8\r\n")),
        Case("bracket within", .host, header("", host: "Host: a]\r\n"), butNot: header("", host: "Host: a!\r\n")),
        Case("path in the host", .host, header("", host: "Host: a/b\r\n"), butNot: header("", host: "Host: a-b\r\n")),
        Case("obs-text in the host", .host, header("", host: "Host: ä\r\n"), butNot: header("X: ä\r\n")),
        Case("obs-text in a name", .fieldLine, header("ä: b\r\n"), butNot: header("a: ä\r\n")),
        Case(
            "Connection that is no list of tokens", .connection, header("Connection: close;a\r\n"),
            butNot: header("Connection: close, a,\r\n")),
        Case(
            "Connection that names Content-Length", .connection, header("Connection: close, content-Length\r\n"),
            butNot: header("Connection: close, content-Lengths\r\n")),
        Case(
            "Connection that names Transfer-Encoding", .connection, header("Connection: Transfer-Encoding\r\n"),
            butNot: header("Connection: TE\r\n")),
        Case(
            "Connection that names Host", .connection, header("Connection: host\r\n"),
            butNot: header("Connection: hosts\r\n")),
        Case("empty host", .host, header("", host: "Host:\r\n"), butNot: header("", host: "Host:a\r\n")),
        Case(
            "host with user", .host, header("", host: "Host: u@a\r\n"), butNot: header("", host: "Host: [::1]:80\r\n")),
        Case("host with slash", .host, header("", host: "Host: a/b\r\n"), butNot: header("", host: "Host: a:1\r\n")),
        Case("host list", .host, header("", host: "Host: a, b\r\n"), butNot: header("", host: "Host: a;b\r\n")),
        Case(
            "two lengths", .contentLength, header("Content-Length: 0\r\nContent-Length: 0\r\n"),
            butNot: header("Content-Length: 0\r\n")),
        Case(
            "length list", .contentLength, header("Content-Length: 0, 0\r\n"), butNot: header("Content-Length: 00\r\n")),
        Case(
            "signed length", .contentLength, header("Content-Length: +0\r\n"), butNot: header("Content-Length:\t0 \r\n")
        ),
        Case(
            "hexadecimal length", .contentLength, header("Content-Length: 0x0\r\n"),
            butNot: header("Content-Length: 0\r\n")),
        Case("empty length", .contentLength, header("Content-Length:\r\n"), butNot: header("Content-Length: 0\r\n")),
        Case(
            "length beyond 64 bits", .bodyTooLarge, header("Content-Length: 99999999999999999999999\r\n"),
            butNot: header("Content-Length: 00000000000000000000000\r\n")),
        Case(
            "length after coding", .twoLengths,
            header("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + "0\r\n\r\n",
            butNot: header("Transfer-Encoding: chunked\r\n") + "0\r\n\r\n"),
        Case(
            "coding after length", .twoLengths,
            header("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n",
            butNot: header("Content-Length: 5\r\n") + "0\r\n\r\n"),
        Case(
            "two codings", .transferEncoding, header("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
            butNot: chunked("0\r\n\r\n")),
        Case(
            "coding in 1.0", .transferEncoding, header("Transfer-Encoding: chunked\r\n", line: "GET / HTTP/1.0"),
            butNot: header("", line: "GET / HTTP/1.0")),
        Case(
            "gzip coding", .transferCoding, header("Transfer-Encoding: gzip, chunked\r\n"), butNot: chunked("0\r\n\r\n")
        ),
        Case(
            "identity coding", .transferCoding, header("Transfer-Encoding: identity\r\n"), butNot: chunked("0\r\n\r\n")),
        Case(
            "disguised coding", .transferCoding, header("Transfer-Encoding: xchunked\r\n"), butNot: chunked("0\r\n\r\n")
        ),
        Case("unknown expectation", .expectation, header("Expect: a\r\n"), butNot: header("Expect: 100-Continue\r\n")),
        Case("version 2", .version, header("", line: "PRI * HTTP/2.0"), butNot: header("", line: "GET / HTTP/1.0")),
        Case("version 1.2", .version, header("", line: "GET / HTTP/1.2"), butNot: header("", line: "GET / HTTP/1.1")),
        Case("lower-case version", .requestLine, header("", line: "GET / http/1.1"), butNot: header("")),
        Case("no version", .requestLine, header("", line: "GET /"), butNot: header("")),
        Case("two spaces", .requestLine, header("", line: "GET  / HTTP/1.1"), butNot: header("")),
        Case("space at the end", .requestLine, header("", line: "GET / HTTP/1.1 "), butNot: header("")),
        Case("tab in between", .requestLine, header("", line: "GET\t/ HTTP/1.1"), butNot: header("")),
        Case("two empty lines first", .requestLine, "\r\n\r\n" + header(""), butNot: "\r\n" + header("")),
        Case("a TLS greeting", .requestLine, "\u{16}\u{3}\u{1}", butNot: header("")),
        Case(
            "CONNECT", .connectMethod, header("", line: "CONNECT a:1 HTTP/1.1"),
            butNot: header("", line: "GETS / HTTP/1.1")),
        Case(
            "asterisk with GET", .target, header("", line: "GET * HTTP/1.1"),
            butNot: header("", line: "OPTIONS * HTTP/1.1")),
        Case(
            "relative target", .target, header("", line: "GET a HTTP/1.1"), butNot: header("", line: "GET /a HTTP/1.1")),
        Case(
            "another scheme", .target, header("", line: "GET ftp://a/ HTTP/1.1"),
            butNot: header("", line: "GET HTTPS://A/ HTTP/1.1")),
        Case(
            "user in the target", .target, header("", line: "GET http://u@a/ HTTP/1.1"),
            butNot: header("", line: "GET http://a:80/ HTTP/1.1", host: "Host: a:80\r\n")),
        Case(
            "a target that names another host", .authority, header("", line: "GET http://b/ HTTP/1.1"),
            butNot: header("", line: "GET http://b/ HTTP/1.1", host: "Host: B\r\n")),
        Case(
            "a target that names another port", .authority, header("", line: "GET http://a:81/ HTTP/1.1"),
            butNot: header("", line: "GET http://a/ HTTP/1.1")),
        Case(
            "authority form", .target, header("", line: "GET a:80 HTTP/1.1"),
            butNot: header("", line: "GET /a:80 HTTP/1.1")),
        Case(
            "path with OPTIONS *", .target, header("", line: "OPTIONS *a HTTP/1.1"),
            butNot: header("", line: "OPTIONS /*a HTTP/1.1")),
        Case(
            "no authority", .target, header("", line: "GET http:///b HTTP/1.1"),
            butNot: header("", line: "GET http://a HTTP/1.1")),
        Case("fragment", .target, header("", line: "GET /#b HTTP/1.1"), butNot: header("", line: "GET /%23b HTTP/1.1")),
        Case(
            "fragment in the query", .target, header("", line: "GET /?#b HTTP/1.1"),
            butNot: header("", line: "GET /??b HTTP/1.1")),
        Case(
            "encoded slash", .target, header("", line: "GET /a%2Fb HTTP/1.1"),
            butNot: header("", line: "GET /a%2Eb HTTP/1.1")),
        Case(
            "encoded NUL", .target, header("", line: "GET /a%00 HTTP/1.1"),
            butNot: header("", line: "GET /a%20 HTTP/1.1")),
        Case(
            "encoded line end", .target, header("", line: "GET /a%0d%0a HTTP/1.1"),
            butNot: header("", line: "GET /a%20 HTTP/1.1")),
        Case(
            "half an escape", .target, header("", line: "GET /a%2 HTTP/1.1"),
            butNot: header("", line: "GET /a%25 HTTP/1.1")),
        Case(
            "no escape", .target, header("", line: "GET /a%zz HTTP/1.1"), butNot: header("", line: "GET /a%7a HTTP/1.1")
        ),
        Case(
            "not UTF-8", .target, header("", line: "GET /%ff HTTP/1.1"),
            butNot: header("", line: "GET /%c3%a4 HTTP/1.1")),
        Case(
            "over-long UTF-8", .target, header("", line: "GET /%c0%ae HTTP/1.1"),
            butNot: header("", line: "GET /%c2%ae HTTP/1.1")),
        Case(
            "raw bytes above ASCII", .requestLine, header("", line: "GET /ä HTTP/1.1"),
            butNot: header("", line: "GET /a HTTP/1.1")),
        Case(
            "backslash", .target, header("", line: "GET /a\\b HTTP/1.1"),
            butNot: header("", line: "GET /a%5cb HTTP/1.1")),
        Case(
            "dot segment", .target, header("", line: "GET /./a HTTP/1.1"),
            butNot: header("", line: "GET /.a/a. HTTP/1.1")),
        Case(
            "climbing", .target, header("", line: "GET /a/../b HTTP/1.1"),
            butNot: header("", line: "GET /a/..b/... HTTP/1.1")),
        Case(
            "climbing at the end", .target, header("", line: "GET /a/.. HTTP/1.1"),
            butNot: header("", line: "GET /a/..; HTTP/1.1")),
        Case(
            "encoded climbing", .target, header("", line: "GET /%2e%2E/b HTTP/1.1"),
            butNot: header("", line: "GET /%2e%2Eb HTTP/1.1")),
        Case("chunk without size", .chunk, chunked("\r\n0\r\n\r\n"), butNot: chunked("0\r\n\r\n")),
        Case(
            "chunk with a bad size", .chunk, chunked("g\r\n0\r\n\r\n"), butNot: chunked("a\r\n0123456789\r\n0\r\n\r\n")),
        Case("signed chunk size", .chunk, chunked("+1\r\na\r\n0\r\n\r\n"), butNot: chunked("1\r\na\r\n0\r\n\r\n")),
        Case("prefixed chunk size", .chunk, chunked("0x1\r\na\r\n0\r\n\r\n"), butNot: chunked("01\r\na\r\n0\r\n\r\n")),
        Case(
            "endless chunk size", .chunk, chunked("000000001\r\na\r\n0\r\n\r\n"),
            butNot: chunked("00000001\r\na\r\n0\r\n\r\n")),
        Case(
            "space after chunk size", .chunk, chunked("1 \r\na\r\n0\r\n\r\n"),
            butNot: chunked("1;b=\"c d\"\r\na\r\n0\r\n\r\n")),
        Case(
            "bare LF after chunk size", .bareLineEnd, chunked("1\na\r\n0\r\n\r\n"),
            butNot: chunked("1\r\na\r\n0\r\n\r\n")),
        Case(
            "bare LF in an extension", .bareLineEnd, chunked("1;\na\r\n0\r\n\r\n"),
            butNot: chunked("1;\r\na\r\n0\r\n\r\n")),
        Case(
            "CR in an extension", .chunk, chunked("1;\rb\r\na\r\n0\r\n\r\n"), butNot: chunked("1;b\r\na\r\n0\r\n\r\n")),
        Case(
            "chunk longer than its size", .chunk, chunked("1\r\nab\r\n0\r\n\r\n"),
            butNot: chunked("2\r\nab\r\n0\r\n\r\n")),
        Case(
            "a length in the trailer", .trailer, chunked("0\r\nContent-Length: 1\r\n\r\n"),
            butNot: chunked("0\r\nContent-Lengths: 1\r\n\r\n")),
        Case(
            "a coding in the trailer", .trailer, chunked("0\r\ntransfer-encoding: chunked\r\n\r\n"),
            butNot: chunked("0\r\nContent-Encoding: a\r\n\r\n")),
        Case("a host in the trailer", .trailer, chunked("0\r\nHost: a\r\n\r\n"), butNot: chunked("0\r\nH: a\r\n\r\n")),
        Case("folded trailer", .folding, chunked("0\r\nX: b\r\n c\r\n\r\n"), butNot: chunked("0\r\nX: b\r\n\r\n")),
        Case("bare LF in the trailer", .bareLineEnd, chunked("0\r\nX: b\n\r\n"), butNot: chunked("0\r\nX: b\r\n\r\n")),
        Case("bare LF at the end", .bareLineEnd, chunked("0\r\n\n"), butNot: chunked("0\r\n\r\n")),
        Case("bare CR after chunk size", .chunk, chunked("1\ra\r\n0\r\n\r\n"), butNot: chunked("1\r\na\r\n0\r\n\r\n")),
        Case("tab before chunk size", .chunk, chunked("\t1\r\na\r\n0\r\n\r\n"), butNot: chunked("1\r\na\r\n0\r\n\r\n")),
        Case("negative chunk size", .chunk, chunked("-1\r\na\r\n0\r\n\r\n"), butNot: chunked("1\r\na\r\n0\r\n\r\n")),
        Case("bad trailer", .fieldLine, chunked("0\r\nX : b\r\n\r\n"), butNot: chunked("0\r\nX: b\r\n\r\n")),
    ]

    @Test(arguments: refusals)
    func refuses(_ test: Case) {
        let refused = ParserTrace(Array(test.refused.utf8))
        #expect(refused.refusal == test.refusal, "\(refused)")
        #expect(refused.requests.isEmpty)
        let accepted = ParserTrace(Array(test.accepted.utf8))
        #expect(accepted.refusal == nil)
        #expect(accepted.requests.count == 1)
        #expect(!accepted.isUnfinished)
    }

    @Test func everyRefusalIsTheSameByteByByte() {
        for test in Self.refusals {
            for text in [test.refused, test.accepted] {
                let bytes = Array(text.utf8)
                #expect(ParserTrace(bytes, pieces: [1]) == ParserTrace(bytes), "\(test.testDescription)")
            }
        }
    }

    @Test func readsWhatWasSent() throws {
        let text =
            "POST /a%20b/c?d=%20&e HTTP/1.1\r\nHost: a\r\nX-One:  1 \r\nx-one:\t2\r\nContent-Length: 3\r\n\r\nxyz"
        let request = try #require(ParserTrace(Array(text.utf8)).requests.first)
        #expect(request.method == .post)
        #expect(request.path == "/a b/c")
        #expect(request.query == Array("d=%20&e".utf8))
        #expect(request.fields == ["Host=a", "X-One=1", "x-one=2", "Content-Length=3"])
        #expect(request.body == Array("xyz".utf8))
        #expect(request.keepsAlive)
    }

    @Test(
        arguments: [
            ("/", "/", nil), ("/?", "/", ""), ("/?a?b", "/", "a?b"), ("//a//", "//a//", nil),
            ("/%25%32%66", "/%2f", nil),
            ("http://a", "/", nil), ("http://a?b", "/", "b"), ("https://A/c?b", "/c", "b"),
            ("/a;b=c,d", "/a;b=c,d", nil),
            ("/%E2%82%AC", "/€", nil),
        ] as [(String, String, String?)])
    func readsTargets(_ target: String, _ path: String, _ query: String?) throws {
        let request = try #require(ParserTrace(Array(String.get(target).utf8)).requests.first)
        #expect(request.path == path)
        #expect(request.query == query.map { Array($0.utf8) })
    }

    @Test(arguments: [
        ("", true), ("Connection: keep-alive\r\n", true), ("Connection: close\r\n", false),
        ("Connection: x, CLOSE ,y\r\n", false), ("Connection: keep-alive, Upgrade\r\n", false),
        ("Connection: closed\r\n", true),
        ("Connection: a\r\nConnection: close\r\n", false),
    ])
    func knowsWhenTheConnectionEnds(_ fields: String, _ keepsAlive: Bool) throws {
        let request = try #require(ParserTrace(Array(String.get("/", fields).utf8)).requests.first)
        #expect(request.keepsAlive == keepsAlive)
        let old = try #require(ParserTrace(Array("GET / HTTP/1.0\r\n\(fields)\r\n".utf8)).requests.first)
        #expect(!old.keepsAlive)
    }

    @Test func joinsChunksAndDropsExtensionsAndTrailers() throws {
        let text = Self.chunked("3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: no\r\n\r\n") + String.get("/next")
        let trace = ParserTrace(Array(text.utf8))
        #expect(trace.refusal == nil)
        #expect(trace.requests.map(\.path) == ["/", "/next"])
        #expect(trace.requests[0].body == Array("abc0123456789".utf8))
        #expect(trace.requests[0].fields == ["Host=a", "Transfer-Encoding=chunked"])
    }

    @Test func holdsItsLimitsToTheByte() {
        var limits = ServerConfiguration.Limits()
        limits.requestLine = 30
        limits.headerBlock = 40
        limits.headerCount = 3
        limits.body = 10
        func refusal(_ text: String) -> Refusal? {
            let whole = ParserTrace(Array(text.utf8), limits: limits)
            #expect(whole == ParserTrace(Array(text.utf8), pieces: [1], limits: limits))
            return whole.refusal
        }
        let path = String(repeating: "a", count: 16)
        #expect(refusal(.get("/" + path)) == nil)
        #expect(refusal(.get("/a" + path)) == .lineTooLong)
        #expect(refusal("GET /a" + path + path) == .lineTooLong)

        // "Host: a" and its line end are 9 bytes, "X: " 3: the last line may end at byte 38, its end makes 40.
        let value = String(repeating: "b", count: 28)
        #expect(refusal(.get("/", "X: \(value.dropLast(2))\r\n")) == nil)
        #expect(refusal(.get("/", "X: \(value)bbb\r\n")) == .headerTooLarge)
        #expect(refusal(.get("/", "A: 1\r\nB: 2\r\n")) == nil)
        #expect(refusal(.get("/", "A: 1\r\nB: 2\r\nC: 3\r\n")) == .headerTooLarge)

        #expect(refusal(.post("/", "0123456789")) == nil)
        #expect(refusal(.post("/", "0123456789a")) == .bodyTooLarge)
        #expect(refusal(Self.chunkedSmall("5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n")) == nil)
        #expect(refusal(Self.chunkedSmall("5\r\n01234\r\n6\r\n567890\r\n0\r\n\r\n")) == .bodyTooLarge)
        #expect(refusal(Self.chunkedSmall("0\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n")) == nil)
        #expect(refusal(Self.chunkedSmall("0\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n")) == .headerTooLarge)
    }

    private static func chunkedSmall(_ body: String) -> String {
        "POST / HTTP/1.1\r\nHost:a\r\nTransfer-Encoding:chunked\r\n\r\n\(body)"
    }

    @Test func extensionsOfAllChunksTogetherAreBounded() {
        let chunk = "1;" + String(repeating: "x", count: 200) + "\r\na\r\n"
        let few = Self.chunked(String(repeating: chunk, count: 20) + "0\r\n\r\n")
        let many = Self.chunked(String(repeating: chunk, count: 21) + "0\r\n\r\n")
        #expect(ParserTrace(Array(few.utf8)).refusal == nil)
        #expect(ParserTrace(Array(many.utf8)).refusal == .chunk)
    }

    /// RFC 9110 §10.1.1: version 1.0 knows no interim answers.
    @Test(arguments: [("HTTP/1.0", false), ("HTTP/1.1", true)])
    func version10GetsNoLeave(_ version: String, _ isAsked: Bool) throws {
        let head = "POST / \(version)\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        var parser = RequestParser(limits: .init())
        var consumed = 0
        let outcome = try parser.advance(over: Array(head.utf8).span, consumed: &consumed)
        if case .awaitingContinue = outcome {
            #expect(isAsked)
        } else {
            #expect(!isAsked)
        }
        #expect(parser.isInsideBody)
    }

    @Test func waitsForLeaveOnlyWhenTheContentHasNotCome() throws {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        var parser = RequestParser(limits: .init())
        var consumed = 0
        guard case .awaitingContinue = try parser.advance(over: Array(head.utf8).span, consumed: &consumed) else {
            Issue.record("not waiting")
            return
        }
        #expect(consumed == head.utf8.count)
        consumed = 0
        guard case .request(_, let body) = try parser.advance(over: Array("ab".utf8).span, consumed: &consumed) else {
            Issue.record("no request")
            return
        }
        #expect(body == Array("ab".utf8))
        consumed = 0
        guard case .request = try parser.advance(over: Array((head + "ab").utf8).span, consumed: &consumed) else {
            Issue.record("waited although the content was there")
            return
        }
    }
}
