import Mustache
import Testing

/// A few cases of each kind of tag, so that the suite says something without the vectors of the specification.
@Suite("Mustache rendering")
struct RenderingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let template: String
        let value: MustacheValue
        let others: [String: String]
        let expected: String

        init(
            _ name: String,
            _ template: String,
            _ value: MustacheValue = [:],
            _ others: [String: String] = [:],
            gives expected: String
        ) {
            testDescription = name
            self.template = template
            self.value = value
            self.others = others
            self.expected = expected
        }
    }

    @Test(arguments: [
        Case("text alone", "Grüße {x} }}\n", gives: "Grüße {x} }}\n"),
        Case("a key", "Hi {{ name }}!", ["name": "Ada"], gives: "Hi Ada!"),
        Case("a path", "{{a.b.c}}", ["a": ["b": ["c": 1]]], gives: "1"),
        Case("an unknown key", "<{{nobody}}>", gives: "<>"),
        Case(
            "a path that breaks off does not look outside", "{{#a}}{{b.c}}{{/a}}", ["a": ["b": [:]], "b": ["c": "no"]],
            gives: ""),
        Case("null", "<{{x}}>", ["x": nil], gives: "<>"),
        Case("numbers and flags", "{{i}} {{d}} {{b}}", ["i": -3, "d": 1.5, "b": true], gives: "-3 1.5 true"),
        Case("lists and objects are no text", "<{{l}}{{o}}>", ["l": [1], "o": ["a": 1]], gives: "<>"),
        Case("text is not parsed again", "{{x}}", ["x": "{{y}}", "y": "no"], gives: "{{y}}"),
        Case("the innermost value", "{{#l}}({{.}}){{/l}}", ["l": ["a", "b"]], gives: "(a)(b)"),
    ])
    func interpolates(_ example: Case) throws {
        try check(example)
    }

    @Test(arguments: [
        Case("true", "{{#a}}yes{{/a}}{{^a}}no{{/a}}", ["a": true], gives: "yes"),
        Case("false", "{{#a}}yes{{/a}}{{^a}}no{{/a}}", ["a": false], gives: "no"),
        Case("null", "{{#a}}yes{{/a}}{{^a}}no{{/a}}", ["a": nil], gives: "no"),
        Case("nothing", "{{#a}}yes{{/a}}{{^a}}no{{/a}}", gives: "no"),
        Case("text", "{{#a}}{{.}}{{/a}}{{^a}}no{{/a}}", ["a": "yes"], gives: "yes"),
        Case("empty text is falsy: our choice", "{{#a}}yes{{/a}}{{^a}}no{{/a}}", ["a": ""], gives: "no"),
        Case("zero is truthy: our choice", "{{#a}}{{.}}{{/a}}{{^a}}no{{/a}}", ["a": 0], gives: "0"),
        Case("an empty list", "{{#a}}yes{{/a}}{{^a}}no{{/a}}", ["a": []], gives: "no"),
        Case("an empty object", "{{#a}}yes{{/a}}{{^a}}no{{/a}}", ["a": [:]], gives: "yes"),
        Case(
            "a list of objects sees outside", "{{#l}}{{k}}{{o}} {{/l}}", ["o": "!", "l": [["k": 1], ["k": 2]]],
            gives: "1! 2! "),
        Case("inside hides outside", "{{#a}}{{k}}{{/a}}{{k}}", ["k": 1, "a": ["k": 2]], gives: "21"),
        Case("lone tags take their lines", "a\n  {{#x}}\nb\n  {{/x}}\nc\n", ["x": true], gives: "a\nb\nc\n"),
        Case("… also with CR LF", "a\r\n{{#x}}\r\nb\r\n{{/x}}\r\nc", ["x": true], gives: "a\r\nb\r\nc"),
        Case("tags with company do not", "a {{#x}}\nb\n{{/x}} c\n", ["x": true], gives: "a \nb\n c\n"),
    ])
    func sections(_ example: Case) throws {
        try check(example)
    }

    @Test(arguments: [
        Case("a comment", "a{{! b }}c", gives: "ac"),
        Case("a comment over lines takes its lines", "a\n {{! b\n c }}\nd", gives: "a\nd"),
        Case("delimiters", "{{=<% %>=}}<%x%>{{x}}<%={{ }}=%>{{x}}", ["x": 1], gives: "1{{x}}1"),
        Case("delimiters of one sign", "{{=| |=}}|x||{x}||&x|", ["x": "<"], gives: "&lt;<<"),
        Case("delimiters end with the template", "{{=<% %>=}}<%>p%>", ["x": 1], ["p": "{{x}}<%x%>"], gives: "1<%x%>"),
    ])
    func commentsAndDelimiters(_ example: Case) throws {
        try check(example)
    }

    @Test(arguments: [
        Case("inside of a line", "<{{>p}}>", ["x": 1], ["p": "{{x}}"], gives: "<1>"),
        Case("missing", "<{{>p}}>", gives: "<>"),
        Case("a path as name", "{{>partials/field}}", [:], ["partials/field": "f"], gives: "f"),
        Case(
            "alone on a line: indented", "a\n  {{>p}}\nb", ["x": "1\n2"], ["p": "{{x}}\ny\n"],
            gives: "a\n  1\n2\n  y\nb"),
        Case("blank lines are not indented: our choice", "  {{>p}}\n", [:], ["p": "a\n\nb\n"], gives: "  a\n\n  b\n"),
        Case(
            "indentation adds up", " {{>p}}\n", [:], ["p": "p\n {{>q}}\n", "q": "q\n{{#no}}x{{/no}}r\n"],
            gives: " p\n  q\n  r\n"),
        Case("inside of a line: not indented", " {{>p}}", [:], ["p": "x {{>q}}\n", "q": "1\n2"], gives: " x 1\n2\n"),
        Case(
            "recursion over data", "{{>n}}", ["v": 1, "l": [["v": 2, "l": []], ["v": 3, "l": []]]],
            ["n": "({{v}}{{#l}}{{>n}}{{/l}})"], gives: "(1(2)(3))"),
    ])
    func partials(_ example: Case) throws {
        try check(example)
    }

    @Test(arguments: [
        Case("escapes for HTML", "{{x}}", ["x": "a&<>\"'`=é"], gives: "a&amp;&lt;&gt;&quot;&#39;`=é"),
        Case("escapes at both ends", "{{x}}", ["x": "<>"], gives: "&lt;&gt;"),
        Case("nothing to escape", "{{x}}", ["x": "plain"], gives: "plain"),
        Case("empty", "<{{x}}>", ["x": ""], gives: "<>"),
        Case("three braces", "{{{x}}}{{{ x }}}", ["x": "<"], gives: "<<"),
        Case("ampersand", "{{&x}}{{& x }}", ["x": "<"], gives: "<<"),
        Case("the template's own text", "<b>&amp;</b>", gives: "<b>&amp;</b>"),
        Case(
            "inside of sections and partials", "{{#l}}{{.}}{{>p}}{{/l}}", ["l": ["<"]], ["p": "{{.}}"],
            gives: "&lt;&lt;"),
    ])
    func escaping(_ example: Case) throws {
        try check(example)
    }

    @Test func plainTextIsNotEscaped() throws {
        let mail = try TemplateSet(parsing: ["main": "{{x}}"], escaping: .none)
        #expect(try mail.renderText("main", ["x": "a&<>\"'"]) == "a&<>\"'")
        let page = try TemplateSet(parsing: ["main": "{{x}}"])
        #expect(try page.renderText("main", ["x": "a&<>\"'"]) == "a&amp;&lt;&gt;&quot;&#39;")
    }

    @Test func bytesAreTheTextInUTF8() throws {
        let templates = try TemplateSet(parsing: ["main": "Grüße, {{name}} 🔑"])
        #expect(try templates.render("main", ["name": "Zoë"]) == Array("Grüße, Zoë 🔑".utf8))
    }

    @Test func anInsertedTemplateReplacesTheOneOfItsName() throws {
        var templates = try TemplateSet(parsing: ["main": "{{>part}}", "part": "ours"])
        #expect(try templates.renderText("main", [:]) == "ours")
        templates.insert(try Template(parsing: "theirs", named: "part"))
        #expect(try templates.renderText("main", [:]) == "theirs")
        #expect(templates.names == ["main", "part"])
        #expect(templates["part"] != nil)
        #expect(templates["nobody"] == nil)
    }

    @Test func anUnknownTemplateIsRefused() throws {
        let templates = try TemplateSet(parsing: ["main": "x"])
        let error = #expect(throws: MustacheError.self) { try templates.render("mian", [:]) }
        #expect(error?.problem == .unknownTemplate("mian"))
        #expect(try templates.renderText("main", [:]) == "x")
    }

    private func check(_ example: Case) throws {
        var templates = try TemplateSet(parsing: example.others)
        templates.insert(try Template(parsing: example.template, named: "main"))
        #expect(try templates.renderText("main", example.value) == example.expected)
    }
}
