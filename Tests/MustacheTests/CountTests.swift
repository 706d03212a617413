import Testing

@testable import Mustache

@Suite("Mustache counts and wording")
struct CountTests {
    private func set(_ source: String, _ plural: PluralRule? = nil) throws -> TemplateSet {
        var set = try TemplateSet(parsing: ["page": source])
        if let plural { set.plural = plural }
        return set
    }

    @Test(arguments: [(0, "none other 0"), (1, "one 1"), (2, "other 2")])
    func choosesTheFormOfANumber(_ count: Int, _ text: String) throws {
        let set = try set(
            "{{#n}}{{#none}}none {{/none}}{{#one}}one {{/one}}{{#other}}other {{/other}}{{count}}{{/n}}")
        #expect(try set.renderText("page", ["n": .count(count)]) == text)
    }

    @Test func asksTheRuleOfTheLanguage() throws {
        let set = try set("{{#n}}{{#few}}few{{/few}}{{#many}}many{{/many}}{{/n}}") { $0 < 5 ? .few : .many }
        #expect(try set.renderText("page", ["n": .count(4)]) == "few")
        #expect(try set.renderText("page", ["n": .count(5)]) == "many")
        // Nobody asks a rule about less than nothing.
        #expect(try set.renderText("page", ["n": .count(-5)]) == "few")
    }

    @Test func isReachedByPathsAndIsNoText() throws {
        #expect(try set("{{n.count}}{{n}}").renderText("page", ["n": .count(3)]) == "3")
        let schema = MustacheSchema(of: ["n": .count(3)])
        #expect(try set("{{n.count}}{{#n}}{{#two}}{{/two}}{{/n}}").check("page", against: schema) == [])
        #expect(try set("{{n}}").check("page", against: schema).map(\.problem) == [.notText("n")])
        #expect(try set("{{#n}}{{#several}}{{/several}}{{/n}}").check("page", against: schema).count == 1)
    }

    @Test func wordingStandsInItsLineAndOtherPartialsForIt() throws {
        let source = "a\n  {{>text/b}}\n{{>c}}\nd\n"
        let plain = try Template(parsing: source, named: "plain")
        let worded = try Template(parsing: source, named: "worded", wording: "text/")
        let set = TemplateSet(
            [plain, worded, try Template(parsing: "B", named: "text/b"), try Template(parsing: "C\n", named: "c")])
        #expect(try set.renderText("worded", [:]) == "a\n  B\nC\nd\n")
        #expect(try set.renderText("plain", [:]) == "a\n  BC\nd\n")
    }

    @Test func namesWhatATemplateIncludes() throws {
        let source = "{{>a}}{{#x}}{{>b}}{{/x}}{{<c}}{{$d}}{{>e}}{{/d}}{{/c}}{{$f}}{{>g}}{{/f}}"
        #expect(try Template(parsing: source, named: "page").inclusions == ["a", "b", "c", "e", "g"])
    }
}
