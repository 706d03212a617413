import Mustache
import Testing

@Suite("Mustache parse errors")
struct ParseErrorTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let source: String
        let problem: MustacheError.Problem
        let line: Int
        let column: Int
        /// The same without the mistake.
        let corrected: String
        var testDescription: String { source }

        init(_ source: String, _ problem: MustacheError.Problem, _ line: Int, _ column: Int, corrected: String) {
            self.source = source
            self.problem = problem
            self.line = line
            self.column = column
            self.corrected = corrected
        }
    }

    @Test(arguments: [
        Mistake("a\nbé {{name", .unclosedTag(expected: "}}"), 2, 4, corrected: "a\nbé {{name}}"),
        Mistake("{{{name}}", .unclosedTag(expected: "}}}"), 1, 1, corrected: "{{{name}}}"),
        Mistake("{{=<% %>}}", .unclosedTag(expected: "=}}"), 1, 1, corrected: "{{=<% %>=}}"),
        Mistake("{{=<% %>=}} <%x}}", .unclosedTag(expected: "%>"), 1, 13, corrected: "{{=<% %>=}} <%x%>"),
        Mistake("{{! never", .unclosedTag(expected: "}}"), 1, 1, corrected: "{{! never }}"),
        Mistake("{{", .unclosedTag(expected: "}}"), 1, 1, corrected: "{"),
        Mistake("{{}}", .invalidName(""), 1, 1, corrected: "{{.}}"),
        Mistake("{{#}}{{/}}", .invalidName(""), 1, 1, corrected: "{{#.}}{{/.}}"),
        Mistake("{{two words}}", .invalidName("two words"), 1, 1, corrected: "{{two_words}}"),
        Mistake("{{ #a}}", .invalidName(" #a"), 1, 1, corrected: "{{#a}}{{/a}}"),
        Mistake("{{a..b}}", .invalidName("a..b"), 1, 1, corrected: "{{a.b}}"),
        Mistake("{{#a.}}{{/a.}}", .invalidName("a."), 1, 1, corrected: "{{#a}}{{/a}}"),
        Mistake("{{=x=}}", .invalidDelimiters("x"), 1, 1, corrected: "{{=x y=}}"),
        Mistake("{{= a b c =}}", .invalidDelimiters(" a b c "), 1, 1, corrected: "{{= a b =}}"),
        Mistake("{{= = b =}}", .invalidDelimiters(" = b "), 1, 1, corrected: "{{= a b =}}"),
        Mistake("\r\n {{#a}}", .unclosed("a"), 2, 2, corrected: "\r\n {{#a}}{{/a}}"),
        Mistake("{{$a}}{{#a}}{{/a}}", .unclosed("a"), 1, 1, corrected: "{{$a}}{{#a}}{{/a}}{{/a}}"),
        Mistake("{{<a}}{{$b}}{{/b}}", .unclosed("a"), 1, 1, corrected: "{{<a}}{{$b}}{{/b}}{{/a}}"),
        Mistake("x{{/a}}", .unexpectedClosing("a", expected: nil), 1, 2, corrected: "x{{a}}"),
        Mistake(
            "{{#a}}{{^b}}{{/a}}{{/b}}", .unexpectedClosing("a", expected: "b"), 1, 13,
            corrected: "{{#a}}{{^b}}{{/b}}{{/a}}"),
        Mistake(
            "{{#a}}{{$b}}{{/a}}{{/b}}", .unexpectedClosing("a", expected: "b"), 1, 13,
            corrected: "{{#a}}{{$b}}{{/b}}{{/a}}"),
        Mistake("{{<a}}{{/b}}", .unexpectedClosing("b", expected: "a"), 1, 7, corrected: "{{<a}}{{/a}}"),
        Mistake("{{<a}}{{b}}{{/a}}", .notABlock("b", parent: "a"), 1, 7, corrected: "{{<a}}{{$b}}{{/b}}{{/a}}"),
        Mistake(
            "{{<a}}{{$b}}{{/b}} {{$b}}{{/b}}{{/a}}", .duplicateBlock("b"), 1, 20,
            corrected: "{{<a}}{{$b}}{{/b}} {{$c}}{{/c}}{{/a}}"),
    ])
    func namesTheMistakeAndItsPlace(_ mistake: Mistake) throws {
        let error = #expect(throws: MustacheError.self) { try Template(parsing: mistake.source, named: "page") }
        #expect(error?.template == "page")
        #expect(error?.problem == mistake.problem)
        #expect(error?.line == mistake.line)
        #expect(error?.column == mistake.column)
        #expect(throws: Never.self) { try Template(parsing: mistake.corrected, named: "page") }
    }

    @Test(arguments: ["{{#a}}|{{/a}}", "{{$a}}|{{/a}}", "{{<a}}{{$b}}|{{/b}}{{/a}}"])
    func nestingIsBounded(_ pair: String) throws {
        let halves = pair.split(separator: "|").map(String.init)
        let levels = 64 / (halves[0].split(separator: "}}").count)
        func source(_ levels: Int) -> String {
            String(repeating: halves[0], count: levels) + String(repeating: halves[1], count: levels)
        }
        #expect(throws: Never.self) { try Template(parsing: source(levels), named: "page") }
        let error = #expect(throws: MustacheError.self) { try Template(parsing: source(levels + 1), named: "page") }
        #expect(error?.problem == .nestedTooDeeply(limit: 64))
        #expect(throws: MustacheError.self) { try Template(parsing: source(100_000), named: "page") }
    }

    @Test func theDescriptionSaysWhereAndWhatToDo() throws {
        let error = #expect(throws: MustacheError.self) { try Template(parsing: "\n {{#user}}", named: "mail/reset") }
        #expect(error?.description == "mail/reset:2:2: `user` is never closed; add {{/user}}")
    }

    @Test func aSetNamesTheTemplateThatFails() throws {
        let error = #expect(throws: MustacheError.self) { try TemplateSet(parsing: ["a": "{{x}}", "b": "{{x"]) }
        #expect(error?.template == "b")
        #expect(throws: Never.self) { try TemplateSet(parsing: ["a": "{{x}}", "b": "{{x}}"]) }
    }
}
