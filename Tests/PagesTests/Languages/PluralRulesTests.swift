import Mustache
import Testing

@testable import Pages

@Suite("Sentences with numbers: CLDR plural rules")
struct PluralRulesTests {
    /// Samples as CLDR gives them, by form.
    struct Rule: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let samples: [PluralForm: [Int]]

        init(_ tag: String, _ samples: [PluralForm: [Int]]) { (testDescription, self.samples) = (tag, samples) }
    }

    @Test(arguments: [
        Rule("en", [.one: [1], .other: [0, 2, 11, 21, 100]]),
        Rule("de", [.one: [1], .other: [0, 2, 11, 21, 100]]),
        Rule("de-AT", [.one: [1], .other: [0, 2]]),
        Rule("tlh", [.one: [1], .other: [0, 2]]),
        Rule("ja", [.other: [0, 1, 2, 11]]),
        Rule("fr", [.one: [0, 1], .other: [2, 17, 100]]),
        Rule("pt-BR", [.one: [0, 1], .other: [2]]),
        Rule("pt-PT", [.one: [1], .other: [0, 2]]),
        Rule("ru", [.one: [1, 21, 101], .few: [2, 4, 22], .many: [0, 5, 11, 12, 14, 111, 112]]),
        Rule("hr", [.one: [1, 21], .few: [2, 4, 22], .other: [0, 5, 11, 12]]),
        Rule("pl", [.one: [1], .few: [2, 4, 22], .many: [0, 5, 11, 12, 21, 112]]),
        Rule("cs", [.one: [1], .few: [2, 4], .other: [0, 5, 22]]),
        Rule("sl", [.one: [1, 101], .two: [2, 102], .few: [3, 4, 103], .other: [0, 5, 11]]),
        Rule("lt", [.one: [1, 21], .few: [2, 9, 22], .other: [0, 10, 11, 19, 20]]),
        Rule("lv", [.zero: [0, 10, 11, 20], .one: [1, 21], .other: [2, 9, 22]]),
        Rule("ro", [.one: [1], .few: [0, 2, 19, 101, 119], .other: [20, 100]]),
        Rule("is", [.one: [1, 21], .other: [0, 11, 2]]),
        Rule("ga", [.one: [1], .two: [2], .few: [3, 6], .many: [7, 10], .other: [0, 11]]),
        Rule("he", [.one: [1], .two: [2], .other: [0, 3, 10]]),
        Rule("mt", [.one: [1], .two: [2], .few: [0, 3, 10, 103], .many: [11, 19, 111], .other: [20, 100]]),
        Rule(
            "ar", [.zero: [0], .one: [1], .two: [2], .few: [3, 10, 103], .many: [11, 99, 111], .other: [100, 102]]),
        Rule("cy", [.zero: [0], .one: [1], .two: [2], .few: [3], .many: [6], .other: [4, 5, 7]]),
    ])
    func countsAsItsSpeakersDo(_ rule: Rule) throws {
        let counts = PluralRules.rule(for: try #require(Language(rule.testDescription)))
        for (form, samples) in rule.samples {
            for sample in samples { #expect(counts(sample) == form, "\(sample)") }
        }
    }
}
