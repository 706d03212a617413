import HTTP
import JSON
import Testing

@testable import Web

@Suite("The schemas of calls")
struct AuthSchemaTests {
    private static let text = JSONSchema.text(TextRule(length: 2...4, shape: .oneLine))
    private static let schema = JSONSchema.object([
        .required("name", text), .optional("count", .count()),
        .optional("inner", .object([.required("is", .truth())])),
        .optional("all", .list(text, 1...2)), .optional("word", .words(["a", "b"])),
        .optional("yes", .always(true)),
        .optional("either", .one([.named("Text", text), .truth()])),
    ])

    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let pointer: String?
        var testDescription: String { text }

        init(_ text: String, _ pointer: String?) { (self.text, self.pointer) = (text, pointer) }
    }

    @Test(arguments: [
        Case(#"{"name":"ab"}"#, nil), Case(#"{}"#, "/name"), Case(#"{"name":"a"}"#, "/name"),
        Case(#"{"name":"abcde"}"#, "/name"), Case(#"{"name":"a\nb"}"#, "/name"), Case(#"{"name":1}"#, "/name"),
        Case(#"{"name":null}"#, "/name"), Case(#"{"name":"äöüé"}"#, nil), Case(#"{"name":"ab","other":1}"#, ""),
        Case(#"{"name":"ab","count":0}"#, nil), Case(#"{"name":"ab","count":-1}"#, "/count"),
        Case(#"{"name":"ab","count":1.5}"#, "/count"), Case(#"{"name":"ab","inner":{"is":false}}"#, nil),
        Case(#"{"name":"ab","inner":{"is":"x"}}"#, "/inner/is"),
        Case(#"{"name":"ab","inner":{"is":true,"x":1}}"#, "/inner"),
        Case(#"{"name":"ab","all":["ab","cd"]}"#, nil), Case(#"{"name":"ab","all":["ab",""]}"#, "/all/1"),
        Case(#"{"name":"ab","all":[]}"#, "/all"), Case(#"{"name":"ab","word":"b"}"#, nil),
        Case(#"{"name":"ab","word":"c"}"#, "/word"), Case(#"{"name":"ab","yes":true}"#, nil),
        Case(#"{"name":"ab","yes":false}"#, "/yes"), Case(#"{"name":"ab","either":false}"#, nil),
        Case(#"{"name":"ab","either":"ab"}"#, nil), Case(#"{"name":"ab","either":4}"#, "/either"), Case("[]", ""),
    ])
    func whereAValueDeparts(_ example: Case) throws {
        #expect(Self.schema.departure(of: try JSONValue(parsing: example.text)) == example.pointer)
    }

    @Test(arguments: [
        (TextRule.Shape.digits, "123456", "12345a"), (.base64url, "Az09-_", "Az09+/"),
        (.pair, String(repeating: "a", count: 43) + ".", String(repeating: "a", count: 42) + ".a"),
        (.pair, String(repeating: "a", count: 43) + ".b-_", String(repeating: "a", count: 43) + "..b"),
        (.typedCode, "ab12-CD 34", "ab12_"), (.parts, "ab.cd-_", "ab+cd"), (.numbers, "12.34", "12,34"),
        (.email, "ada@example.com", "ada.example.com"), (.oneLine, "Zoë 燕", "a\u{85}b"),
    ])
    func shapes(_ shape: TextRule.Shape, _ good: String, _ bad: String) {
        let rule = TextRule(length: 1...100, shape: shape)
        #expect(rule.accepts(good))
        #expect(!rule.accepts(bad))
        #expect(!rule.accepts(""))
        #expect(TextRule(length: 1...100, shape: .anything).accepts(bad))
    }

    @Test func aSchemaIsPrintedAsItJudges() throws {
        let printed = try JSONValue(parsing: Self.schema.jsonBytes())
        #expect(printed["additionalProperties"] == false)
        #expect(printed["required"] == ["name"])
        #expect(printed["properties"]?["name"]?["maxLength"] == 4)
        #expect(printed["properties"]?["name"]?["pattern"] == "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")
        #expect(printed["properties"]?["either"]?["oneOf"]?[0]?["$ref"] == "#/components/schemas/Text")
    }
}
