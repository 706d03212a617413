import Mustache
import Testing

/// Templates bent at random: parsing, checking and rendering answer or throw, and never crash.
@Suite("Mustache under mutation")
struct MutationTests {
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func neverCrashes(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var parsed = 0, refused = 0, rendered = 0, deep = 0, suspicious = 0
        for _ in 0..<1500 {
            var templates = TemplateSet([], escaping: Bool.random(using: &random) ? .html : .none)
            for name in ["main", "p", "layout"] {
                do {
                    templates.insert(try Template(parsing: Self.mutated(using: &random), named: name))
                    parsed += 1
                } catch {
                    #expect(error.template == name && error.line > 0 && error.column > 0)
                    refused += 1
                }
            }
            guard templates["main"] != nil else { continue }
            if !templates.check("main", against: MustacheSchema(of: Self.value)).isEmpty { suspicious += 1 }
            do {
                let bytes = try templates.render("main", Self.value)
                #expect(String(validating: bytes, as: UTF8.self) != nil, "the output is valid UTF-8")
                rendered += 1
            } catch {
                #expect(error.problem == .nestedTooDeeply(limit: 128))
                deep += 1
            }
        }
        // Mutation that only ever breaks, or never does, would test nothing.
        #expect(parsed > 500 && refused > 500 && rendered > 200 && deep > 0 && suspicious > 100)
    }

    private static let value: MustacheValue = [
        "a": ["b": "<é>", "list": [1, 2.5, "x"]], "list": [["a": "1"], ["b": []]], "b": true, "": "empty",
    ]

    private static let seeds = [
        "<p>{{a.b}} {{{a}}} {{&b}}</p>\r\n  {{#list}}\n{{.}} é 🔑\n  {{/list}}\n{{^b}}no{{/b}}",
        "{{<layout}}\n  {{$main}}\n    one {{b}}\n    {{>p}}\n  {{/main}}\n{{/layout}}\n",
        "a\n  {{$main}}\n    default {{$p}}x{{/p}}\n  {{/main}}\n{{! remark }}\n{{>p}}",
        "{{=<% %>=}}<%#a%><%b%><%/a%><%={{ }}=%>\n{{#b}}{{>main}}{{/b}}",
    ]

    private static let parts = [
        "{{", "}}", "{{{", "}}}", "{{#a}}", "{{/a}}", "{{^b}}", "{{/b}}", "{{$p}}", "{{/p}}", "{{<p}}", "{{>p}}",
        "{{>main}}",
        "{{=| |=}}", "{{=", "=}}", "|", ".", "..", "\n", "\r\n", "  ", "\t", "é", "\u{0}", "{{!", "{{.}}",
        "{{$main}}x{{/main}}",
    ]

    private static func mutated(using random: inout SplitMix) -> String {
        var text = Array(seeds[Int.random(in: 0..<seeds.count, using: &random)].unicodeScalars)
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let start = Int.random(in: 0...text.count, using: &random)
            let end = min(text.count, start + Int.random(in: 0...6, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: text.removeSubrange(start..<end)
            case 1:
                text.insert(
                    contentsOf: parts[Int.random(in: 0..<parts.count, using: &random)].unicodeScalars, at: start)
            case 2:
                text.insert(contentsOf: Array(text[start..<end]), at: Int.random(in: 0...text.count, using: &random))
            default:
                text.replaceSubrange(
                    start..<end, with: parts[Int.random(in: 0..<parts.count, using: &random)].unicodeScalars)
            }
        }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: text)
        return String(result)
    }

    /// A small generator with a seed, so that every run is the same.
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
