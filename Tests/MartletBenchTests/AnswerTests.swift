import Testing

@testable import MartletBench

@Suite("Reading answers")
struct AnswerTests {
    private func read(_ text: String) throws -> Reply? {
        try Array(text.utf8).withUnsafeBytes { try Answer($0).map { Reply(copying: $0) } }
    }

    @Test("An answer is complete when its content is", arguments: [0, 1, 20, 44, 46])
    func waitsForAllOfIt(_ missing: Int) throws {
        let whole = "HTTP/1.1 200 OK\r\ncontent-Length: 7\r\nETag: \"x\"\r\n\r\n{\"a\":1}"
        let reply = try read(String(whole.dropLast(missing)))
        #expect((reply == nil) == (missing > 0))
        if let reply {
            #expect(reply.status == 200)
            #expect(reply.body == Array("{\"a\":1}".utf8))
            #expect(reply.field("etag") == "\"x\"")
            #expect(reply.text(after: "\"a\":", until: "}") == "1")
        }
    }

    @Test("What follows belongs to the next answer")
    func leavesTheNextOne() throws {
        let reply = try read("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\nHTTP/1.1 200")
        #expect(reply?.status == 304)
        #expect(reply?.body.isEmpty == true)
    }

    @Test(
        "What cannot be measured is refused",
        arguments: [
            "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ]
    )
    func refuses(_ text: String) throws {
        #expect(throws: BenchFailure.self) { try read(text) }
        #expect(try read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?.status == 200)
    }
}
