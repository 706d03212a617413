import Testing

@testable import Martlet

@Suite("What a log tells of a request")
struct RequestStoryTests {
    private static let lines = [
        "no line of a log: k3v7q2mz5yhpa",
        #"{"time":"2026-11-21T18:30:00Z","level":"info","event":"request.refused","request_id":"k3v7q2mz5yhpa","#
            + #""code":"invalid_request","check":"redirect_uri is missing","section":"RFC 6749 §3.1.2.3","#
            + #""advice":"by a trailing slash","received":"client_id=shop"}"#,
        #"{"time":"2026-11-21T18:30:00Z","event":"request","request_id":"k3v7q2mz5yhpa","method":"GET","#
            + #""path":"/authorize","status":400}"#,
        #"{"event":"request.refused","request_id":"another","code":"invalid_scope","advice":"k3v7q2mz5yhpa"}"#,
        #"{"event":"request.failed","request_id":"failed","error":"the disk is full\u001b[31m"}"#,
    ]

    private static func story(_ code: String) -> String? {
        var story = RequestStory()
        for line in lines { story.read(Array(line.utf8), of: code) }
        return story.text
    }

    @Test func tellsEverythingOfThatRequestAndNothingOfOthers() throws {
        let text = try #require(Self.story("k3v7q2mz5yhpa"))
        #expect(text.hasPrefix("GET /authorize was answered with 400"))
        for part in ["invalid_request", "RFC 6749 §3.1.2.3", "by a trailing slash", "client_id=shop"] {
            #expect(text.contains(part))
        }
        #expect(!text.contains("invalid_scope"))
        #expect(Self.story("k3v7q2mz5yhp") == nil)
    }

    @Test func cannotSteerATerminal() throws {
        let text = try #require(Self.story("failed"))
        #expect(text.contains("the disk is full") && !text.contains("\u{1b}"))
    }
}
