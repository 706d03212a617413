import Mustache
import Testing

@Suite("Mustache check")
struct CheckTests {
    private static let example: MustacheValue = [
        "title": "Log in", "count": 1, "failed": true, "user": ["name": "Ada", "mail": "a@b"],
        "keys": [["id": "1"], ["id": "2", "label": "x"]], "tags": ["a"],
        "tree": ["value": 1, "children": [["value": 2, "children": []]]],
    ]

    private func problems(_ template: String, _ others: [String: String] = [:]) throws -> [String] {
        let templates = try TemplateSet(parsing: others.merging(["main": template]) { $1 })
        return templates.check("main", against: MustacheSchema(of: Self.example)).map(\.description)
    }

    @Test(arguments: [
        "{{title}} {{count}} {{failed}} {{user.name}} {{#user}}{{name}} {{title}}{{/user}}",
        "{{#keys}}{{id}} {{label}} {{title}}{{/keys}}{{^keys}}{{title}}{{/keys}}",
        "{{#tags}}{{.}}{{/tags}} {{#title}}{{.}}{{/title}} {{#failed}}{{title}}{{/failed}}",
        "{{#tree}}{{value}}{{#children}}{{value}}{{#children}}{{anything.at.all}}{{/children}}{{/children}}{{/tree}}",
    ])
    func acceptsWhatTheModelHas(_ template: String) throws {
        #expect(try problems(template) == [])
    }

    @Test func reportsAllUnknownKeysWithTheirPlaces() throws {
        let found = try problems(
            "{{titel}}\n {{user.nam}} {{#user}}{{mial}}{{/user}}{{#keys}}{{user.mail.x}}{{/keys}}\n{{#no}}{{x}}{{/no}}")
        #expect(
            found == [
                "main:1:1: the model has no `titel`; known here: count, failed, keys, tags, title, tree, user",
                "main:2:2: the model has no `user.nam`; known here: mail, name",
                "main:2:24: the model has no `mial`; known here: count, failed, keys, mail, name, tags, title, tree, user",
                "main:2:50: the model has no `user.mail.x`; nothing can be named here",
                "main:3:1: the model has no `no`; known here: count, failed, keys, tags, title, tree, user",
            ])
    }

    @Test func reportsInsideOfEverySectionOnlyWhatIsUnknownThere() throws {
        #expect(try problems("{{#keys}}{{id}}{{/keys}}") == [])
        #expect(try problems("{{id}}").count == 1)
        #expect(try problems("{{^failed}}{{name}}{{/failed}}{{#failed}}{{name}}{{/failed}}").count == 2)
    }

    @Test func reportsListsAndObjectsUsedAsText() throws {
        #expect(
            try problems("{{user}} {{{keys}}} {{title}}") == [
                "main:1:1: `user` is a list or an object, not text; open it as a section or name one of its keys",
                "main:1:10: `keys` is a list or an object, not text; open it as a section or name one of its keys",
            ])
    }

    @Test func reportsMissingTemplates() throws {
        let found = try problems("{{>a}}\n{{<b}}{{/b}}{{>c}}", ["c": " {{>d}}"])
        #expect(
            found == [
                "c:1:2: there is no template `d`; add it or correct the name",
                "main:1:1: there is no template `a`; add it or correct the name",
                "main:2:1: there is no template `b`; add it or correct the name",
            ])
        let templates = try TemplateSet(parsing: ["main": ""])
        #expect(templates.check("main", against: .any) == [])
        #expect(templates.check("mian", against: .any).map(\.problem) == [.unknownTemplate("mian")])
    }

    @Test func looksIntoPartialsWithTheDataOfTheirPlace() throws {
        let partial = ["p": "{{id}}"]
        #expect(try problems("{{#keys}}{{>p}}{{/keys}}", partial) == [])
        #expect(try problems("{{>p}}{{#keys}}{{>p}}{{/keys}}{{>p}}", partial).count == 1)
    }

    @Test func reportsEndlessInclusion() throws {
        #expect(try problems("{{>main}}").count == 1)
        #expect(try problems("{{>a}}", ["a": "{{>b}}", "b": "{{#failed}}{{>a}}{{/failed}}"]).count == 1)
        #expect(try problems("{{<a}}{{$x}}{{>main}}{{/x}}{{/a}}", ["a": "{{$x}}{{/x}}"]).count == 1)
        // The row has no `keys`: they would be found outside of it, again and again.
        #expect(try problems("{{#keys}}{{>row}}{{/keys}}", ["row": "{{id}}{{#keys}}{{>row}}{{/keys}}"]).count == 1)

        #expect(try problems("{{#tree}}{{>n}}{{/tree}}", ["n": "{{value}}{{#children}}{{>n}}{{/children}}"]) == [])
        #expect(try problems("{{>a}}{{>a}}", ["a": "x"]) == [])
        let card = ["card": "{{$body}}{{/body}}"]
        #expect(try problems("{{<card}}{{$body}}{{<card}}{{$body}}x{{/body}}{{/card}}{{/body}}{{/card}}", card) == [])
    }

    @Test func checksBlocksWhereTheyAreShown() throws {
        let parent = ["layout": "{{#user}}{{$main}}{{nobody}}{{/main}}{{/user}}{{$foot}}{{/foot}}"]
        #expect(try problems("{{<layout}}{{$main}}{{name}}{{/main}}{{/layout}}", parent) == [])
        #expect(try problems("{{<layout}}{{$foot}}{{name}}{{/foot}}{{$main}}{{/main}}{{/layout}}", parent).count == 1)
        #expect(try problems("{{<layout}}{{/layout}}", parent).map { $0.prefix(10) } == ["layout:1:1"])
    }

    @Test func reportsBlocksThatTheParentNeverShows() throws {
        let others = [
            "layout": "{{$main}}{{/main}}", "middle": "{{<layout}}{{$main}}{{$part}}{{/part}}{{/main}}{{/layout}}",
        ]
        #expect(try problems("{{<middle}}{{$part}}x{{/part}}{{/middle}}", others) == [])
        #expect(try problems("{{<middle}}{{$main}}x{{/main}}{{/middle}}", others) == [])
        #expect(
            try problems("{{<middle}}{{$mian}}x{{/mian}}{{/middle}}", others) == [
                "main:1:12: `middle` never shows the block `mian`; correct the name or remove it"
            ])
    }

    @Test func givesUpOnTemplatesThatMultiply() throws {
        var sources = ["t0": ""]
        for level in 1...30 { sources["t\(level)"] = "{{>t\(level - 1)}}{{>t\(level - 1)}}" }
        let templates = try TemplateSet(parsing: sources)
        #expect(templates.check("t30", against: .any).map(\.problem) == [.tooManyInclusions(limit: 10_000)])
        #expect(templates.check("t8", against: .any) == [])
    }

    @Test func shapesComeFromExamples() {
        #expect(
            MustacheSchema(of: ["a": "x", "b": 1, "c": 1.5, "d": true])
                == .object(["a": .text, "b": .text, "c": .text, "d": .flag]))
        #expect(MustacheSchema(of: [["a": 1], ["b": [2]]]) == .list(of: .object(["a": .text, "b": .list(of: .text)])))
        #expect(MustacheSchema(of: ["a": nil, "b": []]) == .object(["a": .any, "b": .list(of: .any)]))
        #expect(MustacheSchema(of: [1, true]) == .list(of: .any))
    }
}
