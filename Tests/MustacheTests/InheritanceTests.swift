import Mustache
import Testing

@Suite("Mustache inheritance")
struct InheritanceTests {
    private static let layout = """
        <title>{{$title}}Martlet{{/title}}</title>
          {{$head}}{{/head}}
        <main>
          {{$main}}
          <p>Nothing here.</p>
          {{/main}}
        </main>

        """

    private func render(
        _ template: String, _ others: [String: String] = [:], _ value: MustacheValue = [:]
    ) throws -> String {
        let sources = ["layout": Self.layout, "main": template].merging(others) { $1 }
        return try TemplateSet(parsing: sources).renderText("main", value)
    }

    @Test func aParentByItselfShowsItsDefaults() throws {
        let expected = "<title>Martlet</title>\n<main>\n  <p>Nothing here.</p>\n</main>\n"
        #expect(try render("{{<layout}}{{/layout}}\n") == expected)
        #expect(try render("{{>layout}}\n") == expected)
    }

    @Test func blocksReplaceDefaultsAndTakeTheirIndentation() throws {
        let page = """
            {{<layout}}
              {{$title}}Log in{{/title}}
              {{$head}}<link>{{/head}}
              {{$main}}
                <form>

                  <input value="{{name}}">
                </form>
              {{/main}}
            {{/layout}}

            """
        #expect(
            try render(page, [:], ["name": "a\"b"]) == """
                <title>Log in</title>
                  <link>
                <main>
                  <form>

                    <input value="a&quot;b">
                  </form>
                </main>

                """)
    }

    @Test func aBlockWithinALineStaysThere() throws {
        let others = ["p": "  <b>{{$x}}d{{/x}}</b>\n"]
        #expect(try render("{{<p}}{{$x}}one{{/x}}{{/p}}", others) == "  <b>one</b>\n")
        #expect(try render("{{<p}}{{$x}}\n one\n two{{/x}}{{/p}}", others) == "  <b>one\n  two</b>\n")
    }

    @Test func aDefaultIsShownAsItIsWritten() throws {
        let text = "a\n  {{$x}}b\n      c\n\n    d{{/x}} e\n {{$y}}\n   f\n     g{{/y}}\nh"
        #expect(try render(text) == "a\n  b\n      c\n\n    d e\n   f\n     g\nh")
    }

    @Test func anEmptyBlockAloneOnItsLineLeavesNoLine() throws {
        #expect(try render("a\n  {{$x}}{{/x}}\nb\n") == "a\nb\n")
    }

    @Test func sectionsInsideOfBlocksKeepTheirLines() throws {
        let page = "{{<layout}}{{$main}}\n{{#l}}\n<i>{{.}}</i>\n{{/l}}\n{{/main}}{{/layout}}"
        let rendered = try render(page, [:], ["l": [1, 2]])
        #expect(rendered.hasSuffix("<main>\n  <i>1</i>\n  <i>2</i>\n</main>\n"))
    }

    @Test func partialsInsideOfBlocksAreIndentedToo() throws {
        let page = "{{<layout}}\n{{$main}}\n  <div>\n    {{>p}}\n  </div>\n{{/main}}\n{{/layout}}\n"
        let rendered = try render(page, ["p": "one\ntwo\n"])
        #expect(rendered.hasSuffix("<main>\n  <div>\n    one\n    two\n  </div>\n</main>\n"))
    }

    @Test func theYoungestChildWins() throws {
        let others = ["middle": "{{<layout}}{{$title}}middle{{/title}}{{$head}}<m>{{/head}}{{/layout}}"]
        let rendered = try render("{{<middle}}{{$title}}child{{/title}}{{/middle}}", others)
        #expect(rendered.hasPrefix("<title>child</title>\n  <m>\n"))
    }

    @Test func aBlockOfTheSameNameInsideOfAFillingIsTheParentsAgain() throws {
        // Filled with itself it would never end.
        #expect(try render("{{<p}}{{$x}}({{$x}}inner{{/x}}){{/x}}{{/p}}", ["p": "[{{$x}}{{/x}}]"]) == "[(inner)]")
    }

    @Test func aParentInsideOfItsOwnBlockIsNoRecursion() throws {
        let page = "{{<card}}{{$body}}{{<card}}{{$body}}x{{/body}}{{/card}}{{/body}}{{/card}}"
        #expect(try render(page, ["card": "[{{$body}}{{/body}}]"]) == "[[x]]")
    }

    @Test func aBlockSeesTheDataOfTheParentsPlace() throws {
        let others = ["p": "{{#inner}}{{$x}}{{/x}}{{/inner}}"]
        let value: MustacheValue = ["k": "outer", "inner": ["k": "inner"]]
        #expect(try render("{{<p}}{{$x}}{{k}}{{/x}}{{/p}}", others, value) == "inner")
    }

    @Test func textBetweenBlocksIsIgnored() throws {
        let page = "{{<p}} some {{! remark }} words {{$x}}1{{/x}} more {{/p}}"
        #expect(try render(page, ["p": "<{{$x}}{{/x}}>"]) == "<1>")
    }
}
