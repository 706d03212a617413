import Testing

@testable import Mustache
@testable import Pages

@Suite("Pages: no text becomes markup")
struct InjectionTests {
    static let examples = PageSet.pages.map { ShownPage("with everything", $0.example, ids: []) }

    @Test(arguments: examples)
    func escapesEveryTextField(_ shown: ShownPage) throws {
        let set = try ShownPage.set()
        let template = type(of: shown.page).template
        var fields = 0
        let poisoned = shown.page.value.replacingText {
            fields += 1; return "<script>\"'&\(fields);"
        }
        let plain = shown.page.value.replacingText { "x" }
        let html = String(decoding: try set.render(template, poisoned), as: UTF8.self)

        #expect(fields > 0)
        for field in 1...fields {
            #expect(!html.contains("<script>\"'&\(field);"))
            let escaped = html.contains("&lt;script&gt;&quot;&#39;&amp;\(field);")
            #expect(escaped, "field \(field) is not shown, or not escaped as expected")
        }
        let neutral = Markup(String(decoding: try set.render(template, plain), as: UTF8.self))
        #expect(Markup(html).skeleton == neutral.skeleton)
    }

    @Test(arguments: ShownPage.all)
    func holdsNoInlineScriptOrStyleAndNothingFromElsewhere(_ shown: ShownPage) throws {
        let html = try shown.html()
        for element in Markup(html).elements {
            #expect(element.name != "style" && element.name != "base" && element.name != "iframe")
            #expect(element.attributes["style"] == nil)
            #expect(!element.attributes.keys.contains { $0.hasPrefix("on") })
            if element.name == "script" {
                // But for the widget of a challenge, whose page allows that origin and no other.
                let isOurs = element.attributes["src"]?.hasPrefix("/static/") == true
                #expect(isOurs || element.attributes["src"] == shown.widget)
                #expect(element.text.isEmpty)
            }
            if element.name == "link" { #expect(element.attributes["href"]?.hasPrefix("/static/") == true) }
        }
        #expect(!html.lowercased().contains("javascript:"))
        #expect(html.matches(of: /<script/).count == Markup(html).all("script").count)
    }

    @Test func noTemplateWritesUnescapedText() {
        for (name, source) in TemplateFolder(reading: ShownPage.folder).sources {
            #expect(!source.contains("{{{") && !source.contains("{{&"), "\(name)")
            #expect(source.matches(of: /=\s*\{\{/).isEmpty, "\(name): an attribute value without quotes")
        }
    }

    @Test(arguments: [
        "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)",
        "\u{1}javascript:alert(1)", "data:text/html,x", "vbscript:x", "blob:x", "file:///etc/passwd", "about:blank",
        "no-scheme", "", ":", "\u{E}x\u{E}:y", "1.2:x", "com.example\u{A0}:x",
    ])
    func linksNowhereButToSafeAddresses(_ address: String) {
        #expect(MustacheValue.link(address) == "#")
    }

    @Test(arguments: [
        "https://a.example/cb?x=1#f", "HTTP://127.0.0.1:9/cb", "/interaction/1", "?a=b", "#top", "com.example.app:/cb",
    ])
    func keepsSafeAddresses(_ address: String) {
        #expect(MustacheValue.link(address) == .string(address))
    }

    @Test func hostileReturnAddressIsNotALink() throws {
        let hostile = ShownPage("hostile", SignedOutPage(returnURL: "javascript:alert(1)"), ids: [])
        #expect(Markup(try hostile.html())["continue"]?.attributes["href"] == "#")
        let honest = ShownPage("honest", SignedOutPage(returnURL: "https://a.example/?a=1&b=2"), ids: [])
        #expect(Markup(try honest.html())["continue"]?.attributes["href"] == "https://a.example/?a=1&amp;b=2")
    }
}

extension MustacheValue {
    /// The same shape with every text replaced, in the order of the keys.
    func replacingText(_ replacement: () -> String) -> MustacheValue {
        switch self {
        case .string: .string(replacement())
        case .list(let elements): .list(elements.map { $0.replacingText(replacement) })
        case .object(let members):
            .object(
                Dictionary(
                    uniqueKeysWithValues: members.sorted { $0.key < $1.key }.map {
                        ($0.key, $0.value.replacingText(replacement))
                    }
                )
            )
        case .null, .bool, .integer, .count, .decimal: self
        }
    }
}
