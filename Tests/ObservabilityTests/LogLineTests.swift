import JSON
import Testing

@testable import Observability

@Suite("Log lines: ASVS 16.4.1")
struct LogLineTests {
    struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
    }

    static let hostile = [
        Hostile(testDescription: "plain", text: "shop-1.example/cb"),
        Hostile(testDescription: "line breaks", text: "a\r\n{\"level\":\"info\"}\n"),
        Hostile(testDescription: "one grapheme of CR and LF", text: "\r\n"),
        Hostile(testDescription: "ANSI colour and title", text: "\u{1b}[31mred\u{1b}]0;title\u{7}"),
        Hostile(testDescription: "C1 control sequence introducer", text: "a\u{9b}31mb"),
        Hostile(testDescription: "quotes and backslashes", text: "\"},{\\\"\\u0041\\"),
        Hostile(testDescription: "NUL and DEL", text: "a\u{0}b\u{7f}c"),
        Hostile(testDescription: "DEL alone", text: "abc\u{7f}"),
        Hostile(testDescription: "a backslash alone", text: "abc\\"),
        Hostile(testDescription: "bidirectional override", text: "abc\u{202e}gpj.exe\u{2066}"),
        Hostile(testDescription: "line and paragraph separator", text: "a\u{2028}b\u{2029}c"),
        Hostile(testDescription: "beyond the basic plane", text: "🐦 naïve"),
        Hostile(
            testDescription: "bytes that are no UTF-8", text: String(decoding: [0x61, 0xff, 0xc0, 0x0a], as: UTF8.self)),
        Hostile(testDescription: "empty", text: ""),
    ]

    @Test("X-03: what anybody sends is one line of printable ASCII and reads back as it was", arguments: hostile)
    func hostileText(_ hostile: Hostile) throws {
        let line = Log.line(.info, "test", [.harmless("text", hostile.text)])
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(line.dropLast().allSatisfy { (0x20...0x7e).contains($0) })
        let read = try JSONObject(parsing: Array(line.dropLast()))
        #expect(read["text"]?.string.map { Array($0.utf8) } == Array(hostile.text.utf8))
        #expect(read.map(\.name) == ["time", "level", "event", "text"])
    }

    @Test func longTextIsCutBetweenScalars() throws {
        let line = Log.line(.info, "test", [.harmless("text", "x" + String(repeating: "é", count: 5000))])
        let text = try #require(JSONObject(parsing: Array(line.dropLast()))["text"]?.string)
        #expect(text == "x" + String(repeating: "é", count: 511) + "...")
        let whole = Log.line(.info, "test", [.harmless("text", String(repeating: "é", count: 512))])
        #expect(try JSONObject(parsing: Array(whole.dropLast()))["text"]?.string?.count == 512)
    }

    @Test func longTextOfControlsFits() throws {
        let line = Log.line(.info, "test", [.harmless("text", String(repeating: "\u{1}", count: 5000))])
        let text = try #require(JSONObject(parsing: Array(line.dropLast()))["text"]?.string)
        #expect(text == String(repeating: "\u{1}", count: 1024) + "...")
    }

    @Test func fieldsKeepTheirKind() throws {
        let line = Log.line(
            .warning,
            "kinds",
            [.integer("least", Int64.min), .integer("most", UInt64.max), .flag("on", true), .word("word", "plain")]
        )
        let text = String(decoding: line, as: UTF8.self)
        #expect(
            text.contains("\"least\":-9223372036854775808,\"most\":9223372036854775807,\"on\":true,\"word\":\"plain\"}")
        )
        #expect(text.contains("\"level\":\"warning\",\"event\":\"kinds\""))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"),
        (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"),
        (1_709_251_199_999_999, "2024-02-29T23:59:59.999999Z"),
        (1_709_251_200_000_000, "2024-03-01T00:00:00.000000Z"),
        (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        (Int64.max, "9999-12-31T23:59:59.999999Z"),
        (Int64.min, "1970-01-01T00:00:00.000000Z"),
    ])
    func timesAreWrittenInUTC(_ microseconds: Int64, _ text: String) {
        let bytes = [UInt8](capacity: LogTime.textCount) { $0.append(LogTime(microseconds: microseconds)) }
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
}
