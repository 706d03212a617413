import JSON
import Testing

@Suite("JSON reader: RFC 8259, RFC 7493")
struct JSONReaderTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let reason: JSONError.Reason
        let offset: Int
        let neighbour: String

        init(_ text: String, _ reason: JSONError.Reason, _ offset: Int, butReads neighbour: String) {
            self.testDescription = String(text.prefix(30))
            self.text = text
            self.reason = reason
            self.offset = offset
            self.neighbour = neighbour
        }
    }

    @Test(arguments: [
        Refusal("", .unexpectedEnd, 0, butReads: "0"),
        Refusal(" ", .unexpectedEnd, 1, butReads: " 0 "),
        Refusal("tru", .unexpectedEnd, 3, butReads: "true"),
        Refusal("trux", .unexpectedByte, 3, butReads: "true"),
        Refusal("nUll", .unexpectedByte, 1, butReads: "null"),
        Refusal("falsey", .trailingContent, 5, butReads: "false"),
        Refusal("{} {}", .trailingContent, 3, butReads: "{} "),
        Refusal("[1,]", .unexpectedByte, 3, butReads: "[1,2]"),
        Refusal("[1 2]", .unexpectedByte, 3, butReads: "[1 ,2]"),
        Refusal("[1", .unexpectedEnd, 2, butReads: "[1]"),
        Refusal("{\"a\"}", .unexpectedByte, 4, butReads: "{\"a\":0}"),
        Refusal("{\"a\":0,}", .unexpectedByte, 7, butReads: "{\"a\" : 0 }"),
        Refusal("{a:0}", .unexpectedByte, 1, butReads: "{\"a\":0}"),
        Refusal("{\"a\":0,\"b\":1,\"a\":2}", .duplicateName, 13, butReads: "{\"a\":0,\"b\":1,\"A\":2}"),
        Refusal("{\"a\":0,\"\\u0061\":1}", .duplicateName, 7, butReads: "{\"a\":0,\"\\u0041\":1}"),
        Refusal("\u{FEFF}{}", .byteOrderMark, 0, butReads: "\"\u{FEFF}\""),
        Refusal("\"a\nb\"", .controlCharacter, 2, butReads: "\"a\\nb\""),
        Refusal("\"\0\"", .controlCharacter, 1, butReads: "\"\\u0000\""),
        Refusal("\"\\x\"", .invalidEscape, 1, butReads: "\"\\/\""),
        Refusal("\"\\u00g0\"", .invalidEscape, 5, butReads: "\"\\u00F0\""),
        Refusal("\"\\uD834\"", .loneSurrogate, 1, butReads: "\"\\uD834\\uDD1E\""),
        Refusal("\"\\uDD1E\\uD834\"", .loneSurrogate, 1, butReads: "\"\\ud834\\udd1e\""),
        Refusal("\"\\uD834\\u0041\"", .loneSurrogate, 1, butReads: "\"\\u0041\""),
        Refusal("\"\\uFFFF\"", .noncharacter, 1, butReads: "\"\\uFFFD\""),
        Refusal("\"" + scalar(0xFDD0) + "\"", .noncharacter, 1, butReads: "\"\u{FDCF}\""),
        Refusal("\"" + scalar(0x1FFFE) + "\"", .noncharacter, 1, butReads: "\"\u{1FFFD}\""),
        Refusal("\"a", .unexpectedEnd, 2, butReads: "\"a\""),
        Refusal("01", .invalidNumber, 0, butReads: "10"),
        Refusal("-", .unexpectedEnd, 1, butReads: "-1"),
        Refusal("-x", .invalidNumber, 1, butReads: "-0"),
        Refusal("1.", .unexpectedEnd, 2, butReads: "1.0"),
        Refusal("1.e1", .invalidNumber, 2, butReads: "1.0e1"),
        Refusal("1e+", .unexpectedEnd, 3, butReads: "1e+1"),
        Refusal(".1", .unexpectedByte, 0, butReads: "0.1"),
        Refusal("1e400", .numberOutOfRange, 0, butReads: "1e300"),
        Refusal(
            String(repeating: "1", count: 1001), .numberOutOfRange, 0, butReads: String(repeating: "1", count: 300)),
        Refusal(nested(33), .tooDeep, 32, butReads: nested(32)),
    ])
    func refuses(_ refusal: Refusal) throws {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: refusal.text) }
        #expect(error?.reason == refusal.reason)
        #expect(error?.offset == refusal.offset)
        _ = try JSONValue(parsing: refusal.neighbour)
    }

    /// Strings are looked at eight bytes at a time.
    @Test(arguments: ["\\n", "\\\"", "\\\\", "é", "€", "𝄞", "\u{7F}", " ", "!", "#", "[", "]"])
    func readsWhatStandsAtAnyPlaceOfAString(_ special: String) throws {
        for before in 0..<20 {
            for after in [0, 1, 7, 8, 9] {
                let (head, tail) = (String(repeating: "a", count: before), String(repeating: "z", count: after))
                let value = try JSONValue(parsing: "[\"\(head)\(special)\(tail)\"]")
                let meant = ["\\n": "\n", "\\\"": "\"", "\\\\": "\\"][special] ?? special
                #expect(value == [.string(head + meant + tail)])
                let error = #expect(throws: JSONError.self) { try JSONValue(parsing: "[\"\(head)\u{1F}\(tail)\"]") }
                #expect(error == JSONError(.controlCharacter, at: 2 + before))
            }
        }
    }

    @Test(arguments: [
        ("1234567", "1234568"), ("12345678", "12345679"), ("1234567a", "1234567b"), ("", "\\u0000"), ("a", "a\\u0000"),
        ("abcdefgh", "abcdefg"),
    ])
    func tellsNamesApartThatBeginAlike(_ one: String, _ other: String) throws {
        let object = try JSONObject(parsing: Array("{\"\(one)\":1,\"\(other)\":2}".utf8))
        let names = object.map(\.name)
        #expect(names.count == 2 && object[names[0]] == 1 && object[names[1]] == 2)
        #expect(object[names[0] + "x"] == nil)
        for name in [one, other] {
            let error = #expect(throws: JSONError.self) {
                try JSONObject(parsing: Array("{\"\(name)\":1,\"\(name)\":2}".utf8))
            }
            #expect(error?.reason == .duplicateName)
        }
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xE2, 0x82],
        ] as [[UInt8]])
    func refusesInvalidUTF8(_ sequence: [UInt8]) throws {
        let quote = UInt8(ascii: "\"")
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: [quote] + sequence + [quote]) }
        #expect(error == JSONError(.invalidUTF8, at: 1))
        #expect(try JSONValue(parsing: [quote, 0xE2, 0x82, 0xAC, quote]) == "€")
    }

    @Test func refusesATextAboveTheLimit() throws {
        let limits = JSONLimits(bytes: 10)
        #expect(try JSONValue(parsing: "\"12345678\"", limits: limits) == "12345678")
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: "\"123456789\"", limits: limits) }
        #expect(error?.reason == .tooLong)
    }

    @Test func findsADuplicateAmongManyMembers() throws {
        let members = (0..<500).map { "\"m\($0)\":\($0)" }
        let object = try JSONValue(parsing: "{" + members.joined(separator: ",") + "}")
        #expect(object["m499"]?.integer == 499)
        let error = #expect(throws: JSONError.self) {
            try JSONValue(parsing: "{" + (members + ["\"m3\":0"]).joined(separator: ",") + "}")
        }
        #expect(error?.reason == .duplicateName)
    }

    @Test func keepsIntegersWithinTheSafeRange() throws {
        #expect(try JSONValue(parsing: "9007199254740991") == .integer(9_007_199_254_740_991))
        #expect(try JSONValue(parsing: "-9007199254740991") == .integer(-9_007_199_254_740_991))
        #expect(try JSONValue(parsing: "9007199254740992") == .number(9_007_199_254_740_992))
        #expect(try JSONValue(parsing: "1.0") == .number(1))
        #expect(try JSONValue(parsing: "-1.5e2") == .number(-150))
        #expect(try JSONValue(parsing: "-0") == .integer(0))
    }

    @Test func readsNestedValues() throws {
        let value = try JSONValue(
            parsing: " { \"a\" : [ 1 , true , null , { } , [ ] ] , \"b\" : \"\\t\\\"é\\u00e9\" } ")
        #expect(value == ["a": [1, true, .null, [:], []], "b": "\t\"éé"])
        #expect(value["a"]?[1]?.bool == true)
        #expect(value["a"]?[9] == nil)
        #expect(value["c"] == nil)
    }

    @Test func namesThatOnlyLookTheSameAreDifferent() throws {
        let value = try JSONValue(parsing: "{\"K\":1,\"\\u212A\":2,\"\u{E9}\":3,\"e\u{301}\":4}")
        #expect(value["K"]?.integer == 1)
        #expect(value["\u{212A}"]?.integer == 2)
        #expect(value["e\u{301}"]?.integer == 4)
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
    }

    @Test func anObjectIsDemandedWhereOneIsNeeded() throws {
        #expect(try JSONObject(parsing: Array("{\"a\":1}".utf8)) == ["a": 1])
        let error = #expect(throws: JSONError.self) { try JSONObject(parsing: Array("[]".utf8)) }
        #expect(error?.reason == .notAnObject)
    }

    @Test func noPrefixAndNoChangedByteCrashesTheReader() {
        let text = Array("{\"a\":[1,-2.5e3,\"\\uD834\\uDD1E\\n\u{FFFD}\",true,null],\"b\":{\"c\":\"d\"}}".utf8)
        for end in text.indices { #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text[..<end])) } }
        for place in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[place] = byte
                _ = try? JSONValue(parsing: changed)
            }
        }
    }
}

private func nested(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
}

/// A string of one scalar that Swift does not allow in a literal.
private func scalar(_ value: UInt32) -> String { Unicode.Scalar(value).map { String($0) } ?? "" }
