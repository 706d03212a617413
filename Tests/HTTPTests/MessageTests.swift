import Testing

@testable import HTTP

@Suite("RFC 9110 messages")
struct MessageTests {
    @Test func fieldsKeepTheirOrderAndIgnoreCase() {
        var headers: Headers = ["A": "1", "b": "2", "a": "3"]
        #expect(headers["a"] == "1")
        #expect(headers.values(of: "A") == ["1", "3"])
        #expect(headers.count(of: "B") == 1)
        #expect(headers["c"] == nil)
        headers.set("a", "4")
        #expect(headers.map { "\($0.name)=\($0.value)" } == ["b=2", "a=4"])
        headers["B"] = nil
        #expect(headers.map(\.name) == ["a"])
        #expect(headers.bytes == Array("a: 4\r\n".utf8))
        #expect(!headers.hasRefusedField)
    }

    @Test(arguments: [
        ("a b", "c"), ("", "c"), ("a:", "c"), ("a\r\nb", "c"), ("ä", "c"), ("a", "b\r\nc"), ("a", "b\nc"),
        ("a", "\0"), ("a", "\u{7f}"),
    ])
    func aFieldThatCannotBeWrittenMarksTheHeader(_ name: String, _ value: String) {
        var headers: Headers = ["x": "y"]
        headers.add(name, value)
        #expect(headers.hasRefusedField)
        #expect(headers.count == 1)
        headers.set("x", "z")
        #expect(headers.hasRefusedField)
        var fine: Headers = ["x": "y"]
        fine.add("a", "b\tc ä")
        #expect(!fine.hasRefusedField)
    }

    @Test func methodsAreReadInTheirExactSpelling() {
        for method in [Method.get, .head, .post, .put, .delete, .patch, .options] {
            #expect(Method(method.text) == method)
            #expect(Method(method.text.lowercased()) == .other(method.text.lowercased()))
        }
    }

    @Test func requestIdsArePrintedWhole() {
        #expect(RequestID(0).description == "aaaaaaaaaaaaa")
        #expect(RequestID(.max).description == "p777777777777")
        #expect(RequestID(1).description == "aaaaaaaaaaaab")
    }

    @Test func aPreparedAnswerCanBeChanged() {
        let prepared = PreparedResponse(headers: ["X-A": "b"], body: [1])
        var response = Response.prepared(prepared)
        #expect(response.body == .bytes([1]))
        #expect(response.headers["x-a"] == "b")
        response.headers.add("X-C", "d")
        #expect(response.prepared == nil)
        #expect(response.headers.map(\.name) == ["X-A", "ETag", "X-C"])
        #expect(response.body == .bytes([1]))
        #expect(prepared.headers.count == 2)
    }

    @Test func entityTagsFollowTheContent() {
        let tags = [[], [0], [1], [0, 0]].map { PreparedResponse(headers: [:], body: $0).entityTag }
        #expect(Set(tags).count == 4)
        #expect(PreparedResponse(headers: ["a": "b"], body: [1]).entityTag == tags[2])
        let broken = PreparedResponse(headers: ["a": "\n"], body: [1])
        #expect(broken.status == .internalServerError)
        #expect(broken.body.isEmpty)
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func datesAreWrittenInTheFixedForm(_ seconds: Int, _ text: String) {
        #expect(String(decoding: HTTPDate.format(seconds), as: UTF8.self) == text)
    }
}
