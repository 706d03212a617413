import JSON
import Testing

@Suite("JSON writer: RFC 8259")
struct JSONWriterTests {
    private func text(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func writesATokenResponse() {
        let none: String? = nil
        let written = text {
            $0.object {
                $0.member("access_token", "abc.def")
                $0.member("token_type", "Bearer")
                $0.member("expires_in", 900)
                $0.member("refresh_token", none)
                $0.member("scope", Optional("openid email"))
            }
        }
        #expect(
            written
                == #"{"access_token":"abc.def","token_type":"Bearer","expires_in":900,"scope":"openid email"}"#)
    }

    @Test func placesCommasAroundNestedAndEmptyContainers() {
        let written = text {
            $0.object {
                $0.array("keys") {
                    $0.element { _ in }
                    $0.element { $0.member("a", [1, 2]) }
                }
                $0.member("empty", [String]())
                $0.member("inner", ["{", "[", ""])
                $0.object("last") { $0.member("z", false) }
            }
        }
        #expect(
            written == #"{"keys":[{},{"a":[1,2]}],"empty":[],"inner":["{","[",""],"last":{"z":false}}"#)
    }

    @Test func escapesEveryByteThatNeedsIt() throws {
        for byte in UInt8.min..<0x80 {
            // At every distance from the start, so that both the wide and the narrow scan meet it.
            for before in 0..<17 {
                let string = String(repeating: "x", count: before) + String(Unicode.Scalar(byte)) + "yz"
                let bytes = string.jsonBytes()
                #expect(try JSONValue(parsing: bytes) == .string(string))
                let needsEscape = byte < 0x20 || "\"\\<".utf8.contains(byte)
                #expect(bytes.contains(UInt8(ascii: "\\")) == needsEscape)
            }
        }
        #expect(text { $0.string("\u{1}\n\r\t\u{8}\u{C}\"\\/<é\u{7F}") } == #""\u0001\n\r\t\b\f\"\\/\u003cé\#u{7F}""#)
    }

    @Test func leavesTextBeyondASCIIAsItIs() {
        let string = "Žluťoučký kůň 🐎 — ÿÿÿÿÿÿÿÿ"
        #expect(text { $0.string(string) } == "\"\(string)\"")
    }

    @Test func writesNumbers() {
        #expect(text { $0.integer(.min) } == "-9223372036854775808")
        #expect(text { $0.integer(.max) } == "9223372036854775807")
        #expect(text { $0.integer(0) } == "0")
        #expect(text { $0.integer(-10) } == "-10")
        #expect(text { $0.number(0.1) } == "0.1")
        #expect(text { $0.number(-1e300) } == "-1e+300")
        #expect(text { $0.number(.infinity) } == "null")
        #expect(text { $0.number(.nan) } == "null")
    }

    @Test func escapesNamesThatComeFromData() {
        #expect(
            text {
                $0.object {
                    $0.member(named: "a\"b", 1); $0.member(named: "", 2)
                }
            } == #"{"a\"b":1,"":2}"#)
    }

    @Test func readsBackWhatItWrites() throws {
        let value: JSONValue = [
            "z": [1, -2.5, true, false, .null, "\u{0}\u{1F}\"\\<>&'\u{2028}🙂"], "a": ["b": ["c": [:]]],
            "": 9_007_199_254_740_991,
        ]
        #expect(try JSONValue(parsing: value.jsonBytes()) == value)
    }

    @Test func continuesABuffer() {
        var writer = JSONWriter(appendingTo: Array("event: ".utf8))
        writer.object { $0.member("a", utf8: "b".utf8.span) }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"event: {"a":"b"}"#)
    }
}

@Suite("JSON objects")
struct JSONObjectTests {
    @Test func keepsTheOrderOfItsMembers() throws {
        var object: JSONObject = ["b": 1, "a": 2]
        object["c"] = 3
        object["b"] = 4
        object["a"] = nil
        #expect(object.map(\.name) == ["b", "c"])
        #expect(object["b"]?.integer == 4)
    }

    @Test func equalityIgnoresTheOrder() {
        #expect(JSONValue.object(["a": 1, "b": 2]) == ["b": 2, "a": 1])
        #expect(JSONValue.object(["a": 1, "b": 2]) != ["b": 2, "a": 2])
        #expect(JSONValue.object(["a": 1]) != ["a": 1, "b": 2])
    }

    @Test func accessorsTellKindsApart() {
        #expect(JSONValue.integer(3).number == 3)
        #expect(JSONValue.number(3).integer == nil)
        #expect(JSONValue.string("3").integer == nil)
        #expect(JSONValue.null.isNull)
        #expect(JSONValue.bool(true).string == nil)
    }
}
