import Testing

@testable import Mustache
@testable import Pages

@Suite("Pages: advice on passwords")
struct PasswordAdviceTests {
    /// A page with nothing but the partial.
    private struct AdvicePage: Page {
        static let template = "advice"
        let advice: PasswordAdvice

        var value: MustacheValue { ["advice": advice.value] }
        static var example: AdvicePage { AdvicePage(advice: .example) }
    }

    private func markup(_ messages: Set<PasswordAdvice.Message>) throws -> Markup {
        var folder = TemplateFolder(reading: ShownPage.folder)
        folder.sources["advice"] = "{{#advice}}{{>partials/password-advice}}{{/advice}}"
        let set = try PageSet(folder, pages: PageSet.pages + [AdvicePage.self])
        let advice = PasswordAdvice(minimumLength: 15, messages: messages, address: "/password-strength", token: "t")
        return Markup(String(decoding: try set.render(AdvicePage(advice: advice)), as: UTF8.self))
    }

    @Test func everyMessageHasItsTextAndIsHiddenUntilItCounts() throws {
        for message in PasswordAdvice.Message.allCases {
            let texts = try markup([message]).elements.filter { $0.attributes["data-message"] != nil }
            #expect(texts.count == PasswordAdvice.Message.allCases.count + 1)
            let shown = texts.filter { $0.attributes["hidden"] == nil }
            #expect(shown.map { $0.attributes["data-message"] } == [message.rawValue])
            #expect(shown.first?.text.isEmpty == false)
        }
        #expect(
            try markup([]).elements.allSatisfy {
                $0.attributes["data-message"] == nil || $0.attributes["hidden"] != nil
            })
    }

    @Test func theScriptFindsWhereToAsk() throws {
        let advice = try #require(try markup([])["password-advice"])
        #expect(advice.attributes["data-address"] == "/password-strength" && advice.attributes["data-token"] == "t")
        #expect(advice.attributes["data-second-factor"] == nil)
    }
}
