import Testing

@testable import Mustache
@testable import Pages

@Suite("Words: all of them in messages, and whole in every language")
struct WordsTests {
    static let folder = TemplateFolder(reading: ShownPage.folder)

    /// What is left of a template without what nobody reads: comments, tags of Mustache, markup but for the attributes that
    /// are shown or spoken.
    static func prose(of source: String) -> [String] {
        let plain = source.replacing(/\{\{[!][^}]*\}\}/, with: "").replacing(/\{\{[^}]*\}\}/, with: " ")
        let spoken = /(?:alt|title|placeholder|aria-[a-z]+|data-[a-z-]+|value|content|summary|label)="([^"]*)"/
        let technical =
            /aria-(?:labelledby|describedby|controls|live|hidden|current|invalid|atomic|expanded)="[^"]*"|content="width[^"]*"|content="light dark"|content="#[^"]*"|content="noindex"/
        let named = /value="[a-z-]*"|data-(?:message|copy|scope)="[a-zA-Z-]*"/
        var words: [String] = []
        for match in plain.replacing(technical, with: "").replacing(named, with: "").matches(of: spoken) {
            words.append(String(match.1))
        }
        let texts = plain.replacing(/(?s)<[^>]*>/, with: "\u{0}").split(separator: "\u{0}")
        return (words + texts.map(String.init)).map { $0.trimmingBlanks }.filter { $0.contains { $0.isLetter } }
    }

    @Test(arguments: folder.sources.keys.sorted())
    func noTemplateHasWordsOfItsOwn(_ name: String) throws {
        #expect(Self.prose(of: try #require(Self.folder.sources[name])) == [])
    }

    @Test(
        arguments: [
            ("<p>Hello</p>", ["Hello"]), ("<p>{{>text/a.b}} you</p>", ["you"]), ("<img alt=\"A bird\">", ["A bird"]),
            ("<a aria-label=\"Home\" href=\"/a\">{{x}}</a>", ["Home"]), ("{{#a}}Yes{{/a}}", ["Yes"]),
            ("Lone line\n", ["Lone line"]),
            ("<b data-done=\"Copied\"></b>", ["Copied"]), ("<input value=\"Send it\">", ["Send it"]),
            ("{{! A comment. }}<p id=\"a\" class=\"b\">{{a}}, {{b}}: 1.</p>", []), ("<input value=\"allow\">", []),
        ] as [(String, [String])])
    func wordsAreSeen(_ source: String, _ words: [String]) { #expect(Self.prose(of: source) == words) }

    @Test func everyLanguageNamesTheSameThings() {
        let english = Dictionary(
            uniqueKeysWithValues: Self.folder.messages.filter { $0.language == .english }.map { ($0.area, $0.texts) })
        let names = /\{\{[#^>]?([a-zA-Z\/.-]+)\}\}|(?:id|href|class|rel|target)="[^"]*"/
        for file in Self.folder.messages where file.language != .english {
            for (key, text) in file.texts {
                let ours = Set((english[file.area]?[key] ?? "").matches(of: names).map { String($0.0) })
                #expect(Set(text.matches(of: names).map { String($0.0) }) == ours, "\(file.file) \(key)")
            }
        }
    }

    @Test func messagesFitIntoAttributes() throws {
        // Those that stand in an attribute hold no quotation mark and no markup, in any language.
        let attribute = /="[^"]*\{\{>text\/([a-z-]+)\.([a-zA-Z0-9-]+)\}\}[^"]*"/
        var seen = 0
        let sources = Self.folder.sources.values.map(\.self) + Self.folder.messages.flatMap(\.texts.values)
        for source in sources {
            for match in source.matches(of: attribute) {
                for file in Self.folder.messages where file.area == match.1 {
                    let text = file.texts[String(match.2)] ?? ""
                    #expect(!text.contains("\"") && !text.contains("<"), "\(file.file) \(match.2)")
                    seen += 1
                }
            }
        }
        #expect(seen > 20)
    }

    @Test func germanIsSetAsGermanIs() {
        for file in Self.folder.messages where file.language.tag == "de" {
            for (key, text) in file.texts {
                let shown = text.replacing(/<[^>]*>|\{\{[^}]*\}\}/, with: "")
                #expect(!shown.contains("\"") && !shown.contains("“") || shown.contains("„"), "\(file.file) \(key)")
                #expect(!shown.contains("'") && !shown.contains("..."), "\(file.file) \(key)")
            }
        }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
